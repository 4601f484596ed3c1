"""The index: from a vault, or from what it lies in, to exactly the servers that use it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.outside import Outside, parse_outside
from shared.state import FacetKind
from shared.usage import enlist, servers_using, unlist, uses_of
from tests.builders import a_server, a_state, a_target
from tests.fakes.clock import FakeClock
from tests.fakes.store import MemoryStore
from tests.shared.test_outside import GROUP, KV, MANAGEMENT_GROUP, PLACE, ROLE

ONE, OTHER = a_target("pg-one"), a_target("pg-other")
KEY = f"{KV}/keys/postgres".lower()
IDENTITY = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id"


def at(resource: str) -> Outside:
    where = parse_outside(resource)
    assert where is not None
    return where


async def found(store: MemoryStore, resource: str) -> list[str]:
    return [target.name for target in await servers_using(store, at(resource))]


@pytest.fixture
async def store() -> MemoryStore:
    store = MemoryStore(FakeClock())
    await enlist(store, ONE, [KEY, IDENTITY.lower()])
    await enlist(store, OTHER, [KEY.replace("rg-keys", "rg-keys2")])
    return store


@pytest.mark.parametrize(
    ("resource", "names"),
    [
        (KEY, ["pg-one"]),
        (KV, ["pg-one"]),
        (f"{KV}2", []),
        (f"{KV}/keys/postgres2", []),
        (IDENTITY, ["pg-one"]),
        (f"{GROUP}/{ROLE}", ["pg-one"]),
        (f"{PLACE}/{ROLE}", ["pg-one", "pg-other"]),
        (f"{MANAGEMENT_GROUP}/{ROLE}", ["pg-one", "pg-other"]),
        (f"/{ROLE}", ["pg-one", "pg-other"]),
        (KV.replace("1111-4111", "1111-4112"), []),
    ],
)
async def test_who_uses_something_is_found_from_it_and_from_what_it_lies_in(
    store: MemoryStore, resource: str, names: list[str]
) -> None:
    assert await found(store, resource) == names


async def test_to_be_enlisted_twice_changes_nothing(store: MemoryStore) -> None:
    await enlist(store, ONE, [KEY])
    assert await found(store, KV) == ["pg-one"]


async def test_who_uses_it_no_more_is_found_no_more_and_others_still_are(store: MemoryStore) -> None:
    await enlist(store, OTHER, [KEY])
    await unlist(store, ONE, [KEY])
    assert await found(store, KV) == ["pg-other"]
    assert await found(store, IDENTITY) == ["pg-one"]


async def test_nothing_is_found_in_an_index_that_was_never_written() -> None:
    assert await found(MemoryStore(FakeClock()), KV) == []


_NAMES = st.from_regex(r"[\w.()@ -]{1,90}", fullmatch=True).filter(lambda name: name not in {".", ".."})


@given(group=_NAMES, name=_NAMES)
async def test_whatever_azure_lets_a_name_be_it_is_found_from_its_group(group: str, name: str) -> None:
    identity = f"{PLACE}/resourceGroups/{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{name}"
    store = MemoryStore(FakeClock())
    await enlist(store, ONE, [identity.lower()])
    for resource in (identity, f"{PLACE}/resourceGroups/{group}/{ROLE}"):
        assert await found(store, resource) == ["pg-one"]


# What a server uses


def used(facts: dict[str, str] | None = None, **children: Any) -> dict[str, tuple[str, ...]]:
    around = {FacetKind[name]: things for name, things in children.items()}
    return uses_of(a_state(server=a_server(facts=facts or {}), children=around))


def test_its_identities_and_its_subnet_are_in_the_server() -> None:
    subnet = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet/subnets/data"
    facts = {
        "identity.userAssignedIdentities": json.dumps([IDENTITY]),
        "dataEncryption.primaryUserAssignedIdentityId": IDENTITY,
        "network.delegatedSubnetResourceId": subnet,
    }
    assert used(facts) == {"server": (IDENTITY.lower(), subnet.lower())}


def test_its_key_is_named_once_it_is_known_where_the_vault_is() -> None:
    facts = {"dataEncryption.primaryKeyURI": "https://kv-payments.vault.azure.net/keys/Postgres/0123"}
    assert used(facts) == {"server": ()}
    assert used(facts, VAULTS={KV: {}})["vaults"] == (KEY,)
    assert used(facts, VAULTS={f"{KV}-of-others": {}})["vaults"] == ()


def test_a_single_servers_key_is_a_resource_of_its_own() -> None:
    key = {"uri": "https://kv-payments.vault.azure.net/keys/postgres/0123"}
    assert used(SERVER_KEYS={"kv_postgres": key}, VAULTS={KV: {}})["vaults"] == (KEY,)


def test_others_are_named_by_what_hangs_on_the_server() -> None:
    network = f"{GROUP}/providers/Microsoft.Network"
    bin_ = f"{GROUP}/providers/Microsoft.DataProtection/backupVaults/bv"
    found = used(
        PRIVATE_ENDPOINTS={"pe": {"privateEndpoint.id": f"{network}/privateEndpoints/pe"}, "bare": {}},
        ENDPOINTS={f"{network}/privateEndpoints/pe": {"subnet.id": f"{network}/virtualNetworks/v/subnets/s"}},
        SUBNETS={"s": {"networkSecurityGroup.id": f"{network}/networkSecurityGroups/nsg"}},
        DIAGNOSTIC_SETTINGS={"logs": {"workspaceId": f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/w"}},
        BACKUP_INSTANCES={f"{bin_}/backupInstances/pg": {}},
    )
    names = {facet: tuple(one.rpartition("/")[2] for one in ids) for facet, ids in found.items()}
    assert names == {
        "server": (),
        "privateEndpointConnections": ("pe",),
        "privateEndpoints": ("s",),
        "subnets": ("nsg",),
        "diagnosticSettings": ("w",),
        "backupInstances": ("bv",),
    }
