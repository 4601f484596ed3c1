"""How a replica is promoted, and how its lag is read, on every kind of server."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.arm.azure import AzureArm
from shared.arm.metrics import Metrics
from shared.arm.servers import grouped, needed_permission, write_call
from shared.control import Change, Source
from shared.errors import Forbidden, Rejected, Retry, Throttled
from shared.journal import now
from shared.ports import Lag
from shared.state import SERVER, Facet, FacetKind, Setting, SettingKind
from shared.target import Kind, Target
from tests.arm.azure_side import AzureSide
from tests.arm.conftest import PARTNERS, REPORTING, RISK, server
from tests.builders import a_target
from tests.contracts import VALIDATOR, is_kept, is_recorded, restated, validator
from tests.fakes.pipeline import ScriptedArm

REPLICATION = Setting(SettingKind.REPLICATION)
_KINDS: dict[Kind, tuple[Target, str, dict[str, str]]] = {
    Kind.FLEXIBLE: (PARTNERS, "2025-08-01", {"createMode": "Replica", "sourceServerResourceId": PARTNERS.id}),
    Kind.SINGLE: (REPORTING, "2017-12-01", {"createMode": "Replica", "sourceServerId": REPORTING.id}),
    Kind.CITUS: (RISK, "2022-11-08", {"sourceResourceId": RISK.id}),
}


def promotion(role: str = "None", **how: str) -> Change:
    return Change(REPLICATION, {"replicationRole": "AsyncReplica"}, {"replicationRole": role, **how}, Source.PERSON)


async def a_replica(side: AzureSide, kind: Kind) -> Target:
    primary, version, properties = _KINDS[kind]
    replica = server(f"{primary.name}-copy", primary.resource_group, kind=kind)
    body = {"location": "northeurope", "properties": properties}
    assert await side.act("ada", "PUT", replica.id, body, version) in (201, 202)
    return replica


@pytest.mark.parametrize(
    ("kind", "method", "path", "body", "permission"),
    [
        (
            Kind.FLEXIBLE,
            "PATCH",
            "",
            {"properties": {"replica": {"role": "Primary", "promoteMode": "Switchover", "promoteOption": "Planned"}}},
            "flexibleServers/write",
        ),
        (Kind.SINGLE, "PATCH", "", {"properties": {"replicationRole": "None"}}, "servers/write"),
        (Kind.CITUS, "POST", "/promote", None, "serverGroupsv2/promote/action"),
    ],
)
def test_the_request_of_each_kind(
    kind: Kind, method: str, path: str, body: dict[str, Any] | None, permission: str
) -> None:
    target = a_target(kind=kind)
    call = write_call(target, [promotion("Primary", promoteMode="Switchover", promoteOption="Planned")], "id")
    assert (call.method, call.path, call.body) == (method, f"{target.id}{path}", body)
    assert call.permission == f"Microsoft.DBforPostgreSQL/{permission}" == needed_permission(kind, REPLICATION, False)


def test_a_promotion_is_never_mixed_with_other_changes_of_the_server() -> None:
    closing = Change(Setting(SettingKind.PUBLIC_ACCESS), "Enabled", "Disabled", Source.POLICY)
    assert len(grouped(a_target(), [closing, promotion(), closing])) == 3


@pytest.mark.parametrize("kind", list(Kind))
async def test_a_promoted_replica_follows_nobody(arm: AzureArm, side: AzureSide, kind: Kind) -> None:
    replica, replicas = await a_replica(side, kind), Facet(FacetKind.REPLICAS)
    found = (await arm.observe(_KINDS[kind][0], {replicas})).children[FacetKind.REPLICAS]
    assert {one["id"].lower() for one in found.values()} == {replica.id.lower()}
    change = promotion("None", promoteMode="Standalone", promoteOption="Planned")
    await arm.write(replica, (change,), "0193a5f0-0000-7000-8000-000000000001")
    state = await arm.observe(replica, {SERVER, replicas})
    assert state.server
    assert not state.server.facts.get("sourceServerResourceId")
    assert not state.server.facts.get("sourceResourceId")
    assert not (await arm.observe(_KINDS[kind][0], {replicas})).children[FacetKind.REPLICAS]


@pytest.mark.parametrize(("kind", "seconds"), [(Kind.FLEXIBLE, 1), (Kind.SINGLE, 1), (Kind.CITUS, 0.001)])
async def test_the_lag_is_told_in_seconds(arm: AzureArm, side: AzureSide, kind: Kind, seconds: float) -> None:
    lag = await arm.lag(await a_replica(side, kind))
    assert lag.seconds == seconds
    assert lag.at is not None


async def test_a_server_that_follows_nobody_has_no_lag(arm: AzureArm) -> None:
    lag = await arm.lag(PARTNERS)
    assert (lag.seconds, lag.at) == (None, None)
    assert lag.why.startswith("Azure Monitor has no value of physical_replication_delay_in_seconds")


@pytest.mark.parametrize("error", [Throttled("429", 9), Forbidden("no", "x/read", "/y")])
async def test_a_lag_that_cannot_be_read_is_not_known_and_never_none(error: Retry | Forbidden) -> None:
    lag = await Metrics(ScriptedArm(metrics=error), now).lag(PARTNERS)
    assert (lag.seconds, lag.why) == (None, str(error))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["Seconds", "2026-11-26T06:00:00Z", "x"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["value", "unit", "timeseries", "data", "maximum", "timeStamp"]), inner)
    ),
    max_leaves=8,
)


@given(_JSON)
async def test_whatever_azure_monitor_answers_a_lag_is_a_number_or_not_known(answer: Any) -> None:
    try:
        lag = await Metrics(ScriptedArm(metrics=answer), now).lag(PARTNERS)
    except Retry:
        return
    assert lag == Lag(why=lag.why) or (lag.seconds is not None and lag.at is not None)


@pytest.mark.skipif(not VALIDATOR.exists(), reason="the contract validator is not here")
@pytest.mark.parametrize("kind", list(Kind))
async def test_a_promotion_keeps_the_definitions(logged: tuple[AzureArm, Path], kind: Kind) -> None:
    arm, log = logged
    change = promotion("Primary", promoteMode="Switchover", promoteOption="Forced")
    # None of these is a replica: the request is what is judged.
    with suppress(Rejected):
        await arm.write(_KINDS[kind][0], (change,), "0193a5f0-0000-7000-8000-000000000001")
    contracts = validator().Contracts()
    exchanges = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    reports = [contracts.check(restated(one), strict=True) for one in exchanges if is_kept(one)]
    assert reports
    assert not [str(fault) for report in reports for fault in report.errors() if not is_recorded(fault, "")]
