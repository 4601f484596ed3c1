"""deployment-region-allowed, cmk-encryption-type and the other facts that a server is created with."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediators.server_facts import ROWS
from shared.control import Finding, NotApplicable
from shared.target import Kind
from tests.builders import CATALOGUE, a_server, a_state, a_target, the_drift
from tests.policy.files import errors_of

SUBNET = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v/subnets/pg"


def judged(control: str, facts: dict[str, str], kind: Kind = Kind.FLEXIBLE, **wish: Any) -> Finding:
    remediator = CATALOGUE[control].on(kind)
    state = a_state(a_target(kind=kind), server=a_server(facts=facts))
    return remediator.detect(state, remediator.control.parameters.model_validate(wish))


@pytest.mark.parametrize("location", ["westeurope", "West Europe", "WESTEUROPE"])
@pytest.mark.parametrize("allowed", ["westeurope", "West Europe"])
def test_a_region_is_known_however_azure_or_the_policy_writes_it(location: str, allowed: str) -> None:
    assert judged("deployment-region-allowed", {"location": location}, regions=[allowed]) == ()


@given(st.sampled_from(["East US", "eastus2", "west", "europe"]), st.sampled_from(Kind))
def test_a_server_in_another_region_drifts_and_names_the_way_out(location: str, kind: Kind) -> None:
    found = the_drift(judged("deployment-region-allowed", {"location": location}, kind, regions=["westeurope"]))
    assert (found.found, found.wanted) == (location, "westeurope")
    assert "create a read replica in westeurope" in found.person


@pytest.mark.parametrize(
    ("control", "wanted"),
    [
        ("deployment-region-allowed", "allowed regions"),
        ("confidential-compute-sku", "confidential compute sizes"),
        ("vnet-network-mode", "inside a virtual network"),
    ],
)
def test_without_the_owners_wish_nothing_is_judged(control: str, wanted: str) -> None:
    finding = judged(control, {"location": "westeurope", "sku.name": "Standard_D2s_v3"})
    assert isinstance(finding, NotApplicable)
    assert wanted in finding.reason


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
@pytest.mark.parametrize("kind", Kind)
def test_what_azure_does_not_tell_is_not_judged(row: Any, kind: Kind) -> None:
    wishes: dict[str, Any] = {
        "deployment-region-allowed": {"regions": ["westeurope"]},
        "confidential-compute-sku": {"skus": ["Standard_DC4ads_v5"]},
        "vnet-network-mode": {"virtual_network": True},
    }
    assert isinstance(judged(row.id, {}, kind, **wishes.get(row.id, {})), NotApplicable)


def test_a_key_of_ones_own_is_good() -> None:
    own = {"dataEncryption.type": "AzureKeyVault", "dataEncryption.primaryKeyURI": "https://v/keys/k"}
    assert judged("cmk-encryption-type", own) == ()
    assert judged("cmk-encryption-type", {"byokEnforcement": "Enabled"}, Kind.SINGLE) == ()
    assert judged("cmk-encryption-type", {"dataEncryption.type": "AzureKeyVault"}, Kind.CITUS) == ()


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        (Kind.FLEXIBLE, {"dataEncryption.type": "SystemManaged"}),
        (Kind.FLEXIBLE, {"dataEncryption.type": "AzureKeyVault"}),
        (Kind.SINGLE, {"byokEnforcement": "Disabled"}),
        (Kind.CITUS, {"dataEncryption.type": "SystemManaged"}),
    ],
)
def test_a_key_of_microsofts_or_none_at_all_drifts(kind: Kind, facts: dict[str, str]) -> None:
    assert the_drift(judged("cmk-encryption-type", facts, kind)).person


def test_a_single_server_is_encrypted_twice_or_drifts() -> None:
    assert judged("infrastructure-double-encryption", {"infrastructureEncryption": "Enabled"}, Kind.SINGLE) == ()
    found = the_drift(judged("infrastructure-double-encryption", {"infrastructureEncryption": "Disabled"}, Kind.SINGLE))
    assert "exempt this server until then" in found.person


def test_a_size_is_compared_without_regard_to_case() -> None:
    sizes = ["Standard_DC4ads_v5", "Standard_EC4ads_v5"]
    assert judged("confidential-compute-sku", {"sku.name": "standard_ec4ADS_v5"}, skus=sizes) == ()
    found = the_drift(judged("confidential-compute-sku", {"sku.name": "Standard_D4ds_v5"}, skus=sizes))
    assert found.wanted == "Standard_DC4ads_v5 or Standard_EC4ads_v5"


@pytest.mark.parametrize(
    ("subnet", "wish"),
    [
        (SUBNET, {"virtual_network": True}),
        (SUBNET.upper(), {"virtual_network": True, "subnets": [SUBNET]}),
        ("", {"virtual_network": False}),
    ],
)
def test_a_server_in_the_approved_network_is_good(subnet: str, wish: dict[str, Any]) -> None:
    facts = {"location": "westeurope"} | ({"network.delegatedSubnetResourceId": subnet} if subnet else {})
    assert judged("vnet-network-mode", facts, **wish) == ()


@pytest.mark.parametrize(
    ("subnet", "wish", "way"),
    [
        ("", {"virtual_network": True}, "dump and restore"),
        (SUBNET, {"virtual_network": False}, "dump and restore"),
        (SUBNET, {"virtual_network": True, "subnets": [f"{SUBNET}2"]}, f"restore it into a new server in {SUBNET}2"),
    ],
)
def test_a_server_in_another_network_drifts(subnet: str, wish: dict[str, Any], way: str) -> None:
    facts = {"location": "westeurope"} | ({"network.delegatedSubnetResourceId": subnet} if subnet else {})
    assert way in the_drift(judged("vnet-network-mode", facts, **wish)).person


def test_an_elastic_cluster_has_no_network_to_choose() -> None:
    finding = judged("vnet-network-mode", {"cluster.clusterSize": "2"}, virtual_network=True)
    assert finding == NotApplicable("an elastic cluster cannot be inside a virtual network")


@pytest.mark.parametrize("kind", Kind)
def test_backups_in_one_region_only_drift(kind: Kind) -> None:
    assert judged("backup-geo-redundant", {"backup.geoRedundant": "Enabled"}, kind) == ()
    assert judged("backup-geo-redundant", {"backup.geoRedundant": "true"}, kind) == ()
    found = the_drift(judged("backup-geo-redundant", {"backup.geoRedundant": "Disabled"}, kind))
    assert found.person.startswith("it is chosen when a server is created: ")


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        (Kind.FLEXIBLE, {"replicationRole": "AsyncReplica"}),
        (Kind.FLEXIBLE, {"replicationRole": "GeoAsyncReplica"}),
        (Kind.SINGLE, {"replicationRole": "Replica"}),
        (Kind.CITUS, {"sourceResourceId": "/subscriptions/s/serverGroupsv2/first"}),
    ],
)
def test_a_replica_has_no_backups_to_judge(kind: Kind, facts: dict[str, str]) -> None:
    finding = judged("backup-geo-redundant", {"backup.geoRedundant": "Disabled", **facts}, kind)
    assert finding == NotApplicable("a read replica has no backups of its own")


@pytest.mark.parametrize("state", ["Ready", "Updating", "Stopped"])
@pytest.mark.parametrize("key", ["Valid", "Unknown"])
def test_a_server_that_reaches_its_key_is_good(state: str, key: str) -> None:
    facts = {"state": state, "dataEncryption.primaryEncryptionKeyStatus": key}
    assert judged("cmk-server-state-accessible", facts) == ()


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        ({"state": "Inaccessible"}, "Inaccessible"),
        ({"state": "Ready", "dataEncryption.primaryEncryptionKeyStatus": "Invalid"}, "Invalid"),
        ({"state": "Ready", "dataEncryption.geoBackupEncryptionKeyStatus": "Invalid"}, "Invalid"),
    ],
)
def test_a_server_that_has_lost_its_key_drifts_before_and_after_it_stops(facts: dict[str, str], found: str) -> None:
    lost = the_drift(judged("cmk-server-state-accessible", facts))
    assert lost.found == found
    assert "Key Vault Crypto Service Encryption User" in lost.person
    assert "60 minutes" in lost.person


def test_a_single_server_has_its_key_checked_again_by_a_person() -> None:
    lost = the_drift(judged("cmk-server-state-accessible", {"state": "Inaccessible"}, Kind.SINGLE))
    assert "choose Revalidate key" in lost.person


@pytest.mark.parametrize(
    ("control", "parameters", "right"),
    [
        ("deployment-region-allowed", "{regions: [a-b]}", "a region such as westeurope"),
        ("read-replica-present", "{regions: ['?']}", "a region such as westeurope"),
        ("vnet-network-mode", "{virtual_network: true, subnets: [pg]}", "the resource id of a subnet"),
        ("postgres-version-supported", "{ends: {sixteen: 2030-01-01}}", "a major version such as 16, in quotes"),
    ],
)
def test_a_wish_that_is_misspelt_is_refused_with_what_is_right(control: str, parameters: str, right: str) -> None:
    (line,) = errors_of(f"version: 1\ncontrols:\n  {control}: {{mode: notify, parameters: {parameters}}}\n")
    assert f"right is {right}" in line
