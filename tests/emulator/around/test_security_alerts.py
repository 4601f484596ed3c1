"""Defender's alerts in the emulated Azure: raised, streamed, read, moved through their life; strictly by definition."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from emulator.defender.kinds import KINDS
from tests.emulator.arm_client import CLOSED, OPEN, PRODUCTION, ArmClient, Bench
from tests.emulator.judge import judged
from tests.emulator.kinds import a_fleet
from tests.emulator.webhook import Webhook

_VERSION = "2022-01-01"
_SECURITY = "providers/Microsoft.Security"
# what the webhook of the tests asks of every delivery
_PLAIN = {"aeg-event-type": "Notification"}
_GROUP = OPEN.partition("/providers")[0]


async def raised(bench: Bench, server: str = OPEN, **given: Any) -> dict[str, Any]:
    answer = await bench.control.send("POST", "/alerts", {"server": server, **given})
    assert answer.status == 201, answer.body
    found: dict[str, Any] = answer.body
    return found


async def status_of(arm: ArmClient, alert: dict[str, Any]) -> str:
    return str((await arm.get(alert["id"], _VERSION)).properties["status"])


@pytest.mark.parametrize("kind", KINDS)
async def test_every_kind_can_be_raised_and_read(bench: Bench, dana: ArmClient, kind: str) -> None:
    alert = await raised(bench, kind=kind)
    properties = (await dana.get(alert["id"], _VERSION)).properties
    assert properties["alertType"].startswith("SQL.PostgreSQL_")
    assert properties["alertDisplayName"] == KINDS[kind].title
    assert properties["resourceIdentifiers"] == [{"azureResourceId": OPEN, "type": "AzureResource"}]
    assert alert["name"] == properties["systemAlertId"]
    assert "/locations/northeurope/alerts/" in alert["id"]


async def test_alerts_are_listed_by_subscription_group_and_region(bench: Bench, dana: ArmClient) -> None:
    names = [(await raised(bench, server))["name"] for server in (OPEN, OPEN, CLOSED)]
    counts = {
        f"{PRODUCTION}/{_SECURITY}/alerts": 3,
        f"{_GROUP}/{_SECURITY}/alerts": 2,
        f"{PRODUCTION}/{_SECURITY}/locations/northeurope/alerts": 2,
        f"{_GROUP}/{_SECURITY}/locations/northeurope/alerts": 2,
        f"{_GROUP}/{_SECURITY}/locations/westeurope/alerts": 0,
    }
    for path, count in counts.items():
        found = [one["name"] for one in (await dana.get(path, _VERSION)).body["value"]]
        assert found == names[:count], path


async def test_a_new_alert_has_a_lower_id_than_an_older_one(bench: Bench) -> None:
    first, second = [(await raised(bench))["name"] for _ in range(2)]
    assert second < first


async def test_an_alert_moves_through_its_life(bench: Bench, dana: ArmClient) -> None:
    alert = await raised(bench)
    for word, status in (("inProgress", "InProgress"), ("resolve", "Resolved"), ("activate", "Active")):
        assert (await dana.send("POST", f"{alert['id']}/{word}", version=_VERSION)).status == 204
        assert await status_of(dana, alert) == status
    assert (await dana.send("POST", f"{alert['id']}/dismiss", version=_VERSION)).status == 204
    (listed,) = (await bench.control.send("GET", "/alerts")).body["value"]
    assert listed["properties"]["status"] == "Dismissed"


async def test_an_alert_is_found_where_it_hangs_and_nowhere_else(bench: Bench, dana: ArmClient) -> None:
    alert = await raised(bench)
    elsewhere = alert["id"].replace(_GROUP, PRODUCTION)
    assert (await dana.get(elsewhere, _VERSION)).status == 404
    assert (await dana.send("POST", f"{elsewhere}/resolve", version=_VERSION)).status == 404
    assert (await dana.send("POST", f"{alert['id']}x/resolve", version=_VERSION)).status == 404


async def test_who_may_only_read_moves_nothing(bench: Bench) -> None:
    alert, reader = await raised(bench), await bench.arm("auditor")
    assert (await reader.get(alert["id"], _VERSION)).status == 200
    answer = await reader.send("POST", f"{alert['id']}/dismiss", version=_VERSION)
    assert (answer.status, answer.code) == (403, "AuthorizationFailed")
    assert "Microsoft.Security/locations/alerts/dismiss/action" in answer.body["error"]["message"]


async def test_the_app_may_begin_and_resolve_and_not_dismiss(bench: Bench) -> None:
    alert, app = await raised(bench), await bench.arm("holdfast")
    assert (await app.get(f"{PRODUCTION}/{_SECURITY}/alerts", _VERSION)).status == 200
    statuses = [
        (await app.send("POST", f"{alert['id']}/{word}", version=_VERSION)).status
        for word in ("inProgress", "resolve", "dismiss", "activate")
    ]
    assert statuses == [204, 204, 403, 403]


async def test_what_is_exported_is_flat_and_in_pascal_case(bench: Bench, hook: Webhook, dana: ArmClient) -> None:
    await bench.control.send("POST", "/hub", {"url": hook.url, "headers": {**_PLAIN, "x-functions-key": "k"}})
    alert = await raised(bench, kind="SuccessfulBruteForce", facts={"Number of failed logins": "4217"})
    await dana.send("POST", f"{alert['id']}/dismiss", version=_VERSION)
    await bench.control.send("GET", "/alerts?settle_seconds=5")
    first, second = await hook.arrived(2)
    assert first == alert["exported"]
    assert (first["Status"], second["Status"]) == ("New", "Dismissed")
    assert first["SystemAlertId"] == second["SystemAlertId"] == alert["name"]
    assert first["AzureResourceId"] == OPEN.upper()
    assert first["ResourceIdentifiers"] == [{"AzureResourceId": OPEN, "Type": "AzureResource"}]
    assert first["ExtendedProperties"]["Number of failed logins"] == "4217"
    assert [entity["Type"] for entity in first["Entities"]] == ["azure-resource", "ip", "account"]
    assert "Properties" not in first
    assert hook.seen[0][0]["x-functions-key"] == "k"


async def test_a_batch_that_is_not_taken_comes_again(bench: Bench, hook: Webhook) -> None:
    hook.answers = [503, 500, 202]
    await bench.control.send("POST", "/hub", {"url": hook.url, "headers": _PLAIN})
    await raised(bench)
    await bench.control.send("GET", "/alerts?settle_seconds=5")
    assert len(hook.seen) == 3


async def test_an_unknown_kind_is_refused(bench: Bench) -> None:
    assert (await bench.control.send("POST", "/alerts", {"server": OPEN, "kind": "Nonsense"})).status == 400


async def test_sample_alerts_come_on_request(bench: Bench, dana: ArmClient) -> None:
    place = f"{PRODUCTION}/{_SECURITY}/locations/westeurope/alerts"
    body = {"properties": {"kind": "Bundles", "bundles": ["SqlServers", "CosmosDbs"]}}
    assert (await dana.send("POST", f"{place}/default/simulate", body, version=_VERSION)).status == 202
    found = (await dana.get(place, _VERSION)).body["value"]
    assert [one["properties"]["alertDisplayName"][:14] for one in found] == ["[SAMPLE ALERT]"] * 2
    wrong = {"properties": {"kind": "Bundles", "bundles": ["OpenSourceRelationalDatabases"]}}
    assert (await dana.send("POST", f"{place}/default/simulate", wrong, version=_VERSION)).status == 400


async def test_everything_is_as_the_definitions_say(tmp_path: Path) -> None:
    counts: Counter[str] = Counter()
    not_kept = r"/locations/westeurope/operation(Statuses|Results)/"
    async with judged(tmp_path, a_fleet(), counts, not_kept) as bench:
        arm = await bench.arm("ada")
        for kind in KINDS:
            alert = await raised(bench, kind=kind, correlation_key="k", incident=kind == "GeoAnomaly")
            assert (await arm.get(alert["id"], _VERSION)).status == 200
            for word in ("inProgress", "resolve", "activate", "dismiss"):
                await arm.send("POST", f"{alert['id']}/{word}", version=_VERSION)
        for scope in (PRODUCTION, _GROUP):
            await arm.get(f"{scope}/{_SECURITY}/alerts", _VERSION)
            await arm.get(f"{scope}/{_SECURITY}/locations/westeurope/alerts", _VERSION)
        body = {"properties": {"kind": "Bundles", "bundles": ["SqlServers"]}}
        simulate = f"{PRODUCTION}/{_SECURITY}/locations/westeurope/alerts/default/simulate"
        assert (await arm.send("POST", simulate, body, version=_VERSION)).status == 202
        await arm.get(f"{PRODUCTION}/{_SECURITY}/alerts", _VERSION)
    assert counts["held"] >= 56
