"""What probes hear: alive, or able to work."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import function_app
from remediators import load_all
from shared.health import HealthChecks
from shared.runtime import Holdfast
from shared.settings import read_settings


@pytest.fixture
async def holdfast(tmp_path: Path) -> AsyncIterator[Holdfast]:
    policy = tmp_path / "policy.yaml"
    policy.write_text("version: 1\n")
    given = {"HOLDFAST_STORE": f"sqlite:{tmp_path / 'holdfast.db'}", "HOLDFAST_POLICY": str(policy)}
    opened = Holdfast(read_settings(given), load_all)
    yield opened
    await opened.close()


async def test_who_can_work_is_ready(holdfast: Holdfast) -> None:
    status, body = await holdfast.ready()
    assert (status, json.loads(body)) == (200, {"ready": True, "failed": []})


async def test_who_cannot_is_not_and_no_text_leaks_to_whoever_asks(holdfast: Holdfast, tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text("version: secret-word\n")
    status, body = await holdfast.ready()
    assert (status, json.loads(body)) == (503, {"ready": False, "failed": ["policy"]})
    assert "secret-word" not in body


async def test_however_often_it_is_asked_it_looks_once_in_a_while(holdfast: Holdfast, tmp_path: Path) -> None:
    at = [0.0]
    checks = HealthChecks(holdfast.parts, lambda: at[0])
    first = await checks.recent()
    at[0] = 4.9
    assert await checks.recent() is first
    at[0] = 5.1
    assert await checks.recent() is not first


def test_probes_need_no_key() -> None:
    triggers = [(str(one.get_function_name()), one.get_trigger()) for one in function_app.app.get_functions()]
    probes = {name: door.get_dict_repr() for name, door in triggers if door and name.startswith("health")}
    levels = {name: door["authLevel"].name for name, door in probes.items()}
    assert levels == {"health": "FUNCTION", "health_live": "ANONYMOUS", "health_ready": "ANONYMOUS"}
