"""`holdfast role`: the custom role that a policy needs."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from cli.stack import DEMO_POLICY

SUBSCRIPTION = "/subscriptions/9c1d7e42-0b5f-4d38-8a66-1f2e3d4c5b6a"


def types(*words: str | Path, fails: bool = False, width: int = 100) -> str:
    result = CliRunner().invoke(app, ["role", *map(str, words)], env={"COLUMNS": str(width), "HOLDFAST_POLICY": ""})
    assert result.exit_code == (2 if fails else 0), result.output
    return result.output


def test_the_policy_that_ships_needs_to_read_only() -> None:
    printed = types()
    assert "it only reads: the role Reader has them all" in printed
    assert "/write" not in printed


def test_each_action_comes_with_the_controls_that_need_it() -> None:
    printed = types("--policy", DEMO_POLICY, "--kind", "flexible")
    (row,) = [line for line in printed.splitlines() if "flexibleServers/administrators/write" in line]
    assert "entra-admin-allowlist" in row
    assert "serverGroupsv2" not in printed


@pytest.mark.parametrize("width", [60, 80, 160])
def test_it_fits_the_terminal(width: int) -> None:
    for line in types("--policy", DEMO_POLICY, width=width).splitlines():
        if "actions for" not in line and "--format json" not in line and "What stands" not in line:
            assert len(line.rstrip()) <= width


def test_the_json_is_a_role_for_azure() -> None:
    role = json.loads(types("--policy", DEMO_POLICY, "--format", "json", "--scope", SUBSCRIPTION, "--name", "Guard"))
    assert role["Name"] == "Guard"
    assert role["AssignableScopes"] == [SUBSCRIPTION]
    assert "Microsoft.DBforPostgreSQL/flexibleServers/firewallRules/write" in role["Actions"]
    assert role["Actions"] == sorted(role["Actions"], key=str.lower)


@pytest.mark.parametrize(
    "scope", ["x/y", f"{SUBSCRIPTION}/resourceGroups/g/providers/Microsoft.DBforPostgreSQL/servers/s"]
)
def test_a_scope_that_no_role_can_have_is_refused(scope: str) -> None:
    assert "found" in types("--scope", scope, fails=True)


def test_a_failover_is_allowed_only_on_request() -> None:
    promotes = "Microsoft.DBforPostgreSQL/serverGroupsv2/promote/action"
    assert promotes not in json.loads(types("--format", "json"))["Actions"]
    assert promotes in json.loads(types("--failover", "--format", "json"))["Actions"]
