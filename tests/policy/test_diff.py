"""Which servers another policy would treat otherwise."""

import textwrap
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shared.errors import BadFile
from shared.policy_diff import Comparison, Step, compare
from shared.policy_servers import Fleet, read_fleet
from tests.builders import CATALOGUE, SUBSCRIPTION
from tests.policy.files import loaded

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SERVER = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.DBforPostgreSQL/flexibleServers"
FLEET = f"""
- id: {SERVER}/production
  tags: {{env: prod}}
  management_groups: [corp]
- id: {SERVER}/test
  state: {{parameters: {{require_secure_transport: off}}}}
  known_good: {{parameters: {{require_secure_transport: on}}}}
"""


def a_fleet(folder: Path, text: str = FLEET) -> Fleet:
    path = folder / "fleet.yaml"
    path.write_text(textwrap.dedent(text))
    return read_fleet(path)


def compared(folder: Path, old: str, new: str) -> Comparison:
    return compare(loaded(old), loaded(new), CATALOGUE, a_fleet(folder), NOON)


def by_name(found: Comparison) -> dict[str, list[Step]]:
    return {target.name: list(steps) for target, steps in found.servers.items()}


def test_the_same_policy_changes_nothing(tmp_path: Path) -> None:
    assert not compared(tmp_path, "mode: enforce", "mode: enforce\nversion: 1")


def test_only_servers_concerned_are_named(tmp_path: Path) -> None:
    old = "scopes: [{name: p, match: {tags: {env: prod}}, controls: {tls-required: {mode: enforce}}}]"
    new = old.replace("enforce", "notify")
    assert by_name(compared(tmp_path, old, new)) == {"production": [Step("tls-required", "mode", "enforce", "notify")]}


def test_parameters_delays_and_exemptions_are_compared(tmp_path: Path) -> None:
    line = "controls: {firewall-public-ip-range-size: {parameters: {maximum: 3}, delay: {hours: 2}}}\n"
    exempt = "exemptions: [{tags: {env: prod}, controls: [tls-required], reason: r, owner: o, expires: 2026-03-31}]"
    found = by_name(compared(tmp_path, "mode: audit", line + exempt))
    assert found["production"] == [
        Step("firewall-public-ip-range-size", "parameters.maximum", "10", "3"),
        Step("firewall-public-ip-range-size", "delay", "none", "2 h"),
        Step("tls-required", "exempt", "none", "until 2026-04-01 00:00 UTC"),
    ]
    assert [step.key for step in found["test"]] == ["parameters.maximum", "delay"]


def test_a_server_with_a_state_shows_what_would_be_done_otherwise(tmp_path: Path) -> None:
    found = by_name(compared(tmp_path, "mode: audit", "controls: {tls-required: {mode: enforce}}"))
    assert found["production"] == [Step("tls-required", "mode", "audit", "enforce")]
    assert found["test"] == [
        Step("tls-required", "mode", "audit", "enforce"),
        Step("tls-required", "decision on configurations/require_secure_transport", "record", "act, written: on"),
    ]


def test_a_control_that_is_switched_off_decides_nothing_more(tmp_path: Path) -> None:
    found = by_name(compared(tmp_path, "mode: notify", "mode: notify\ncontrols: {tls-required: {mode: off}}"))
    decided = [step for step in found["test"] if step.key.startswith("decision")]
    assert [(step.before, step.after) for step in decided] == [("tell", "none")]


def test_what_holds_for_all_servers_is_compared_once(tmp_path: Path) -> None:
    guid = "11111111-1111-4111-8111-11111111111a"
    new = f"""
        breaker: {{fixes: 5}}
        break_glass: {{tag: emergency}}
        operators: [{guid}]
        routes: [{{name: dba, url_setting: DBA}}]
    """
    found = compared(tmp_path, "mode: audit", new)
    assert not found.servers
    assert [(step.control, step.key) for step in found.everywhere] == [
        ("breaker", "fixes"),
        ("routes", "dba"),
        ("break_glass", "tag"),
        ("break_glass", "longest_hours"),
        ("", "operators"),
    ]
    assert found.everywhere[0] == Step("breaker", "fixes", "3", "5")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("servers: []", ""),
        ("[]", ""),
        ("- {id: pg}", "1:8: found 'pg'; right is the ARM id of a server: /subscriptions/GUID/"),
        (f"- {{id: {SERVER}/a}}\n- {{id: {SERVER}/A}}", "2:8: found this server a second time"),
        (f"- {{id: {SERVER}/a, tag: {{}}}}", "unknown key 'tag'; did you mean 'tags'?"),
        (f"- {{id: {SERVER}/a, tags: {{env: 1}}}}", "found 1; text is right: put it in quotes"),
        ("x: 1", "unknown key 'x'; right is servers"),
    ],
)
def test_a_fleet_is_a_list_of_servers(tmp_path: Path, text: str, said: str) -> None:
    if not said:
        assert a_fleet(tmp_path, text).servers == ()
        return
    with pytest.raises(BadFile) as caught:
        a_fleet(tmp_path, text)
    assert said in str(caught.value)


def test_a_large_fleet_is_read(tmp_path: Path) -> None:
    text = "".join(f"- {{id: {SERVER}/pg{number}, tags: {{env: prod}}}}\n" for number in range(2000))
    assert len(a_fleet(tmp_path, text).places) == 2000
