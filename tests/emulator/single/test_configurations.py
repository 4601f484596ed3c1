"""Parameters of single servers, whose flags are words."""

from typing import Any

import pytest

from tests.emulator.arm_client import ArmClient
from tests.emulator.kinds import BASIC, SINGLE
from tests.emulator.single.client import SingleClient


@pytest.fixture
def single(dana: ArmClient) -> SingleClient:
    return SingleClient(dana)


def _path(name: str) -> str:
    return f"{SINGLE}/configurations/{name}"


async def test_a_parameter_is_answered_as_recorded(single: SingleClient) -> None:
    found = (await single.get(_path("array_nulls"))).properties
    assert found == {
        "value": "on",
        "description": "Enable input of NULL elements in arrays.",
        "defaultValue": "on",
        "dataType": "Boolean",
        "allowedValues": "on,off",
        "source": "system-default",
        "isConfigPendingRestart": "False",
        "isDynamicConfig": "True",
    }


async def test_it_is_set_and_reset(single: SingleClient) -> None:
    accepted = await single.put(_path("array_nulls"), {"value": "off"})
    assert accepted.body["operation"] == "UpdateElasticServerConfig"
    assert (await single.get(_path("array_nulls"))).properties["source"] == "user-override"
    await single.put(_path("array_nulls"), {"source": "system-default"})
    assert (await single.get(_path("array_nulls"))).properties["value"] == "on"
    assert (await single.send("PATCH", _path("array_nulls"), {"properties": {"value": "off"}})).status == 405


@pytest.mark.parametrize(("name", "value"), [("log_retention_days", "8"), ("log_statement", "some")])
async def test_what_is_not_allowed_is_refused(single: SingleClient, name: str, value: str) -> None:
    assert (await single.put(_path(name), {"value": value})).status == 400


async def test_a_large_number_is_within_the_range(single: SingleClient) -> None:
    assert (await single.put(_path("random_page_cost"), {"value": "1000"})).status == 202


async def test_pgaudit_has_parameters_once_it_is_loaded(single: SingleClient) -> None:
    assert (await single.get(_path("pgaudit.log"))).code == "ResourceNotFound"
    await single.put(_path("shared_preload_libraries"), {"value": "pgaudit"})
    assert (await single.get(_path("shared_preload_libraries"))).properties["isConfigPendingRestart"] == "True"
    assert (await single.get(_path("pgaudit.log"))).status == 404
    assert (await single.send("POST", f"{SINGLE}/restart")).status == 202
    assert (await single.get(_path("pgaudit.log"))).properties["value"] == "none"
    assert (await single.get(_path("shared_preload_libraries"))).properties["isConfigPendingRestart"] == "False"


async def test_the_list_has_what_the_fleet_says(single: SingleClient) -> None:
    values = {one["name"]: one["properties"]["value"] for one in (await single.get(_path("")[:-1])).body["value"]}
    assert (values["log_disconnections"], values["connection_throttling"]) == ("on", "on")
    assert "pgaudit.log" not in values
    assert len(values) > 45


async def test_many_are_set_at_once(single: SingleClient) -> None:
    many: list[dict[str, Any]] = [
        {"name": "log_duration", "properties": {"value": "on"}},
        {"name": "log_lock_waits", "properties": {"value": "on"}},
    ]
    assert (await single.send("POST", f"{SINGLE}/updateConfigurations", {"value": many})).status == 202
    assert (await single.get(_path("log_lock_waits"))).properties["value"] == "on"
    many[0]["properties"]["value"] = "maybe"
    assert (await single.send("POST", f"{SINGLE}/updateConfigurations", {"value": many})).status == 400
    assert (await single.send("POST", f"{BASIC}/updateConfigurations", {})).status == 400
