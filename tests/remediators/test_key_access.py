"""The right to the key: by a role or by an access policy, given back where it was, and never more than it takes."""

import json
from dataclasses import replace

import pytest

from shared.control import Drift, LastGood, NotApplicable, Source
from shared.plan import make_plan
from shared.state import FacetKind, Setting, State
from shared.target import Kind
from tests.good import GEO_IDENTITY, KEY, KEY_IDENTITY, SINGLE_KEY
from tests.good_neighbours import CRYPTO, PARTNER, PRINCIPAL, VAULT
from tests.remediators.judging import drifts_of, finding_of, judge_of
from tests.remediators.outside import Around, with_around

ID = "cmk-identity-access"
RIGHTS, POLICIES = FacetKind.VAULT_RIGHTS, FacetKind.VAULT_POLICIES
SUBSCRIPTION = "/".join(VAULT.split("/")[:3])
GROUP = VAULT.partition("/providers/")[0]
FACTS = {
    "dataEncryption.primaryKeyURI": KEY,
    "dataEncryption.primaryUserAssignedIdentityId": KEY_IDENTITY,
    f"identity.userAssignedIdentities.{KEY_IDENTITY}.principalId": PRINCIPAL,
}
MODEL = Setting.outside(FacetKind.VAULTS, VAULT, "enableRbacAuthorization")
ENTRY = Setting.outside(POLICIES, f"{VAULT}/accessPolicies/{PRINCIPAL}")
NEEDED = ["get", "list", "unwrapKey", "wrapKey"]

type Things = dict[str, dict[str, str]]


def role(scope: str = VAULT, definition: str = CRYPTO, principal: str = PRINCIPAL) -> Things:
    name = f"{scope}/providers/Microsoft.Authorization/roleAssignments/a"
    return {name: {"principalId": principal, "principalType": "ServicePrincipal", "roleDefinitionId": definition}}


def policy(*permissions: str, principal: str = PRINCIPAL) -> Things:
    entry = {"objectId": principal, "tenantId": PARTNER, "permissions.keys": json.dumps(permissions)}
    return {f"{VAULT}/accessPolicies/{principal}": entry}


def encrypted(rights: Things | None = None, policies: Things | None = None, *, by_roles: bool = True) -> State:
    vault = {"tenantId": PARTNER} | ({"enableRbacAuthorization": "true"} if by_roles else {})
    return with_around({FacetKind.VAULTS: {VAULT: vault}, RIGHTS: rights or {}, POLICIES: policies or {}}, facts=FACTS)


def after(good: State, found: State) -> tuple[Drift, LastGood, State]:
    """What is found once the server was good and somebody has changed it; and what is remembered."""
    last_good = LastGood(values=good.settings(), seen=good.facets())
    state = replace(found, recalled=good.settings())
    (drift,) = drifts_of(ID, state)
    return drift, last_good, state


# Roles


@pytest.mark.parametrize("scope", [VAULT, f"{VAULT}/keys/servers", GROUP, SUBSCRIPTION, "", VAULT.upper()])
def test_a_role_at_the_key_at_its_vault_or_above_will_do(scope: str) -> None:
    assert drifts_of(ID, encrypted(role(scope))) == ()


@pytest.mark.parametrize(
    "rights",
    [
        {},
        role(definition=f"{CRYPTO}0"),
        role(principal="somebody"),
        role(f"{VAULT}2"),
        role(f"{VAULT}/keys/servers2"),
    ],
    ids=["none", "another role", "somebody else", "another vault", "another key"],
)
def test_a_server_that_may_not_use_its_key_gets_the_role_at_its_vault(rights: Things) -> None:
    (drift,) = drifts_of(ID, encrypted(rights))
    assert drift.setting.neighbour[1].startswith(f"{VAULT}/providers/Microsoft.Authorization/roleAssignments/")
    assert drift.wanted == {"principalId": PRINCIPAL, "principalType": "ServicePrincipal", "roleDefinitionId": CRYPTO}


def test_the_new_assignment_has_the_same_name_every_time() -> None:
    assert drifts_of(ID, encrypted()) == drifts_of(ID, encrypted())


@pytest.mark.parametrize("scope", [VAULT, f"{VAULT}/keys/servers"])
def test_the_assignment_that_was_there_comes_back_where_it_was(scope: str) -> None:
    drift, last_good, state = after(encrypted(role(scope)), encrypted())
    (change,) = make_plan(state, [judge_of(ID, state)], last_good).changes
    assert (change.setting, change.source) == (drift.setting, Source.LAST_GOOD)
    assert change.setting.neighbour[1] == next(iter(role(scope)))


@pytest.mark.parametrize("scope", [GROUP, SUBSCRIPTION])
def test_a_role_that_was_given_above_comes_back_at_the_vault_alone_and_as_a_fresh_change(scope: str) -> None:
    drift, last_good, _ = after(encrypted(role(scope)), encrypted())
    assert drift.setting.neighbour[1].startswith(VAULT)
    assert any(last_good.changed_since(one, None) for one in drift.settings)


def test_a_custom_role_counts_where_the_policy_names_it() -> None:
    custom = "ABCDEF01-0000-4000-8000-000000000001"
    state = encrypted(role(definition=f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{custom}"))
    assert drifts_of(ID, state)
    assert drifts_of(ID, state, more_roles=[custom]) == ()


# Access policies


@pytest.mark.parametrize("permissions", [NEEDED, ["Get", "WRAPKEY", "unwrapkey"], ["all"], [*NEEDED, "sign"]])
def test_an_access_policy_with_what_it_takes_will_do(permissions: list[str]) -> None:
    assert drifts_of(ID, encrypted(policies=policy(*permissions), by_roles=False)) == ()


@pytest.mark.parametrize(
    ("policies", "wanted"),
    [
        ({}, NEEDED),
        (policy(), NEEDED),
        (policy("get", "sign"), ["get", "sign", "unwrapKey", "wrapKey"]),
        (policy(*NEEDED, principal="somebody"), NEEDED),
    ],
    ids=["none", "empty", "a part", "somebody else's"],
)
def test_what_is_missing_is_added_to_the_servers_own_entry_and_nothing_is_taken(
    policies: Things, wanted: list[str]
) -> None:
    state = encrypted(policies=policies, by_roles=False)
    (change,) = make_plan(state, [judge_of(ID, state)], LastGood()).changes
    assert change.setting == ENTRY
    assert isinstance(change.after, dict)
    assert change.after == {"objectId": PRINCIPAL, "tenantId": PARTNER, "permissions.keys": json.dumps(wanted)}


def test_the_entry_that_was_there_comes_back_as_it_was() -> None:
    good = encrypted(policies=policy(*NEEDED, "rotate"), by_roles=False)
    _, last_good, state = after(good, encrypted(by_roles=False))
    (change,) = make_plan(state, [judge_of(ID, state)], last_good).changes
    assert (change.after, change.source) == (good.value(ENTRY), Source.LAST_GOOD)


# From one model to the other


@pytest.mark.parametrize("to_roles", [True, False])
def test_who_changes_the_model_takes_the_right_and_it_is_given_in_the_new_one(to_roles: bool) -> None:
    good = encrypted(role(), by_roles=True) if not to_roles else encrypted(policies=policy(*NEEDED), by_roles=False)
    found = encrypted(role() if not to_roles else {}, policy(*NEEDED) if to_roles else {}, by_roles=to_roles)
    drift, last_good, state = after(good, found)
    assert drift.setting.facet.kind is (RIGHTS if to_roles else POLICIES)
    assert MODEL in drift.settings
    assert last_good.changed_since(MODEL, state.value(MODEL))
    assert make_plan(state, [judge_of(ID, state)], last_good).changes


# Who is who


def test_an_identity_that_is_gone_is_a_persons_to_make() -> None:
    state = encrypted(role())
    assert state.server is not None
    facts = {name: text for name, text in state.server.facts.items() if not name.endswith("principalId")}
    (drift,) = drifts_of(ID, replace(state, server=replace(state.server, facts=facts)))
    assert "the identity keys does not exist any more" in drift.person
    assert "az identity create" in drift.person


def test_each_key_is_reached_as_its_own_identity() -> None:
    geo = {
        "dataEncryption.geoBackupKeyURI": KEY,
        "dataEncryption.geoBackupUserAssignedIdentityId": GEO_IDENTITY,
        f"identity.userAssignedIdentities.{GEO_IDENTITY}.principalId": "the-other",
    }
    state = encrypted(role())
    assert state.server is not None
    both = replace(state, server=replace(state.server, facts=FACTS | geo))
    (drift,) = drifts_of(ID, both)
    assert isinstance(drift.wanted, dict)
    assert drift.wanted["principalId"] == "the-other"


def test_a_single_server_reaches_its_key_as_itself() -> None:
    around: Around = {
        FacetKind.VAULTS: {VAULT: {}},
        RIGHTS: {},
        POLICIES: policy(*NEEDED),
        FacetKind.SERVER_KEYS: {"key": {"serverKeyType": "AzureKeyVault", "uri": SINGLE_KEY}},
    }
    facts = {"identity.principalId": PRINCIPAL}
    assert drifts_of(ID, with_around(around, Kind.SINGLE, facts)) == ()
    assert drifts_of(ID, with_around({**around, POLICIES: {}}, Kind.SINGLE, facts))


def test_two_keys_of_one_vault_are_one_finding() -> None:
    state = encrypted()
    assert state.server is not None
    both = FACTS | {
        "dataEncryption.geoBackupKeyURI": f"{KEY}-geo",
        "dataEncryption.geoBackupUserAssignedIdentityId": KEY_IDENTITY,
    }
    assert len(drifts_of(ID, replace(state, server=replace(state.server, facts=both)))) == 1


def test_a_server_without_a_key_of_its_owners_is_none_of_its_business() -> None:
    state = with_around({FacetKind.VAULTS: {}, RIGHTS: {}, POLICIES: {}})
    assert isinstance(finding_of(ID, state), NotApplicable)
