"""The activity log: what is written down, when it can be read, and which questions are allowed."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest

from tests.emulator.arm_client import CLOSED, OPEN, PRODUCTION, RULE, STAGING, Answered, ArmClient, Bench

_PATH = "providers/Microsoft.Insights/eventtypes/management/values"
_CORRELATION = "0193a5f0-0000-7000-8000-00000000000d"
# Every member of EventData in the definition of 2015-04-01.
_MEMBERS = {
    "authorization", "claims", "caller", "description", "id", "eventDataId",
    "correlationId", "eventName", "category", "httpRequest", "level", "resourceGroupName",
    "resourceProviderName", "resourceId", "resourceType", "operationId", "operationName", "properties",
    "status", "subStatus", "eventTimestamp", "submissionTimestamp", "subscriptionId", "tenantId",
}  # fmt: skip


def _ago(**delta: float) -> str:
    return (datetime.now(UTC) - timedelta(**delta)).isoformat().replace("+00:00", "Z")


def _span(minutes: float = 5) -> str:
    return f"eventTimestamp ge '{_ago(minutes=minutes)}' and eventTimestamp le '{_ago(minutes=-5)}'"


async def _ask(arm: ArmClient, test: str, select: str = "", subscription: str = PRODUCTION) -> Answered:
    query = f"api-version=2015-04-01&$filter={quote(test)}" + (f"&$select={select}" if select else "")
    return await arm.send("GET", f"{subscription}/{_PATH}?{query}")


async def _told(arm: ArmClient, test: str) -> list[tuple[str, str]]:
    events = (await _ask(arm, test)).body["value"]
    return [(one["operationName"]["value"].rpartition("flexibleServers/")[2], one["status"]["value"]) for one in events]


async def _write(arm: ArmClient, **headers: str) -> None:
    assert (await arm.send("PUT", f"{OPEN}/firewallRules/home", RULE, **headers)).status == 202


async def test_a_write_is_started_accepted_and_ended_newest_first(dana: ArmClient) -> None:
    await _write(dana)
    assert await _told(dana, _span()) == [
        ("firewallRules/write", "Succeeded"),
        ("firewallRules/write", "Accepted"),
        ("firewallRules/write", "Started"),
    ]


async def test_an_event_has_the_members_of_the_definition_and_the_callers_claims(dana: ArmClient, bench: Bench) -> None:
    await _write(dana, x_ms_correlation_request_id=_CORRELATION)
    event: dict[str, Any] = (await _ask(dana, _span())).body["value"][0]
    assert set(event) == _MEMBERS
    assert event["correlationId"] == _CORRELATION
    object_id = event["claims"]["http://schemas.microsoft.com/identity/claims/objectidentifier"]
    assert object_id == bench.address.principals["dana"]["object_id"]
    assert all(isinstance(value, str) for value in event["claims"].values())


async def test_what_fails_is_written_down_what_is_forbidden_never_began(bench: Bench, dana: ArmClient) -> None:
    assert (await dana.put(f"{CLOSED}/firewallRules/home", RULE)).status == 400
    assert (await (await bench.arm("auditor")).put(f"{OPEN}/firewallRules/home", RULE)).status == 403
    assert (await dana.delete(f"{OPEN}/firewallRules/nowhere")).status == 204
    assert await _told(dana, _span()) == [
        ("firewallRules/delete", "Succeeded"),
        ("firewallRules/delete", "Started"),
        ("firewallRules/write", "Failed"),
        ("firewallRules/write", "Started"),
    ]


@pytest.mark.parametrize(
    ("condition", "count"),
    [
        ("", 3),
        (f" and correlationId eq '{_CORRELATION}'", 3),
        (" and correlationId eq '0193a5f0-0000-7000-8000-00000000000e'", 0),
        (f" and resourceUri eq '{OPEN.upper()}/FIREWALLRULES/HOME'", 3),
        (f" and resourceUri eq '{OPEN}'", 0),
        (" and resourceGroupName eq 'RG-Partners'", 3),
        (" and resourceProvider eq 'microsoft.dbforpostgresql'", 3),
        (f" and eventChannels eq 'Admin, Operation' and correlationId eq '{_CORRELATION}'", 3),
    ],
)
async def test_the_patterns_that_are_allowed(dana: ArmClient, condition: str, count: int) -> None:
    await _write(dana, x_ms_correlation_request_id=_CORRELATION)
    assert len((await _ask(dana, f"{_span()}{condition}")).body["value"]) == count


async def test_times_are_taken_as_the_az_command_line_writes_them(dana: ArmClient) -> None:
    await _write(dana)
    since = (datetime.now(UTC) - timedelta(minutes=5)).replace(tzinfo=None).isoformat()
    test = f"eventTimestamp ge {since} and eventChannels eq 'Admin, Operation'"
    assert len((await _ask(dana, test)).body["value"]) == 3


@pytest.mark.parametrize(
    "test",
    [
        "",
        f"correlationId eq '{_CORRELATION}'",
        f"SPAN and correlationId eq '{_CORRELATION}' and resourceUri eq '{OPEN}'",
        f"SPAN or correlationId eq '{_CORRELATION}'",
        "SPAN and caller eq 'dana'",
        "SPAN and startswith(correlationId, '0')",
        "eventTimestamp ge 'yesterday'",
        "eventTimestamp ge '2020-01-01T00:00:00Z'",
    ],
)
async def test_no_other_syntax_is_allowed(dana: ArmClient, test: str) -> None:
    assert (await _ask(dana, test.replace("SPAN", _span()))).status == 400


async def test_select_narrows_an_event_and_refuses_what_it_does_not_know(dana: ArmClient) -> None:
    await _write(dana)
    assert set((await _ask(dana, _span(), "claims,STATUS")).body["value"][0]) == {"claims", "status"}
    assert (await _ask(dana, _span(), "caller")).status == 400


async def test_events_appear_when_the_lag_is_over(dana: ArmClient, bench: Bench) -> None:
    assert (await bench.control.send("POST", "/settings", {"activity_log_lag_seconds": 60})).status == 204
    await _write(dana)
    assert await _told(dana, _span()) == []
    await bench.control.send("POST", "/clock", {"advance_seconds": 61})
    assert len(await _told(dana, _span())) == 3


async def test_a_reset_forgets_the_log_and_its_lag(dana: ArmClient, bench: Bench) -> None:
    await _write(dana)
    await bench.control.send("POST", "/settings", {"activity_log_lag_seconds": 60})
    await bench.control.send("POST", "/reset")
    await _write(dana)
    assert len(await _told(dana, _span())) == 3


async def test_pages_follow_their_link(dana: ArmClient) -> None:
    for _ in range(70):
        await _write(dana)
    first = (await _ask(dana, _span(), "status")).body
    second = (await dana.get(first["nextLink"])).body
    assert (len(first["value"]), len(second["value"])) == (200, 10)
    assert "nextLink" not in second
    assert (await dana.get(first["nextLink"].rpartition("=")[0] + "=%21")).status == 400


async def test_every_subscription_has_its_own_and_only_who_may_reads_it(bench: Bench, dana: ArmClient) -> None:
    await _write(dana)
    assert (await _ask(dana, _span(), subscription=STAGING)).body["value"] == []
    assert (await _ask(await bench.arm("holdfast"), _span())).status == 200
    unknown = "/subscriptions/11111111-1111-4111-8111-111111111111"
    assert (await _ask(dana, _span(), subscription=unknown)).code == "SubscriptionNotFound"
