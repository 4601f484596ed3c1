"""Diagnostic settings: where logs go, answered in the odd way that was recorded."""

from typing import Any

import pytest

from tests.emulator.arm_client import OPEN, PRODUCTION
from tests.emulator.around.client import AroundClient
from tests.emulator.kinds import CLUSTER, SINGLE, VAULT, WORKSPACE

_SETTINGS = "providers/Microsoft.Insights/diagnosticSettings"
_ALL = {"categoryGroup": "allLogs", "enabled": True}
_LOGS = {"category": "PostgreSQLLogs", "enabled": True}
_METRICS = {"category": "AllMetrics", "enabled": True}


async def test_a_setting_is_answered_as_recorded(around: AroundClient) -> None:
    path = f"{OPEN}/{_SETTINGS}/to-workspace"
    made = await around.put(path, {"workspaceId": WORKSPACE, "logs": [_ALL], "metrics": [_METRICS]})
    assert made.status == 200
    policy = {"enabled": False, "days": 0}
    assert (await around.get(path)).body == {
        "id": f"{OPEN.lower()}/providers/microsoft.insights/diagnosticSettings/to-workspace",
        "type": "Microsoft.Insights/diagnosticSettings",
        "name": "to-workspace",
        "location": None,
        "kind": None,
        "tags": None,
        "identity": None,
        "properties": {
            "storageAccountId": None,
            "serviceBusRuleId": None,
            "workspaceId": WORKSPACE,
            "eventHubAuthorizationRuleId": None,
            "eventHubName": None,
            "logs": [{"category": None, "categoryGroup": "allLogs", "enabled": True, "retentionPolicy": policy}],
            "metrics": [{"timeGrain": None, "category": "AllMetrics", "enabled": True, "retentionPolicy": policy}],
            "logAnalyticsDestinationType": None,
        },
    }
    assert await around.names(f"{OPEN}/{_SETTINGS}") == ["to-workspace"]
    assert (await around.delete(path)).status == 200
    assert (await around.delete(path)).status == 204


@pytest.mark.parametrize("scope", [SINGLE, CLUSTER, VAULT, PRODUCTION])
async def test_every_kind_of_resource_can_have_one(around: AroundClient, scope: str) -> None:
    categories = await around.names(f"{scope}/providers/Microsoft.Insights/diagnosticSettingsCategories")
    log = {"category": categories[0], "enabled": True}
    assert (await around.put(f"{scope}/{_SETTINGS}/x", {"workspaceId": WORKSPACE, "logs": [log]})).status == 200
    assert await around.names(f"{scope}/{_SETTINGS}") == ["x"]


async def test_a_subscription_has_no_metrics(around: AroundClient) -> None:
    log = {"category": "Administrative", "enabled": True}
    made = await around.put(f"{PRODUCTION}/{_SETTINGS}/x", {"workspaceId": WORKSPACE, "logs": [log]})
    assert "metrics" not in made.properties


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({"logs": [_ALL]}, "At least one data sink needs to be specified."),
        ({"workspaceId": WORKSPACE, "logs": [{"enabled": True}]}, "category"),
        ({"workspaceId": WORKSPACE, "logs": [{**_LOGS, **_ALL}]}, "category"),
        ({"workspaceId": WORKSPACE, "logs": [{"category": "PostgreSQLLogs"}]}, "enabled"),
        ({"workspaceId": WORKSPACE, "logs": [{**_LOGS, "category": "Audit"}]}, "Category 'Audit' is not supported."),
    ],
)
async def test_a_mistake_is_told_at_the_top_of_the_answer(
    around: AroundClient, properties: dict[str, Any], message: str
) -> None:
    answer = await around.put(f"{OPEN}/{_SETTINGS}/x", properties)
    assert (answer.status, answer.body["code"]) == (400, "BadRequest")
    assert message in answer.body["message"]


async def test_a_sink_takes_a_category_once(around: AroundClient) -> None:
    body = {"workspaceId": WORKSPACE, "logs": [_LOGS]}
    assert (await around.put(f"{OPEN}/{_SETTINGS}/one", body)).status == 200
    answer = await around.put(f"{OPEN}/{_SETTINGS}/two", body)
    assert (answer.status, answer.body["code"]) == (409, "Conflict")
    other = {"workspaceId": WORKSPACE, "metrics": [_METRICS]}
    assert (await around.put(f"{OPEN}/{_SETTINGS}/two", other)).status == 200


async def test_categories_say_what_they_are(around: AroundClient) -> None:
    place = f"{OPEN}/providers/Microsoft.Insights/diagnosticSettingsCategories"
    assert (await around.get(f"{place}/PostgreSQLLogs")).properties["categoryGroups"] == ["audit", "allLogs"]
    assert (await around.get(f"{place}/AllMetrics")).properties["categoryType"] == "Metrics"
    assert (await around.get(f"{place}/Nothing")).status == 404
