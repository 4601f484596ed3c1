"""The activity log as witness of who wrote a resource."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.address import Address
from shared.arm.activity_log import ActivityLog
from shared.arm.azure import AzureArm
from shared.errors import Forbidden, Retry, Throttled, Unreachable
from tests.arm.azure_side import AzureSide
from tests.arm.conftest import PARTNERS, PAYMENTS
from tests.fakes.clock import FakeClock
from tests.fakes.pipeline import ScriptedArm

APP = "firewallrules/app"
RULE = {"properties": {"startIpAddress": "192.0.2.1", "endIpAddress": "192.0.2.9"}}
OBJECT_ID = "http://schemas.microsoft.com/identity/claims/objectidentifier"
SCOPE = "http://schemas.microsoft.com/identity/claims/scope"
BOTH = {"aaaa", "bbbb"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["failed", f"{PARTNERS.id}/{APP}", "x/write"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["value", "appid", OBJECT_ID, "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@pytest.fixture
def since(clock: FakeClock) -> datetime:
    return clock() - timedelta(minutes=1)


async def change(side: AzureSide, who: str, name: str = "App", correlation_id: str = "") -> None:
    status = await side.act(who, "PUT", f"{PARTNERS.id}/firewallRules/{name}", RULE, correlation_id=correlation_id)
    assert status == 202


def ids_of(azure: Address, *people: str) -> list[str]:
    return sorted(azure.principals[one]["object_id"] for one in people)


def event(**members: Any) -> dict[str, Any]:
    given = {
        "claims": {OBJECT_ID: "AAAA", "appid": "BBBB"},
        "operationId": "1",
        "operationName": {"value": "Microsoft.DBforPostgreSQL/flexibleServers/firewallRules/write"},
        "resourceId": f"{PARTNERS.id}/firewallRules/app",
        "status": {"value": "Succeeded"},
    }
    return given | members


async def told(events: Iterable[Any], child: str = APP) -> list[set[str]]:
    clock = FakeClock()
    log = ActivityLog(ScriptedArm(values={"value": list(events)}), clock)
    return [set(one) for one in await log.writers(PARTNERS, child, clock())]


async def test_it_names_the_application_that_wrote_by_both_its_ids(
    arm: AzureArm, side: AzureSide, azure: Address, since: datetime
) -> None:
    await change(side, "pipeline")
    ((*found,),) = await arm.writers(PARTNERS, APP, since)
    assert len(found) == 2
    assert azure.principals["pipeline"]["object_id"] in found


async def test_a_person_is_named_without_the_application_they_used(
    arm: AzureArm, side: AzureSide, azure: Address, since: datetime
) -> None:
    await change(side, "dana")
    assert await arm.writers(PARTNERS, APP, since) == (frozenset(ids_of(azure, "dana")),)


async def test_everybody_who_wrote_is_named_once_whatever_they_called_their_change(
    arm: AzureArm, side: AzureSide, azure: Address, since: datetime
) -> None:
    for who in ("dana", "ada", "dana"):
        await change(side, who, correlation_id="0193a5f0-0000-7000-8000-00000000000d")
    found = await arm.writers(PARTNERS, APP, since)
    assert sorted(one for ids in found for one in ids) == ids_of(azure, "dana", "ada")


async def test_it_costs_one_call(arm: AzureArm, side: AzureSide, since: datetime) -> None:
    await change(side, "pipeline")
    await arm.writers(PARTNERS, APP, since)
    assert await side.calls() == ["Microsoft.Insights/eventtypes/values/read"]


async def test_only_this_very_resource_counts(arm: AzureArm, side: AzureSide, since: datetime) -> None:
    await change(side, "pipeline")
    assert not await arm.writers(PARTNERS, "", since)
    assert not await arm.writers(PARTNERS, "firewallrules/ap", since)
    assert not await arm.writers(PAYMENTS, APP, since)


async def test_the_server_itself_is_a_resource_too(
    arm: AzureArm, side: AzureSide, azure: Address, since: datetime
) -> None:
    body = {"properties": {"network": {"publicNetworkAccess": "Disabled"}}}
    assert await side.act("dana", "PATCH", PARTNERS.id, body) == 202
    assert await arm.writers(PARTNERS, "", since) == (frozenset(ids_of(azure, "dana")),)


async def test_only_what_happened_since_counts(arm: AzureArm, side: AzureSide, clock: FakeClock) -> None:
    await change(side, "pipeline")
    assert not await arm.writers(PARTNERS, APP, clock() + timedelta(minutes=1))


async def test_a_write_that_failed_made_nobody_a_writer(arm: AzureArm, side: AzureSide, since: datetime) -> None:
    failure = {"method": "PUT", "operation_failed": {"code": "NoLuck", "message": "no"}}
    await side.control("POST", "/faults", {"calls": [failure]})
    await change(side, "pipeline")
    assert await arm.writers(PARTNERS, APP, since) == ()


async def test_a_restart_writes_nothing(arm: AzureArm, side: AzureSide, since: datetime) -> None:
    assert await side.act("dana", "POST", f"{PARTNERS.id}/restart", {}) == 202
    assert await arm.writers(PARTNERS, "", since) == ()


async def test_a_late_log_says_nothing_until_it_does(arm: AzureArm, side: AzureSide, since: datetime) -> None:
    await side.control("POST", "/settings", {"activity_log_lag_seconds": 300})
    await change(side, "pipeline")
    assert await arm.writers(PARTNERS, APP, since) == ()
    await side.control("POST", "/clock", {"advance_seconds": 301})
    assert await arm.writers(PARTNERS, APP, since)


async def test_a_log_of_several_pages_is_read_to_its_end(arm: AzureArm, side: AzureSide, since: datetime) -> None:
    await change(side, "dana")
    for _ in range(70):
        await change(side, "pipeline")
    assert len(await arm.writers(PARTNERS, APP, since)) == 2
    assert len(await side.calls()) == 2


async def test_a_start_before_the_logs_beginning_is_moved_to_it(arm: AzureArm, clock: FakeClock) -> None:
    assert await arm.writers(PARTNERS, APP, clock() - timedelta(days=400)) == ()


@pytest.mark.parametrize(
    ("rule", "error"),
    [
        ({"status": 429, "retry_after_seconds": 7}, Throttled),
        ({"status": 403}, Forbidden),
        ({"status": 500}, Unreachable),
        ({"drop": "before", "times": 2}, Unreachable),
    ],
    ids=str,
)
async def test_a_log_that_cannot_be_read_is_an_error(
    arm: AzureArm, side: AzureSide, since: datetime, rule: dict[str, Any], error: type[Exception]
) -> None:
    await side.fault("eventtypes", **{"times": 1, **rule})
    with pytest.raises(error):
        await arm.writers(PARTNERS, APP, since)


async def test_a_slow_log_is_waited_for(arm: AzureArm, side: AzureSide, since: datetime) -> None:
    await side.fault("eventtypes", latency_ms=150)
    assert await arm.writers(PARTNERS, APP, since) == ()


@pytest.mark.parametrize(
    ("events", "writers"),
    [
        ([event()], [BOTH]),
        ([event(status={"value": "Started"})], [BOTH]),
        ([event(status={"value": "Accepted"})], [BOTH]),
        ([event(status={"value": "Something new"})], [BOTH]),
        ([event(status=None, operationName=None)], [BOTH]),
        ([event(status="Succeeded", operationId=["x"])], [BOTH]),
        ([event(status={"value": "Started"}), event(status={"value": "Failed"})], []),
        ([event(), event(status={"value": "Failed"}, operationId="2")], [BOTH]),
        ([event(operationName={"value": "Microsoft.Resourcehealth/healthevent/Activated/action"})], []),
        ([event(operationName={"value": "Microsoft.Authorization/policies/audit/action"})], []),
        ([event(resourceId=f"{PARTNERS.id}/firewallRules/app2")], []),
        ([event(resourceId=f"{PARTNERS.id}/FIREWALLRULES/APP/")], [BOTH]),
        ([event(claims={OBJECT_ID: "AAAA", "appid": "BBBB", SCOPE: "user_impersonation"})], [{"aaaa"}]),
        ([event(), event(claims={OBJECT_ID: "CCCC"})], [BOTH, {"cccc"}]),
        ([event(), event(claims={})], [set(), BOTH]),
        ([event(claims=None)], [set()]),
        ([event(claims={OBJECT_ID: 7})], [set()]),
        ([], []),
    ],
)
async def test_what_the_log_may_say(events: list[dict[str, Any]], writers: list[set[str]]) -> None:
    assert await told(events) == writers


@given(events=st.lists(st.dictionaries(st.sampled_from(list(event())), JSON, max_size=5), max_size=4))
async def test_strange_events_name_nobody_they_do_not_hold(events: list[dict[str, Any]]) -> None:
    for writer in await told(events):
        assert all(any(one in str(event.get("claims")).lower() for event in events) for one in writer)


@given(answer=JSON.filter(lambda value: not (isinstance(value, dict) and isinstance(value.get("value"), list))))
async def test_an_answer_that_is_no_list_is_an_error(answer: Any) -> None:
    clock = FakeClock()
    with pytest.raises(Retry):
        await ActivityLog(ScriptedArm(values=answer), clock).writers(PARTNERS, APP, clock())
