"""The Terraform module can be read, and makes what the Bicep template makes: kinds, settings, roles and filters."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hcl2
import pytest

from tests.infra.templates import BICEP, INFRA, KNOWN
from tests.infra.test_bicep import OF_THE_PLATFORM, app_settings

TERRAFORM = sorted((INFRA / "terraform").rglob("*.tf"))
# Resources of azurerm, and the kind that each makes. `WITHIN_ANOTHER` are no resources of their own there.
MAKES = {
    "azurerm_resource_group": "Microsoft.Resources/resourceGroups",
    "azurerm_user_assigned_identity": "Microsoft.ManagedIdentity/userAssignedIdentities",
    "azurerm_role_definition": "Microsoft.Authorization/roleDefinitions",
    "azurerm_role_assignment": "Microsoft.Authorization/roleAssignments",
    "azurerm_storage_account": "Microsoft.Storage/storageAccounts",
    "azurerm_storage_container": "Microsoft.Storage/storageAccounts/blobServices/containers",
    "azurerm_storage_queue": "Microsoft.Storage/storageAccounts/queueServices/queues",
    "azurerm_log_analytics_workspace": "Microsoft.OperationalInsights/workspaces",
    "azurerm_application_insights": "Microsoft.Insights/components",
    "azurerm_application_insights_standard_web_test": "Microsoft.Insights/webtests",
    "azurerm_application_insights_workbook": "Microsoft.Insights/workbooks",
    "azurerm_monitor_action_group": "Microsoft.Insights/actionGroups",
    "azurerm_monitor_metric_alert": "Microsoft.Insights/metricAlerts",
    "azurerm_monitor_scheduled_query_rules_alert_v2": "Microsoft.Insights/scheduledQueryRules",
    "azurerm_service_plan": "Microsoft.Web/serverfarms",
    "azurerm_function_app_flex_consumption": "Microsoft.Web/sites",
    "azurerm_eventgrid_topic": "Microsoft.EventGrid/topics",
    "azurerm_eventgrid_system_topic": "Microsoft.EventGrid/systemTopics",
    "azurerm_eventgrid_system_topic_event_subscription": "Microsoft.EventGrid/systemTopics/eventSubscriptions",
    "azurerm_eventhub_namespace": "Microsoft.EventHub/namespaces",
    "azurerm_eventhub": "Microsoft.EventHub/namespaces/eventhubs",
    "azurerm_eventhub_authorization_rule": "Microsoft.EventHub/namespaces/eventhubs/authorizationRules",
    "azurerm_security_center_automation": "Microsoft.Security/automations",
}
WITHIN_ANOTHER = {
    "Microsoft.Storage/storageAccounts/blobServices",  # blob_properties of the account
    "Microsoft.Storage/storageAccounts/queueServices",  # always there
    "Microsoft.Web/sites/config",  # app_settings of the app
    "Microsoft.Web/sites/basicPublishingCredentialsPolicies",  # webdeploy_publish_basic_authentication_enabled
    "Microsoft.KeyVault/vaults",  # handed in, not made
}
TEXT = "".join(path.read_text() for path in TERRAFORM)
BICEP_TEXT = "".join(path.read_text() for path in BICEP)


def resources() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every resource: its type, its name, its body."""
    for path in TERRAFORM:
        for block in hcl2.loads(path.read_text()).get("resource", []):
            for kind, named in block.items():
                yield from ((kind.strip('"'), name.strip('"'), body) for name, body in named.items())


def quoted(name: str, text: str) -> set[str]:
    """The texts of a list, by its name."""
    (found,) = re.findall(rf"{name}\s+= \[([^\]]*)\]", text)
    return set(re.findall(r"['\"]([^'\"]+)['\"]", found))


@pytest.mark.parametrize("path", TERRAFORM, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_file_can_be_read(path: Path) -> None:
    assert hcl2.loads(path.read_text())


def test_it_makes_the_kinds_that_the_bicep_template_makes() -> None:
    assert {MAKES[kind] for kind, _, _ in resources()} == KNOWN.keys() - WITHIN_ANOTHER


def test_every_name_that_is_read_is_there() -> None:
    made = {f"{kind}.{name}" for kind, name, _ in resources()}
    assert set(re.findall(r"\b(azurerm_\w+\.\w+)\b", TEXT)) - made == set()
    declared = set(re.findall(r'^variable "(\w+)"', TEXT, re.MULTILINE))
    assert set(re.findall(r"\bvar\.(\w+)", TEXT)) == declared
    local = set(re.findall(r"\blocal\.(\w+)", TEXT))
    assert {name for name in local if not re.search(rf"^  {name}\s+= ", TEXT, re.MULTILINE)} == set()


def test_the_app_has_the_settings_that_bicep_gives() -> None:
    given = set(re.findall(r'^    "?([\w.]+)"?\s+= ', (INFRA / "terraform" / "app.tf").read_text(), re.MULTILINE))
    insights = {"application_insights_connection_string"}  # azurerm makes the setting of it
    assert app_settings() - given == {"APPLICATIONINSIGHTS_CONNECTION_STRING"}
    assert insights <= given
    assert {"runtime_name", "runtime_version"} <= dict(the("azurerm_function_app_flex_consumption", "app")).keys()
    assert OF_THE_PLATFORM - {"APPLICATIONINSIGHTS_CONNECTION_STRING"} <= given


def the(kind: str, name: str) -> dict[str, Any]:
    (body,) = [body for each, called, body in resources() if (each, called) == (kind, name)]
    return body


def test_it_makes_the_same_queues_and_containers() -> None:
    assert quoted("queues", TEXT) == set(
        re.findall(r"'([\w-]+)'", re.findall(r"var queues = \[(.*?)\]", BICEP_TEXT)[0])
    )
    assert '"${name}-poison"' in TEXT
    containers = {body["name"].strip('"') for kind, _, body in resources() if kind == "azurerm_storage_container"}
    assert containers == {"app-package", "holdfast-undelivered"}


def test_it_gives_the_same_roles() -> None:
    guid = r"['\"/]([0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12})['\"]"
    assert set(re.findall(guid, TEXT)) == set(re.findall(guid, BICEP_TEXT))
    assert set(re.findall(r"# ((?:Storage|Azure|EventGrid|Monitoring) [\w ]+)$", TEXT, re.MULTILINE)) == set(
        re.findall(r"// ((?:Storage|Azure|EventGrid|Monitoring) [\w ]+)$", BICEP_TEXT, re.MULTILINE)
    )


def test_both_read_the_same_facts() -> None:
    assert set(re.findall(r"facts/([\w-]+\.json)\"", TEXT)) == set(re.findall(r"facts/([\w-]+\.json)'", BICEP_TEXT))


def test_events_are_filtered_by_operators_that_are_translated() -> None:
    filters = json.loads((INFRA / "facts" / "filters.json").read_text())
    used = {one["operatorType"] for each in filters.values() for one in each.get("advancedFilters", [])}
    assert used == set(re.findall(r'one\.operatorType == "(\w+)"', TEXT))


def test_events_are_delivered_alike() -> None:
    for _, _, body in (one for one in resources() if one[0].endswith("_topic_event_subscription")):
        (queue,), (dead,), (retry,) = (
            body[name] for name in ("storage_queue_endpoint", "storage_blob_dead_letter_destination", "retry_policy")
        )
        assert queue["queue_name"].strip('"') == "holdfast-events"
        assert f"queueMessageTimeToLiveInSeconds: {queue['queue_message_time_to_live_in_seconds']}" in BICEP_TEXT
        assert dead["storage_blob_container_name"].strip('"') == "holdfast-undelivered"
        assert f"maxDeliveryAttempts: {retry['max_delivery_attempts']}" in BICEP_TEXT
        assert f"eventTimeToLiveInMinutes: {retry['event_time_to_live']}" in BICEP_TEXT
        assert body["delivery_identity"] == body["dead_letter_identity"]


def test_no_key_opens_the_store_the_topic_or_the_telemetry() -> None:
    assert the("azurerm_storage_account", "store")["shared_access_key_enabled"] is False
    assert the("azurerm_eventgrid_topic", "holdfast")["local_auth_enabled"] is False
    assert the("azurerm_log_analytics_workspace", "logs")["local_authentication_enabled"] is False
    assert the("azurerm_application_insights", "insights")["local_authentication_disabled"] is True
    defender = the("azurerm_eventhub_authorization_rule", "defender")
    assert [defender[right] for right in ("send", "listen", "manage")] == [True, False, False]


def test_the_app_runs_as_bicep_says() -> None:
    app = the("azurerm_function_app_flex_consumption", "app")
    assert f"instanceMemoryMB: {app['instance_memory_in_mb']}" in BICEP_TEXT
    assert f"maximumInstanceCount: {app['maximum_instance_count']}" in BICEP_TEXT
    assert f"version: '{app['runtime_version'].strip(chr(34))}'" in BICEP_TEXT
    places = quoted("geo_locations", TEXT)
    assert places == set(re.findall(r"'([\w-]+)'", re.findall(r"var places = \[(.*?)\]", BICEP_TEXT)[0]))


@pytest.mark.parametrize("name", ["holdfast-does-not-answer", "holdfast-events-undelivered"])
def test_an_alert_watches_alike(name: str) -> None:
    alerts = [body for kind, _, body in resources() if kind == "azurerm_monitor_metric_alert"]
    (body,) = [body for body in alerts if body["name"].strip('"') == name]
    bicep = BICEP_TEXT.partition(f"name: '{name}'")[2]
    assert f"severity: {body['severity']}" in bicep[:400]
    assert f"evaluationFrequency: '{body['frequency'].strip(chr(34))}'" in bicep[:600]
    assert f"windowSize: '{body['window_size'].strip(chr(34))}'" in bicep[:600]
