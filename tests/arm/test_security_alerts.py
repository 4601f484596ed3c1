"""Defender's alerts through our pipeline: listed, and moved through their life without overruling people."""

from dataclasses import replace
from typing import Any

import pytest

from emulator.address import Address
from shared.alert import AlertStatus, StatusWish
from shared.alerts.life import status_notice
from shared.alerts.reading import read_alert
from shared.arm.client import ArmClient
from shared.arm.security_alerts import SecurityAlerts
from shared.errors import Forbidden, Gone, Refused, Throttled, Unreachable
from tests.alerts.shapes import read
from tests.arm.azure_side import AzureSide
from tests.arm.conftest import PARTNERS, PAYMENTS, PRODUCTION, STAGING
from tests.builders import NOON
from tests.fakes.pipeline import ScriptedArm
from tests.notify.builders import a_report

VERSION = "2022-01-01"
BEGIN, RESOLVE = AlertStatus.IN_PROGRESS, AlertStatus.RESOLVED


@pytest.fixture
def alerts(client: ArmClient) -> SecurityAlerts:
    return SecurityAlerts(client)


async def raised(side: AzureSide, **given: Any) -> dict[str, Any]:
    return await _post(side, {"server": PARTNERS.id, **given})


async def _post(side: AzureSide, body: dict[str, Any]) -> dict[str, Any]:
    headers = {"X-Control-Secret": side.address.control_secret}
    async with side.session.post(f"{side.address.control}/alerts", json=body, headers=headers) as answer:
        found: dict[str, Any] = await answer.json()
        return found


async def status_of(side: AzureSide, alert: dict[str, Any]) -> str:
    listed = (await side.control("GET", "/alerts"))["value"]
    return next(str(one["properties"]["status"]) for one in listed if one["name"] == alert["name"])


def wish(alert: dict[str, Any], status: AlertStatus) -> StatusWish:
    notice = status_notice(a_report(target=PARTNERS.id), read(alert["exported"]), status, NOON, 0)
    assert notice.defender is not None
    return notice.defender


async def test_all_alerts_of_a_subscription_are_listed(alerts: SecurityAlerts, side: AzureSide) -> None:
    names = [(await raised(side, kind=kind))["name"] for kind in ("BruteForce", "GeoAnomaly")]
    found = [one async for one in alerts.listed(PRODUCTION)]
    assert [one["name"] for one in found] == names
    assert [read_alert(one) for one in found] == [read(one) for one in found]
    assert [one async for one in alerts.listed(STAGING)] == []


async def test_an_alert_is_begun_and_resolved(alerts: SecurityAlerts, side: AzureSide) -> None:
    alert = await raised(side)
    await alerts.set_status(wish(alert, BEGIN))
    assert await status_of(side, alert) == "InProgress"
    await alerts.set_status(wish(alert, RESOLVE))
    assert await status_of(side, alert) == "Resolved"


async def test_a_status_that_the_alert_has_is_not_set_again(alerts: SecurityAlerts, side: AzureSide) -> None:
    alert = await raised(side)
    for _ in range(2):
        await alerts.set_status(wish(alert, BEGIN))
    calls = await side.calls()
    assert calls.count("Microsoft.Security/locations/alerts/inProgress/action") == 1


@pytest.mark.parametrize(("status", "then"), [("Dismissed", BEGIN), ("Dismissed", RESOLVE), ("Resolved", BEGIN)])
async def test_what_people_have_decided_stays(
    alerts: SecurityAlerts, side: AzureSide, status: str, then: AlertStatus
) -> None:
    alert = await raised(side, status=status)
    with pytest.raises(Refused, match="and that stays"):
        await alerts.set_status(wish(alert, then))
    assert await status_of(side, alert) == status


@pytest.mark.parametrize("place", [{"location": ""}, {"location": "eastus"}, {"group": ""}, {"group": "elsewhere"}])
async def test_an_alert_is_looked_up_where_its_place_is_not_known(
    alerts: SecurityAlerts, side: AzureSide, place: dict[str, Any]
) -> None:
    alert = await raised(side)
    await alerts.set_status(replace(wish(alert, BEGIN), **place))
    assert await status_of(side, alert) == "InProgress"


async def test_an_alert_that_defender_does_not_know_is_gone(alerts: SecurityAlerts, side: AzureSide) -> None:
    alert = await raised(side)
    with pytest.raises(Gone, match="Defender knows no alert forged in subscription"):
        await alerts.set_status(replace(wish(alert, BEGIN), alert="forged"))


async def test_a_right_that_is_missing_is_named(azure: Address, alerts: SecurityAlerts, side: AzureSide) -> None:
    alert = await _post(side, {"server": PAYMENTS.id})
    with pytest.raises(Forbidden, match="alerts/dismiss/action is missing"):
        await alerts.set_status(wish(alert, AlertStatus.DISMISSED))


@pytest.mark.parametrize(("status", "error"), [(429, Throttled), (503, Unreachable)])
async def test_azures_troubles_are_told_as_ever(
    alerts: SecurityAlerts, side: AzureSide, status: int, error: type[Exception]
) -> None:
    alert = await raised(side)
    await side.fault("/inProgress$", status=status, times=1)
    with pytest.raises(error):
        await alerts.set_status(wish(alert, BEGIN))
    await alerts.set_status(wish(alert, BEGIN))
    assert await status_of(side, alert) == "InProgress"


@pytest.mark.parametrize("listed", [[{"id": 7}], [{}], [{"id": "/subscriptions/../alerts/x", "name": "x"}], ["x"]])
async def test_a_list_of_something_odd_names_no_place(listed: list[Any]) -> None:
    azure = ScriptedArm(alerts={"value": listed})
    with pytest.raises((Gone, Unreachable)):
        await SecurityAlerts(azure).set_status(StatusWish("x", BEGIN, PRODUCTION))
    assert {call.method for call in azure.calls} == {"GET"}
