"""Facts that controls look at, in the words of all kinds of server."""

from typing import Any

import pytest

from shared.arm.azure import AzureArm
from shared.arm.servers import children_from, server_from
from shared.control import NotApplicable, Remediator
from shared.state import FIREWALL_RULES, SERVER, Facet, FacetKind
from shared.target import Kind, Target
from tests.arm.conftest import PARTNERS, PAYMENTS, REPORTING, RISK
from tests.builders import CATALOGUE, PARAMETERS, a_target


def facts(kind: Kind, **properties: Any) -> dict[str, str]:
    return dict(server_from(kind, {"location": "West Europe", "properties": properties}).facts)


@pytest.mark.parametrize(
    ("kind", "word"), [(Kind.FLEXIBLE, "state"), (Kind.SINGLE, "userVisibleState"), (Kind.CITUS, "state")]
)
def test_the_state_has_one_name(kind: Kind, word: str) -> None:
    assert facts(kind, **{word: "Inaccessible"}) == {"location": "West Europe", "state": "Inaccessible"}


@pytest.mark.parametrize(
    ("kind", "properties", "value"),
    [
        (Kind.FLEXIBLE, {"backup": {"geoRedundantBackup": "Enabled"}}, "Enabled"),
        (Kind.SINGLE, {"storageProfile": {"geoRedundantBackup": "Disabled"}}, "Disabled"),
        (Kind.CITUS, {"enableGeoBackup": True}, "true"),
    ],
)
def test_the_redundancy_of_backups_has_one_name(kind: Kind, properties: dict[str, Any], value: str) -> None:
    assert facts(kind, **properties)["backup.geoRedundant"] == value


@pytest.mark.parametrize(("kind", "word"), [(Kind.FLEXIBLE, "version"), (Kind.CITUS, "postgresqlVersion")])
def test_the_version_has_one_name(kind: Kind, word: str) -> None:
    assert facts(kind, **{word: "16"})["version"] == "16"


@pytest.mark.parametrize("kind", [Kind.FLEXIBLE, Kind.SINGLE])
def test_a_replica_says_where_it_is(kind: Kind) -> None:
    rows = [{"name": "pg-copy", "location": "North Europe", "properties": {"replicationRole": "AsyncReplica"}}]
    found = children_from(a_target(kind=kind), FacetKind.REPLICAS, rows)
    assert found["pg-copy"]["location"] == "North Europe"


# Where the policy of the other tests says that it is not to be told.
_SILENT = "retired-deployment-model"
# A server whose public access is off has no rules that count.
_CLOSED = {("firewall-rule-count", PAYMENTS), ("firewall-rule-count", RISK)}
OWN = {SERVER, FIREWALL_RULES, Facet(FacetKind.REPLICAS)}
BY_HAND = [
    (one, target)
    for one in CATALOGUE.values()
    if not one.control.permissions and not one.control.unobserved and set(one.control.facets) <= OWN
    for target in (PAYMENTS, PARTNERS, REPORTING, RISK)
    if target.kind in one.control.kinds and (one.control.id, target) not in _CLOSED
]


@pytest.mark.parametrize(
    ("remediator", "target"), BY_HAND, ids=[f"{one.control.id}-{target.name}" for one, target in BY_HAND]
)
async def test_what_controls_look_at_is_what_azure_tells(arm: AzureArm, remediator: Remediator, target: Target) -> None:
    control = remediator.control.on(target.kind)
    wish = {} if control.id == _SILENT else PARAMETERS.get(control.id, {})
    state = await arm.observe(target, frozenset(control.facets) | {SERVER})
    finding = remediator.detect(state, control.parameters.model_validate(wish))
    assert not isinstance(finding, NotApplicable)
