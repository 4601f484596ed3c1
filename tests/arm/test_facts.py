"""Facts that controls look at, in the words of all kinds of server."""

from typing import Any

import pytest

from shared.arm.servers import children_from, server_from
from shared.state import FacetKind
from shared.target import Kind
from tests.builders import a_target


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
