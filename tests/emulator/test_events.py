"""What an event says: Microsoft's published samples are the yardstick."""

import json
from pathlib import Path
from typing import Any

import pytest

from emulator.settings import Settings
from tests.emulator.arm_client import CLOSED, OPEN, RULE, ArmClient, Bench
from tests.emulator.webhook import Webhook

_PAYLOADS = Path(__file__).resolve().parents[3] / "shared" / "payloads"
_HOME = f"{OPEN}/firewallRules/home"
_OID = "http://schemas.microsoft.com/identity/claims/objectidentifier"
_UPN = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn"


@pytest.fixture
async def events(bench: Bench, hook: Webhook) -> Webhook:
    answer = await bench.control.send("POST", "/subscriptions", {"endpoint": hook.url})
    assert answer.status == 201
    return hook


async def _event(hook: Webhook, place: int = 0) -> dict[str, Any]:
    return (await hook.arrived(place + 1))[place]


async def test_a_write_tells_who_did_what_to_what(events: Webhook, dana: ArmClient) -> None:
    await dana.send("PUT", _HOME, RULE, x_ms_correlation_request_id="c0ffee")
    event = await _event(events)
    assert event["eventType"] == "Microsoft.Resources.ResourceWriteSuccess"
    assert event["subject"] == event["data"]["resourceUri"] == _HOME
    assert event["data"]["operationName"] == "Microsoft.DBforPostgreSQL/flexibleServers/firewallRules/write"
    assert event["data"]["correlationId"] == "c0ffee"
    assert event["data"]["claims"][_UPN] == "dana.fields@contoso.example"
    assert event["data"]["claims"]["ipaddr"] == "198.51.100.23"
    assert event["data"]["authorization"]["evidence"]["role"] == "Contributor"
    assert "httpRequest" not in event["data"]


async def test_a_change_tells_the_request(events: Webhook, dana: ArmClient) -> None:
    await dana.send("PATCH", OPEN, {"tags": {}}, x_ms_client_request_id="mine")
    request = (await _event(events))["data"]["httpRequest"]
    assert request["clientRequestId"] == "mine"
    assert request["clientIpAddress"] == "198.51.100.23"
    assert (request["method"], request["url"][:28]) == ("PATCH", "https://management.azure.com")


async def test_an_app_has_no_name_and_no_address_in_its_claims(events: Webhook, bench: Bench) -> None:
    await (await bench.arm("holdfast")).patch(OPEN, {"tags": {}})
    data = (await _event(events))["data"]
    assert data["claims"][_OID] == bench.address.principals["holdfast"]["object_id"]
    assert not {"name", "ipaddr", _UPN} & set(data["claims"])
    assert data["claims"]["appidacr"] == "2"
    assert data["httpRequest"]["clientIpAddress"] == "203.0.113.7"


async def test_deletes_actions_failures_have_their_own_types(events: Webhook, bench: Bench, dana: ArmClient) -> None:
    await bench.control.fault(method="PATCH", operation_failed={"code": "Nope"}, times=1)
    await dana.delete(f"{OPEN}/firewallRules/office-zurich")
    await dana.send("POST", f"{OPEN}/restart")
    await dana.patch(OPEN, {"tags": {}})
    await dana.put(f"{CLOSED}/firewallRules/home", RULE)
    found = {one["eventType"].rpartition(".")[2]: one["data"] for one in await events.arrived(4)}
    assert sorted(found) == ["ResourceActionSuccess", "ResourceDeleteSuccess", "ResourceWriteFailure"]
    assert found["ResourceActionSuccess"]["operationName"].endswith("/restart/action")
    assert found["ResourceActionSuccess"]["resourceUri"] == OPEN
    assert found["ResourceWriteFailure"]["status"] == "Failed"


async def test_reads_and_refusals_of_arm_itself_are_silent(events: Webhook, bench: Bench, dana: ArmClient) -> None:
    await dana.get(OPEN)
    await (await bench.arm("auditor")).patch(OPEN, {"tags": {}})
    await dana.delete(f"{OPEN}/firewallRules/nowhere")
    state = await bench.control.send("GET", "/events?settle_seconds=1")
    assert state.body["published"] == []


@pytest.mark.parametrize(
    ("sample", "who"),
    [("eg-resources-ResourceWriteSuccess", "dana"), ("eg-resources-ResourceDeleteSuccess", "dana")],
)
async def test_users_events_have_the_members_of_microsofts_samples(
    events: Webhook, bench: Bench, sample: str, who: str
) -> None:
    expected = _sample(sample)
    arm = await bench.arm(who)
    if "Delete" in sample:
        await arm.delete(f"{OPEN}/firewallRules/office-zurich")
    else:
        await arm.put(_HOME, RULE)
    event = await _event(events)
    assert set(event) == set(expected)
    assert set(event["data"]) == set(expected["data"])
    # groups, devices and on-premises ids are of that tenant
    theirs = {"_claim_names", "_claim_sources", "e_exp", "onprem_sid"}
    device = "http://schemas.microsoft.com/2012/01/devicecontext/claims/identifier"
    assert set(event["data"]["claims"]) == set(expected["data"]["claims"]) - theirs - {device}
    assert all(isinstance(value, str) for value in event["data"]["claims"].values())


async def test_an_apps_action_has_the_members_of_microsofts_sample(events: Webhook, bench: Bench) -> None:
    expected = _sample("eg-resources-ResourceActionSuccess-service-principal")
    await (await bench.arm("pipeline")).send("POST", f"{OPEN}/restart")
    event = await _event(events)
    assert set(event["data"]) == set(expected["data"])
    assert set(expected["data"]["claims"]) - set(event["data"]["claims"]) == set()
    assert set(event["data"]["authorization"]["evidence"]) == set(expected["data"]["authorization"]["evidence"])


def _sample(name: str) -> dict[str, Any]:
    path = _PAYLOADS / f"{name}.json"
    if not path.exists():
        pytest.skip(f"Microsoft's sample is not here: {path}")
    loaded: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return loaded[0]


class TestNotifications:
    """Microsoft.ResourceNotifications, when asked for."""

    @pytest.fixture
    def settings(self) -> Settings:
        return Settings(resource_notifications=True)

    async def test_they_carry_the_body_and_nobody(self, events: Webhook, dana: ArmClient) -> None:
        await dana.patch(OPEN, {"tags": {"now": "this"}})
        kinds = {one["eventType"]: one["data"] for one in await events.arrived(2)}
        data = kinds["Microsoft.ResourceNotifications.Resources.CreatedOrUpdated"]
        assert data["resourceInfo"]["tags"] == {"now": "this"}
        assert data["resourceInfo"]["properties"]["network"]["publicNetworkAccess"] == "Enabled"
        assert "claims" not in data
