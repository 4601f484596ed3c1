"""Alert rules, and Microsoft Defender's plans, contacts, suppression rules and its older setting on a resource."""

from typing import Any

import pytest

from tests.emulator.arm_client import OPEN, PRODUCTION, STAGING, Bench
from tests.emulator.around.client import AroundClient
from tests.emulator.kinds import GROUP, SINGLE
from tests.emulator.webhook import Webhook

_INSIGHTS = f"{GROUP}/providers/Microsoft.Insights"
_SECURITY = "providers/Microsoft.Security"
_PLAN = f"{PRODUCTION}/{_SECURITY}/pricings/OpenSourceRelationalDatabases"
_CONTACT = f"{PRODUCTION}/{_SECURITY}/securityContacts/default"
_RULE = f"{PRODUCTION}/{_SECURITY}/alertsSuppressionRules/quiet"
_ACTIONS = {"actionGroups": [{"actionGroupId": f"{_INSIGHTS}/actionGroups/soc"}]}
_ACTIVITY: dict[str, Any] = {
    "scopes": [PRODUCTION],
    "condition": {
        "allOf": [
            {"field": "category", "equals": "Administrative"},
            {"field": "operationName", "equals": "Microsoft.DBforPostgreSQL/flexibleServers/firewallRules/write"},
        ]
    },
    "actions": _ACTIONS,
}
_METRIC: dict[str, Any] = {
    "severity": 2,
    "enabled": True,
    "scopes": [OPEN],
    "evaluationFrequency": "PT5M",
    "windowSize": "PT15M",
    "criteria": {
        "odata.type": "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
        "allOf": [{"name": "cpu", "metricName": "cpu_percent", "operator": "GreaterThan", "threshold": 90}],
    },
}


async def test_an_activity_log_alert_is_made_switched_off_and_removed(around: AroundClient) -> None:
    rule = f"{_INSIGHTS}/activityLogAlerts/firewall"
    made = await around.put(rule, _ACTIVITY, location="Global")
    assert (made.status, made.properties["enabled"], made.body["location"]) == (201, True, "Global")
    assert (await around.put(rule, _ACTIVITY, location="Global")).status == 200
    assert (await around.patch(rule, enabled=False)).properties["enabled"] is False
    for scope in (GROUP, PRODUCTION):
        assert await around.names(f"{scope}/providers/Microsoft.Insights/activityLogAlerts") == ["firewall"]
    assert (await around.delete(rule)).status == 200
    assert (await around.get(rule)).code == "ResourceNotFound"


async def test_an_activity_log_alert_needs_a_category(around: AroundClient) -> None:
    rule = f"{_INSIGHTS}/activityLogAlerts/firewall"
    body = {**_ACTIVITY, "condition": {"allOf": [{"field": "operationName", "equals": "x"}]}}
    assert (await around.put(rule, body, location="Global")).status == 400
    assert (await around.put(rule, {"scopes": [PRODUCTION]}, location="Global")).status == 400


async def test_a_metric_alert_is_made_changed_and_removed(around: AroundClient) -> None:
    rule = f"{_INSIGHTS}/metricAlerts/cpu"
    assert (await around.put(rule, _METRIC, location="global")).status == 200
    assert (await around.patch(rule, severity=1)).properties["severity"] == 1
    assert (await around.get(rule)).properties["criteria"] == _METRIC["criteria"]
    missing = {name: value for name, value in _METRIC.items() if name != "windowSize"}
    assert (await around.put(rule, missing, location="global")).status == 400
    assert (await around.patch(rule, severity=5)).status == 400
    assert (await around.delete(rule)).status == 200


async def test_a_plan_is_free_until_it_is_switched_on(around: AroundClient) -> None:
    assert (await around.get(_PLAN)).properties == {"pricingTier": "Free", "freeTrialRemainingTime": "P30D"}
    made = await around.put(_PLAN, {"pricingTier": "Standard"})
    assert (made.status, made.properties["pricingTier"]) == (200, "Standard")
    assert "enablementTime" in (await around.get(_PLAN)).properties
    tiers = {one["name"]: one["properties"]["pricingTier"] for one in await around.listed(_PLAN.rpartition("/")[0])}
    assert (tiers["OpenSourceRelationalDatabases"], tiers["KeyVaults"]) == ("Standard", "Free")
    assert (await around.put(_PLAN, {"pricingTier": "Gold"})).status == 400
    assert (await around.get(_PLAN.replace("OpenSource", "Closed"))).status == 404
    assert (await around.get(_PLAN.replace(PRODUCTION, STAGING))).properties["pricingTier"] == "Free"


async def test_there_is_one_security_contact(around: AroundClient) -> None:
    body = {
        "emails": "soc@contoso.example;ciso@contoso.example",
        "isEnabled": True,
        "notificationsByRole": {"state": "On", "roles": ["Owner"]},
        "notificationsSources": [{"sourceType": "Alert", "minimalSeverity": "Medium"}],
    }
    assert (await around.get(_CONTACT)).status == 404
    assert (await around.put(_CONTACT, body)).status == 201
    assert (await around.put(_CONTACT, body)).status == 200
    assert (await around.get(_CONTACT)).properties["notificationsByRole"]["state"] == "On"
    assert (await around.put(_CONTACT.replace("default", "other"), body)).status == 400
    assert (await around.put(_CONTACT, {"emails": "nobody"})).code == "InvalidEmail"
    assert (await around.delete(_CONTACT)).status == 200
    assert (await around.delete(_CONTACT)).status == 204


async def test_alerts_are_suppressed_by_rule(around: AroundClient) -> None:
    body = {"alertType": "SQL.PostgreSQL_BruteForce", "reason": "Noise", "state": "Enabled"}
    assert (await around.put(_RULE, body)).status == 200
    assert (await around.get(_RULE)).properties | body == (await around.get(_RULE)).properties
    assert (await around.put(_RULE, {"reason": "Noise"})).status == 400
    assert await around.names(_RULE.rpartition("/")[0]) == ["quiet"]
    assert (await around.delete(_RULE)).status == 204


async def test_threat_protection_can_be_set_the_older_way(around: AroundClient) -> None:
    path = f"{SINGLE}/{_SECURITY}/advancedThreatProtectionSettings/current"
    assert (await around.get(path)).properties == {"isEnabled": False}
    assert (await around.put(path, {"isEnabled": True})).status == 200
    assert (await around.get(path)).properties == {"isEnabled": True}
    assert (await around.get(path.replace("pg-single", "nowhere"))).code == "ResourceNotFound"


@pytest.mark.parametrize(
    ("path", "properties", "action"),
    [
        (_PLAN, {"pricingTier": "Free"}, "Microsoft.Security/pricings/write"),
        (_CONTACT, {"emails": "soc@contoso.example"}, "Microsoft.Security/securityContacts/write"),
    ],
)
async def test_a_change_is_told_of_the_subscription(
    around: AroundClient, bench: Bench, hook: Webhook, path: str, properties: dict[str, str], action: str
) -> None:
    await bench.control.send("POST", "/subscriptions", {"endpoint": hook.url})
    await around.put(path, properties)
    (event,) = await hook.arrived(1)
    assert (event["data"]["operationName"], event["subject"]) == (action, path)
