"""What an ARM id outside servers leads to: the thing that servers use, or what it lies in."""

import pytest

from shared.errors import MalformedEvent
from shared.outside import IDENTITY, KEY, SUBNET, USED, VAULT, Outside, parse_outside
from tests.builders import SUBSCRIPTION

PLACE = f"/subscriptions/{SUBSCRIPTION}"
GROUP = f"{PLACE}/resourceGroups/rg-keys"
KV = f"{GROUP}/providers/Microsoft.KeyVault/vaults/KV-Payments"
NETWORK = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet"
ROLE = "providers/Microsoft.Authorization/roleAssignments/f0000000-0000-4000-8000-000000000001"
LOCK = "providers/Microsoft.Authorization/locks/keep (prod)"
MANAGEMENT_GROUP = "/providers/Microsoft.Management/managementGroups/mg-prod"


@pytest.mark.parametrize(
    ("resource", "scope", "kind"),
    [
        (KV, KV, VAULT),
        (f"{KV}/", KV, VAULT),
        (f"{KV}/accessPolicies/add", KV, VAULT),
        (f"{KV}/secrets/password", KV, VAULT),
        (f"{KV}/keys/postgres", f"{KV}/keys/postgres", KEY),
        (f"{KV}/keys/postgres/versions/0123", f"{KV}/keys/postgres", KEY),
        (f"{KV}/{ROLE}", KV, VAULT),
        (f"{KV}/{LOCK}", KV, VAULT),
        (f"{KV}/keys/postgres/{ROLE}", f"{KV}/keys/postgres", KEY),
        (f"{NETWORK}/subnets/data", f"{NETWORK}/subnets/data", SUBNET),
        (NETWORK, NETWORK, "microsoft.network/virtualnetworks"),
        (f"{GROUP}/{ROLE}", GROUP, ""),
        (f"{GROUP}/{LOCK}", GROUP, ""),
        (f"{PLACE}/{ROLE}", PLACE, ""),
        (f"{MANAGEMENT_GROUP}/{ROLE}", MANAGEMENT_GROUP, ""),
        (f"/{ROLE}", "", ""),
    ],
)
def test_it_leads_to_what_servers_use_or_to_what_that_lies_in(resource: str, scope: str, kind: str) -> None:
    assert parse_outside(resource) == Outside(scope.lower(), kind)
    assert parse_outside(resource.upper()) == Outside(scope.lower(), kind)


@pytest.mark.parametrize(
    "resource",
    [
        "",
        "anything",
        PLACE,
        GROUP,
        f"{PLACE}/providers/Microsoft.Insights/diagnosticSettings/export",
        f"{GROUP}/providers/Microsoft.Compute/virtualMachines/vm/{ROLE}",
        f"{GROUP}/providers/Microsoft.KeyVault/managedHSMs/hsm",
        f"{GROUP}/providers/Microsoft.KeyVault",
        f"{KV}/providers/Microsoft.Insights/eventtypes/management/{ROLE}",
        f"{KV}/{ROLE}/more",
    ],
)
def test_what_no_server_uses_leads_nowhere(resource: str) -> None:
    assert parse_outside(resource) is None


@pytest.mark.parametrize(
    "resource",
    [
        KV.replace(SUBSCRIPTION, "prod"),
        KV.replace("rg-keys", ".."),
        KV.replace("rg-keys", "rg?x=1"),
        f"{KV}/keys/a'b",
        f"{KV}/keys/{'k' * 2048}",
        f"{GROUP}/more/providers/Microsoft.KeyVault/vaults/kv",
        f"{GROUP}/providers/Microsoft.KeyVault/vaults/kv/keys",
    ],
)
def test_an_id_that_cannot_be_real_is_malformed(resource: str) -> None:
    with pytest.raises(MalformedEvent, match="not an ARM resource id"):
        parse_outside(resource)


@pytest.mark.parametrize(
    ("where", "kind", "bears"),
    [(VAULT, VAULT, True), (KEY, VAULT, True), ("", VAULT, True), (IDENTITY, VAULT, False), ("", IDENTITY, True)],
)
def test_what_is_attached_counts_there_and_below(where: str, kind: str, bears: bool) -> None:
    assert Outside("/x", where).bears_on(kind) is bears


def test_every_used_type_is_found_again() -> None:
    for kind in USED:
        provider, *types = kind.split("/")
        path = f"{GROUP}/providers/{provider}/{'/'.join(f'{one}/name' for one in types)}"
        assert parse_outside(path) == Outside(path.lower(), kind)
