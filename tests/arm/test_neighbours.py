"""What stands outside a server: found from what the server says, read with few calls, written with care."""

from pathlib import Path

import pytest

from shared.arm.azure import AzureArm
from shared.arm.client import ArmClient
from shared.arm.flatten import flattened
from shared.arm.neighbours import needed, neighbour_call, read_call_of, read_calls
from shared.arm.places import PLACES, vault_query
from shared.control import Change, Source
from shared.encryption import KeyAddress, key_addresses
from shared.errors import Forbidden, Rejected
from shared.state import NEIGHBOURS, Facet, FacetKind, Setting, State, Value
from shared.target import Kind
from tests.arm.azure_side import AzureSide
from tests.arm.conftest import LEDGER, PRODUCTION
from tests.arm.test_contract import exchanged, judged
from tests.builders import a_server, a_target

PLATFORM = f"/subscriptions/{PRODUCTION}/resourceGroups/rg-platform/providers"
VAULT = f"{PLATFORM}/Microsoft.KeyVault/vaults/kv-contoso-pg"
WORKSPACE = f"{PLATFORM}/Microsoft.OperationalInsights/workspaces/log-contoso"
SUBNET = f"{PLATFORM}/Microsoft.Network/virtualNetworks/vnet-data/subnets/snet-endpoints"
PLAN = f"/subscriptions/{PRODUCTION}/providers/Microsoft.Security/pricings/OpenSourceRelationalDatabases"
CONTACT = f"/subscriptions/{PRODUCTION}/providers/Microsoft.Security/securityContacts/default"
CORRELATION = "00000000-0000-4000-8000-000000000002"


def change(facet: FacetKind, resource: str, member: str, after: Value, before: Value = None) -> Change:
    return Change(Setting.outside(facet, resource, member), before, after, Source.POLICY)


def encrypted_by(uri: str) -> State:
    return State(a_target(), server=a_server(facts={"dataEncryption.primaryKeyURI": uri}))


# Where they are


def test_the_vault_is_found_by_the_name_in_the_keys_address() -> None:
    state = encrypted_by("https://KV-Payments.vault.azure.net/keys/postgres/0123abcd")
    assert key_addresses(state) == [KeyAddress("kv-payments", "postgres", "0123abcd")]
    assert "name in~ ('kv-payments')" in vault_query(state)


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "http://kv.vault.azure.net/keys/a",
        "https://kv'; drop.vault.azure.net/keys/a",
        "https://kv/keys/a",
        "https://x.vault.azure.net/secrets/a",
        "https://hsm.managedhsm.azure.net/keys/a",
        "https://kv_a.vault.azure.net/keys/a",
    ],
)
def test_what_is_no_address_of_a_key_leads_nowhere(uri: str) -> None:
    assert key_addresses(encrypted_by(uri)) == []
    assert vault_query(encrypted_by(uri)) == ""


def test_a_path_that_could_not_be_an_id_is_never_asked_for() -> None:
    state = State(a_target(), server=a_server(facts={"network.delegatedSubnetResourceId": "/a/b?x=1#/../c"}))
    assert read_calls(FacetKind.SUBNETS, state) == []


def test_what_has_to_be_read_before_comes_along_and_nothing_else() -> None:
    assert needed(Kind.FLEXIBLE, [FacetKind.VAULT_LOCKS]) == {FacetKind.SERVER, FacetKind.VAULTS, FacetKind.VAULT_LOCKS}
    assert FacetKind.SERVER_KEYS in needed(Kind.SINGLE, [FacetKind.VAULT_LOCKS])
    assert needed(Kind.CITUS, [FacetKind.PLANS]) == {FacetKind.PLANS}


def test_every_neighbour_has_its_place() -> None:
    assert PLACES.keys() == NEIGHBOURS


# Reading


async def test_the_vault_its_key_and_its_lock_are_seen_in_five_calls(arm: AzureArm, side: AzureSide) -> None:
    facets = {FacetKind.VAULTS, FacetKind.VAULT_KEYS, FacetKind.VAULT_LOCKS}
    state = await arm.observe(LEDGER, set(map(Facet, facets)))
    assert state.children[FacetKind.VAULTS][VAULT]["enablePurgeProtection"] == "true"
    assert state.children[FacetKind.VAULT_KEYS][f"{VAULT}/keys/postgres"]["kty"] == "RSA-HSM"
    assert [lock["level"] for lock in state.children[FacetKind.VAULT_LOCKS].values()] == ["CanNotDelete"]
    assert len(await side.calls()) == 5


async def test_one_that_we_may_not_see_hides_no_other(arm: AzureArm, side: AzureSide) -> None:
    await side.fault("kv-contoso-pg/keys", status=403)
    state = await arm.observe(LEDGER, {Facet(FacetKind.VAULT_KEYS), Facet(FacetKind.PLANS)})
    assert state.children[FacetKind.PLANS] == {PLAN: {"pricingTier": "Standard"}}
    assert FacetKind.VAULT_KEYS not in state.children
    assert isinstance(state.unread[Facet(FacetKind.VAULT_KEYS)], Forbidden)


async def test_a_vault_that_is_not_shown_is_never_taken_for_none(arm: AzureArm, side: AzureSide) -> None:
    await side.act("ada", "DELETE", f"{VAULT}/providers/Microsoft.Authorization/locks/keep", version="2020-05-01")
    assert await side.act("ada", "DELETE", VAULT, version="2023-07-01") == 200
    state = await arm.observe(LEDGER, set(map(Facet, (FacetKind.VAULTS, FacetKind.VAULT_LOCKS, FacetKind.PLANS))))
    assert state.children.keys() & NEIGHBOURS == {FacetKind.PLANS}
    assert state.unread.keys() == {Facet(FacetKind.VAULTS), Facet(FacetKind.VAULT_LOCKS)}
    (reason,) = set(map(str, state.unread.values()))
    assert reason.startswith(
        "Microsoft.KeyVault/vaults/read is missing on key vault kv-contoso-pg, or there is no such"
    )


# Writing

LOCK = f"{VAULT}/providers/Microsoft.Authorization/locks/holdfast"
AUDIT = f"{VAULT}/providers/Microsoft.Insights/diagnosticSettings/holdfast"
WRITES = [
    change(FacetKind.VAULTS, VAULT, "networkAcls.bypass", "None"),
    change(FacetKind.VAULTS, VAULT, "enableRbacAuthorization", "false"),
    change(FacetKind.VAULT_LOCKS, LOCK, "", {"level": "CanNotDelete", "notes": "kept"}),
    change(
        FacetKind.VAULT_DIAGNOSTICS,
        AUDIT,
        "",
        {"workspaceId": WORKSPACE, "logs": '[{"categoryGroup": "audit", "enabled": true}]'},
    ),
    change(FacetKind.PLANS, PLAN, "pricingTier", "Free"),
    change(FacetKind.CONTACTS, CONTACT, "emails", "oncall@contoso.example"),
    change(FacetKind.WORKSPACES, WORKSPACE, "features.enableLogAccessUsingOnlyResourcePermissions", "true"),
    change(FacetKind.WORKSPACE_TABLES, f"{WORKSPACE}/tables/AzureDiagnostics", "retentionInDays", "400"),
    change(FacetKind.SUBNETS, SUBNET, "privateEndpointNetworkPolicies", "Disabled"),
]


def _name(one: Change) -> str:
    return "-".join(filter(None, one.setting.neighbour[::2]))


# What Azure changes by itself when such a resource is written.
_RESTLESS = {"provisioningState", "modifiedDate", "createdDate", "enablementTime", "freeTrialRemainingTime"}
_FOLLOWS = {"retentionInDaysAsDefault", "totalRetentionInDays"}


async def shown(client: ArmClient, one: Change) -> dict[str, str]:
    """The resource as Azure shows it."""
    texts = flattened((await client.send(read_call_of(one))).body["properties"])
    return {name: text for name, text in texts.items() if name not in _RESTLESS | _FOLLOWS}


@pytest.mark.parametrize("wanted", [one for one in WRITES if one.setting.neighbour[2]], ids=_name)
async def test_a_property_is_written_and_the_rest_stays(arm: AzureArm, client: ArmClient, wanted: Change) -> None:
    before = await shown(client, wanted)
    await arm.write(LEDGER, (wanted,), CORRELATION)
    assert await shown(client, wanted) == before | {wanted.setting.neighbour[2]: wanted.after}


@pytest.mark.parametrize("wanted", [one for one in WRITES if not one.setting.neighbour[2]], ids=_name)
async def test_what_is_made_is_seen_under_its_own_name(arm: AzureArm, wanted: Change) -> None:
    await arm.write(LEDGER, (wanted,), CORRELATION)
    assert (await arm.observe(LEDGER, {wanted.setting.facet})).value(wanted.setting) == wanted.after


async def test_a_lock_that_was_made_is_taken_away_again(arm: AzureArm) -> None:
    lock = WRITES[2]
    await arm.write(LEDGER, (lock,), CORRELATION)
    await arm.write(LEDGER, (lock.undo(),), CORRELATION)
    assert (await arm.observe(LEDGER, {lock.setting.facet})).value(lock.setting) is None


async def test_under_a_lock_nothing_is_taken_away_and_the_lock_is_named(arm: AzureArm) -> None:
    audit = WRITES[3]
    await arm.write(LEDGER, (audit,), CORRELATION)
    with pytest.raises(Rejected, match="ScopeLocked"):
        await arm.write(LEDGER, (audit.undo(),), CORRELATION)


async def test_two_properties_of_one_vault_are_one_request(arm: AzureArm, side: AzureSide) -> None:
    (group,) = arm.requests(LEDGER, WRITES[:2])
    await arm.write(LEDGER, group, CORRELATION)
    assert [call.rsplit("/", 1)[-1] for call in await side.calls()] == ["read", "write"]
    assert len(arm.requests(LEDGER, WRITES)) == len(WRITES) - 1


@pytest.mark.parametrize("wanted", WRITES, ids=_name)
async def test_what_is_written_keeps_microsofts_definitions(logged: tuple[AzureArm, Path], wanted: Change) -> None:
    arm, log = logged
    await arm.write(LEDGER, (wanted,), CORRELATION)
    assert exchanged(log)[-1]["status"] in (200, 201, 202)
    assert [faults for _, faults in judged(exchanged(log)) if faults] == []


def test_a_property_that_was_not_there_is_left_out_and_its_neighbours_are_sent() -> None:
    found = {"properties": {"networkAcls": {"bypass": "None", "defaultAction": "Deny"}, "sku": {"name": "premium"}}}
    call = neighbour_call([change(FacetKind.VAULTS, VAULT, "networkAcls.bypass", None)], found, CORRELATION)
    assert (call.method, call.body) == ("PATCH", {"properties": {"networkAcls": {"defaultAction": "Deny"}}})
    assert found["properties"]["networkAcls"]["bypass"] == "None"
