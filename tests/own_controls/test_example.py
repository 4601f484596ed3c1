"""The page's example works as it is written: loaded, shown, checked, judged, put back."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from remediators import load_all
from shared.journal import NoticeKind
from shared.own_controls import with_own
from shared.policy import Policy
from shared.policy_file import load_policy_file
from shared.state import FirewallRule, Parameter, Setting, SettingKind
from tests.audit.auditing import findings
from tests.builders import a_server, a_state
from tests.engine.world import World
from tests.own_controls import example

OWN = [
    "contoso-backups-for-two-weeks",
    "contoso-explain-slow-statements",
    "contoso-idle-transactions",
    "contoso-no-burstable-servers",
    "contoso-rule-names",
]


@pytest.fixture
def controls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = example.written(tmp_path)
    monkeypatch.setenv("HOLDFAST_CONTROLS", str(folder))
    return folder


def types(*words: str) -> str:
    result = CliRunner().invoke(app, words, env={"COLUMNS": "120"})
    assert result.exit_code == 0, result.output
    return result.output


def a_world(folder: Path) -> World:
    """A server that is right by the example, under the example's policy."""
    catalogue = with_own(load_all(), folder)
    policy = load_policy_file(folder.parent / "policy.yaml", catalogue)
    state = a_state(
        server=a_server(public_access=True, facts={"backup.retentionDays": "14", "sku.tier": "GeneralPurpose"}),
        firewall_rules=(FirewallRule("chg100-app", "203.0.113.10", "203.0.113.10"),),
        parameters={
            "idle_in_transaction_session_timeout": Parameter("idle_in_transaction_session_timeout", "60000"),
            "shared_preload_libraries": Parameter("shared_preload_libraries", "pgaudit,auto_explain", dynamic=False),
        },
    )
    return World(state, policy=policy, catalogue=catalogue)


def test_the_list_shows_them_in_their_domains_beside_those_that_ship(controls: Path) -> None:
    listed = json.loads(types("controls", "list", "--format", "json"))
    assert sorted(one["id"] for one in listed if one["own"]) == OWN
    assert len(listed) == len(load_all()) + len(OWN)
    domains = [one["domain"] for one in listed]
    assert domains == sorted(domains, key=domains.index)
    assert "contoso-idle-transactions" in types("controls", "list", "--domain", "contoso")
    assert "contoso-idle-transactions" in types("controls", "list", "--framework", "iso")


def test_one_is_shown_whole_with_the_place_where_it_stands(controls: Path) -> None:
    text = types("controls", "show", "contoso-idle-transactions")
    assert "contoso.yaml:2" in text
    assert "idle_in_transaction_session_timeout: 1000 to 600000" in text
    assert "flexibleServers/configurations/write" in text
    assert "it is your own" in text
    assert "Delete the rule." in types("controls", "show", "contoso-rule-names")


def test_the_policy_of_the_example_is_right_and_the_schema_knows_its_controls(controls: Path) -> None:
    assert "contoso-rule-names" in types("policy", "check", str(controls.parent / "policy.yaml"))
    schema = json.loads(types("policy", "schema"))
    assert set(OWN) < schema["$defs"]["Controls"]["properties"].keys()
    assert "prefix" in json.dumps(schema["$defs"]["contoso-rule-names"])


def test_without_the_setting_nothing_knows_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOLDFAST_CONTROLS", raising=False)
    example.written(tmp_path)
    result = CliRunner().invoke(app, ["policy", "check", str(tmp_path / "policy.yaml")])
    assert result.exit_code == 2
    assert "unknown control 'contoso-idle-transactions'" in result.output


def test_they_are_off_until_the_policy_names_them(tmp_path: Path) -> None:
    catalogue = with_own(load_all(), example.written(tmp_path))
    assert not any(Policy().possible(catalogue[name].control) for name in OWN)


async def test_a_drift_of_a_row_is_put_back_and_proven(tmp_path: Path) -> None:
    world = a_world(example.written(tmp_path))
    await world.baseline()
    timeout = Setting(SettingKind.PARAMETER, "idle_in_transaction_session_timeout")
    await world.change(timeout, "0")
    await world.later(60)
    assert world.state.value(timeout) == "60000"


async def test_a_list_keeps_what_is_in_it_and_waits_for_a_person(tmp_path: Path) -> None:
    world = a_world(example.written(tmp_path))
    await world.baseline()
    libraries = Setting(SettingKind.PARAMETER, "shared_preload_libraries")
    await world.change(libraries, "pg_cron")
    assert world.state.value(libraries) == "pg_cron"
    assert await world.told() == [NoticeKind.APPROVAL_NEEDED]


async def test_what_no_write_can_mend_is_told_with_what_a_person_does(tmp_path: Path) -> None:
    world = a_world(example.written(tmp_path))
    await world.baseline()
    world.arm.states[world.target] = world.state.with_value(Setting(SettingKind.PROPERTY, "sku.tier"), "Burstable")
    await world.event("write")
    assert world.arm.writes == []
    (notice,) = await world.notices()
    assert "General Purpose size in its maintenance window" in str(notice)


async def test_an_audit_judges_them_and_shows_what_it_looked_at(tmp_path: Path) -> None:
    world = a_world(example.written(tmp_path))
    world.arm.set(world.target, Setting(SettingKind.FIREWALL_RULE, "tmp"), {
        "startIpAddress": "203.0.113.11", "endIpAddress": "203.0.113.11",
    })  # fmt: skip
    found = await findings(world, catalogue=world.catalogue)
    assert {name: found[name].status.value for name in OWN} == {
        **dict.fromkeys(OWN, "PASS"),
        "contoso-rule-names": "FAIL",
    }
    assert "firewall rule tmp: 203.0.113.11 → absent" in found["contoso-rule-names"].faults[0].remedy
