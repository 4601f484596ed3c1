"""The Bicep template is what its language allows, and asks Azure only for what Azure has."""

import json
import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from shared.ports import DELIVER_QUEUE, RECONCILE_QUEUE, SWEEP_QUEUE
from shared.settings import Settings
from tests.infra.templates import BICEP, INFRA, KNOWN, parsed, used

EACH = pytest.mark.parametrize("path", BICEP, ids=[path.stem for path in BICEP])
MAIN = (INFRA / "main.bicep").read_text()
APP = (INFRA / "modules" / "app.bicep").read_text()
# Of the platform, not of Holdfast: learn.microsoft.com, "App settings reference for Azure Functions".
OF_THE_PLATFORM = {
    "APPLICATIONINSIGHTS_CONNECTION_STRING",
    "APPLICATIONINSIGHTS_AUTHENTICATION_STRING",
    "AzureWebJobsStorage__credential",
    "AzureWebJobsStorage__clientId",
    "AzureWebJobs.on_alert_batch.Disabled",
}
# The Flex Consumption plan refuses these, or does without: learn.microsoft.com, "Flex Consumption plan deprecations".
NOT_ON_FLEX = (
    "FUNCTIONS_WORKER_RUNTIME",
    "FUNCTIONS_EXTENSION_VERSION",
    "WEBSITE_RUN_FROM_PACKAGE",
    "SCM_DO_BUILD_DURING_DEPLOYMENT",
    "ENABLE_ORYX_BUILD",
    "WEBSITE_TIME_ZONE",
)


def declared(path: Path, word: str) -> set[str]:
    return set(re.findall(rf"^{word} (\w+)", path.read_text(), re.MULTILINE))


def app_settings() -> set[str]:
    tables = re.findall(r"^var (?:always|withHub|withoutHub) = \{(.*?)\}$", APP, re.MULTILINE | re.DOTALL)
    return {name for table in tables for name in re.findall(r"(?:^|\{)\s*'?([\w.]+)'?: ", f"{{{table}", re.MULTILINE)}


@EACH
def test_every_template_can_be_read(path: Path) -> None:
    assert parsed(path)


def test_every_resource_type_and_version_was_looked_up() -> None:
    assert used() == {(kind, version) for kind, (version, _) in KNOWN.items()}


@EACH
def test_every_parameter_and_variable_is_used(path: Path) -> None:
    text = path.read_text()
    idle = {
        name for word in ("param", "var") for name in declared(path, word) if len(re.findall(rf"\b{name}\b", text)) < 2
    }
    assert idle == set()


@EACH
def test_every_module_gets_exactly_its_parameters(path: Path) -> None:
    for name, body in re.findall(r"^module \w+ '([\w./-]+)' = (.*?)^\}", path.read_text(), re.MULTILINE | re.DOTALL):
        params = body.partition("params:")[2]
        given = set(re.findall(r"(?:[{,]|^)\s*(\w+): ", params, re.MULTILINE))
        assert given == declared(path.parent / name, "param"), name


def test_every_output_that_is_read_is_there() -> None:
    modules = dict(re.findall(r"^module (\w+) '([\w./-]+)'", MAIN, re.MULTILINE))
    for module, output in re.findall(r"\b(\w+)\.outputs\.(\w+)", MAIN):
        assert output in declared(INFRA / modules[module], "output"), f"{module}.{output}"


def test_the_parameter_file_names_parameters_that_there_are() -> None:
    parameters = json.loads((INFRA / "main.parameters.json").read_text())["parameters"]
    assert parameters.keys() <= declared(INFRA / "main.bicep", "param")
    needed = set(re.findall(r"^param (\w+) \w+$", MAIN, re.MULTILINE))
    assert needed <= parameters.keys()


def test_the_app_gets_settings_that_holdfast_knows() -> None:
    known = {field.alias for field in Settings.model_fields.values() if field.alias}
    unknown = app_settings() - known - OF_THE_PLATFORM
    assert {name for name in unknown if not name.startswith("HOLDFAST_ALERTS__")} == set()
    assert {"HOLDFAST_SUBSCRIPTIONS", "HOLDFAST_TOPIC_ENDPOINT", "AZURE_CLIENT_ID"} <= app_settings()


@pytest.mark.parametrize("name", NOT_ON_FLEX)
def test_the_app_gets_no_setting_that_its_plan_refuses(name: str) -> None:
    assert name not in APP


def test_no_key_opens_the_store_the_topic_or_the_telemetry() -> None:
    text = "".join(path.read_text() for path in BICEP)
    assert "allowSharedKeyAccess: false" in text
    assert text.count("disableLocalAuth: true") + text.count("DisableLocalAuth: true") == 3
    # Defender's export knows no identity: one key, which may send alerts and nothing else.
    assert len(re.findall(r"listKeys\(", text)) == 1
    assert "rights: ['Send']" in text


def test_the_queues_that_functions_listen_to_are_made() -> None:
    listened = set(re.findall(r'queue_name="([\w-]+)"', (INFRA.parent / "function_app.py").read_text()))
    storage = (INFRA / "modules" / "storage.bicep").read_text()
    made = set(re.findall(r"'(holdfast-[\w-]+)'", re.findall(r"var queues = \[(.*?)\]", storage)[0]))
    assert listened == made | {f"{name}-poison" for name in made}
    assert {RECONCILE_QUEUE, DELIVER_QUEUE, SWEEP_QUEUE} < made


def test_the_hub_that_a_function_listens_to_is_made() -> None:
    (listened,) = re.findall(r'event_hub_name="([\w-]+)"', (INFRA.parent / "function_app.py").read_text())
    assert f"name: '{listened}'" in (INFRA / "modules" / "hub.bicep").read_text()


def test_every_event_subscription_is_delivered_by_the_courier_and_loses_nothing() -> None:
    for name in ("events", "vault"):
        text = (INFRA / "modules" / f"{name}.bicep").read_text()
        subscriptions = text.count("systemTopics/eventSubscriptions@")
        assert text.count("deliveryWithResourceIdentity:") == subscriptions
        assert text.count("deadLetterWithResourceIdentity:") == subscriptions
        assert text.count("retryPolicy:") == subscriptions
        assert "queueName: 'holdfast-events'" in text


def test_azd_deploys_this_app_into_that_template() -> None:
    project = YAML(typ="safe").load(INFRA.parent / "azure.yaml")
    (name,) = project["services"]
    assert project["services"][name]["language"] == "python"
    assert f"'azd-service-name': '{name}'" in APP
    assert "version: '3.13'" in APP


def test_what_lies_in_infra_is_not_shipped_with_the_app() -> None:
    assert {"infra", "azure.yaml"} <= set((INFRA.parent / ".funcignore").read_text().split())
