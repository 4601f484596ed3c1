"""Fleet files: what is wrong is said with its place."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from emulator.app import Emulator
from emulator.fleet import Fleet, FleetError, default_fleet

_SMALL = """
principals: {me: {kind: User, display_name: Me}}
app: me
subscriptions:
  - id: 9C1D7E42-0B5F-4D38-8A66-1F2E3D4C5B6A
    name: one
    resource_groups: [{name: rg, flexible_servers: [{name: pg}]}]
"""


def _written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "fleet.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_small_fleet_is_enough(tmp_path: Path) -> None:
    fleet = Fleet.load(_written(tmp_path, _SMALL))
    assert fleet.subscriptions[0].id == "9c1d7e42-0b5f-4d38-8a66-1f2e3d4c5b6a"
    assert fleet.principals["me"].object_id == Fleet.load(tmp_path / "fleet.yaml").principals["me"].object_id


def test_json_will_do(tmp_path: Path) -> None:
    path = tmp_path / "fleet.json"
    path.write_text(json.dumps(default_fleet().model_dump(mode="json")), encoding="utf-8")
    assert Fleet.load(path) == default_fleet()


@pytest.mark.parametrize(
    ("wrong", "right", "told"),
    [
        ("name: pg}", "name: pg, publik: yes}", "flexible_servers.0.publik: is not a key of the fleet"),
        ("app: me", "app: you", "app is 'you', wanted one of me"),
        ("kind: User", "kind: Robot", "principals.me.kind"),
        ("subscriptions:", "subscriptions: [", "fleet.yaml"),
    ],
)
def test_mistakes_are_told_with_their_place(tmp_path: Path, wrong: str, right: str, told: str) -> None:
    with pytest.raises(FleetError, match=re.escape(told)):
        Fleet.load(_written(tmp_path, _SMALL.replace(wrong, right)))


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FleetError, match=r"nowhere\.yaml"):
        Fleet.load(tmp_path / "nowhere.yaml")


@pytest.mark.parametrize("parameters", [{"no_such_thing": "1"}, {"log_duration": "maybe"}])
def test_parameters_of_a_fleet_must_exist_and_fit(parameters: dict[str, str]) -> None:
    given = default_fleet().model_dump()
    given["subscriptions"][0]["resource_groups"][0]["flexible_servers"][0]["parameters"] = parameters
    with pytest.raises(Exception, match=r"no_such_thing|log_duration"):
        Emulator(Fleet.model_validate(given))


def _with(**group: Any) -> Fleet:
    given = default_fleet().model_dump()
    given["subscriptions"][0]["resource_groups"][0].update(group)
    return Fleet.model_validate(given)


@pytest.mark.parametrize(
    ("group", "told"),
    [
        ({"single_servers": [{"name": "pg", "sku": "Standard_D2"}]}, "wanted one like GP_Gen5_2"),
        ({"single_servers": [{"name": "pg", "parameters": {"ssl": "on"}}]}, "no parameter 'ssl'"),
        ({"clusters": [{"name": "pg", "parameters": {"ssl": "on"}}]}, "no parameter 'ssl'"),
        ({"resources": [{"at": "Microsoft.Compute/virtualMachines/vm"}]}, "no type microsoft.compute"),
        ({"resources": [{"at": "Microsoft.KeyVault/vaults"}]}, "wanted TYPE/NAME"),
        ({"resources": [{"at": "Microsoft.KeyVault/vaults/kv/keys/k"}]}, "has to stand before it"),
    ],
)
def test_mistakes_that_only_azure_would_see_are_told_by_name(group: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Emulator(_with(**group))
