"""`holdfast policy ...`: on files alone, without a store and without Azure."""

import json
import textwrap
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
from typer.testing import CliRunner

from cli.main import app
from shared.errors import Forbidden
from shared.state import Facet
from shared.target import Target
from tests.builders import SUBSCRIPTION, a_server, a_state, a_target
from tests.cli.terminal import Terminal
from tests.engine.world import World

SERVER = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.DBforPostgreSQL/flexibleServers/pg-payments"
)
POLICY = """
    version: 1
    mode: notify
    scopes:
      - name: production
        match: {tags: {env: prod}}
        mode: enforce
        controls:
          firewall-public-ip-range-size: {parameters: {maximum: 2}, delay: {hours: 24}}
    exemptions:
      - scope: /subscriptions/11111111-1111-4111-8111-111111111111
        controls: [tls-required]
        reason: an old client
        owner: dana.fields@contoso.example
        ticket: CHG-1042
        expires: 2026-03-31
"""
FLEET = f"- {{id: {SERVER}, tags: {{env: prod}}}}\n- {{id: {SERVER}2}}\n"
AT = ("--at", "2026-03-01T12:00Z")


@dataclass(frozen=True, slots=True)
class Printed:
    """What a command left on the screen, and its exit code."""

    code: int
    text: str
    errors: str

    @property
    def lines(self) -> list[str]:
        """The text line by line, without the blanks of its layout."""
        return [" ".join(line.split()) for line in self.text.splitlines() if line.strip()]

    @property
    def json(self) -> Any:
        """The answer for programs."""
        return json.loads(self.text)


def types(*words: str | Path) -> Printed:
    result = CliRunner().invoke(app, ["policy", *map(str, words)], env={"COLUMNS": "100", "HOLDFAST_POLICY": ""})
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Printed(result.exit_code, result.stdout, result.stderr)


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A folder with a policy and a fleet."""
    (tmp_path / "policy.yaml").write_text(textwrap.dedent(POLICY))
    (tmp_path / "fleet.yaml").write_text(FLEET)
    return tmp_path


# check


def test_a_good_policy_is_shown_with_its_modes_and_scopes(here: Path) -> None:
    printed = types("check", here / "policy.yaml", *AT)
    assert printed.code == 0
    assert printed.lines[0].endswith("policy.yaml is a usable policy: 1 exemption")
    assert "firewall-public-ip-range-size notify notify production" in printed.lines
    assert "production env = prod enforce –" in printed.lines
    assert printed.lines[-1] == "nothing to remark"


def test_remarks_have_their_places_and_do_not_change_the_exit_code(here: Path) -> None:
    (here / "fleet.yaml").write_text(f"- {{id: {SERVER}2}}\n")
    printed = types("check", here / "policy.yaml", "--fleet", here / "fleet.yaml", "--at", "2026-03-25T12:00Z")
    assert printed.code == 0
    assert f"! {here}/policy.yaml:5:5: the scope 'production' matches no server" in printed.lines
    assert any("the exemption ends in 6 days" in line for line in printed.lines)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("mode: enforced", "policy.yaml:1:7: found 'enforced'; did you mean 'enforce'?"),
        ("#" * 5_000_000, "policy.yaml:1:1: the file has 5000000 bytes, at most 1000000 are read"),
        ("include: [policy.yaml]", "policy.yaml:1:11: circular include: policy.yaml → policy.yaml;"),
        (
            "controls: {tls-requird: {}}",
            "policy.yaml:1:12: unknown control 'tls-requird'; did you mean 'tls-required'?",
        ),
        (
            "exemptions: [{tags: {a: b}, controls: all, reason: r, owner: o, expires: 2026-02-01}]",
            "policy.yaml:1:65: the exemption ended at 2026-02-02 00:00 UTC; take it out, or agree on a new end",
        ),
    ],
)
def test_a_wrong_policy_is_refused_with_the_place_and_exit_code_2(here: Path, text: str, said: str) -> None:
    (here / "policy.yaml").write_text(text)
    printed = types("check", here / "policy.yaml", *AT)
    assert printed.code == 2
    assert printed.errors.startswith(f"{here}/{said}")
    assert printed.text == ""


def test_a_folder_is_checked_as_a_whole(here: Path) -> None:
    (here / "fleet.yaml").unlink()
    (here / "more.yaml").write_text("mode: audit")
    printed = types("check", here)
    assert (printed.code, printed.text) == (2, "")
    assert printed.errors == f"{here}/policy.yaml:3:1: found 'mode' a second time; the first is in more.yaml:1\n"


def test_a_moment_that_is_none_is_refused(here: Path) -> None:
    printed = types("check", here / "policy.yaml", "--at", "noon")
    assert (printed.code, printed.errors) == (
        2,
        "--at: found 'noon'; right is a moment with offset: 2026-03-01T12:00Z\n",
    )


# explain


def test_it_explains_which_line_decided_and_which_it_overrides(here: Path) -> None:
    printed = types("explain", SERVER, "--tag", "env=prod", "--policy", here / "policy.yaml", *AT)
    assert printed.code == 0
    assert printed.lines[:4] == [
        "pg-payments",
        SERVER,
        "env=prod",
        "scopes, the more specific one wins: production policy.yaml:5",
    ]
    start = printed.lines.index("tls-required Encrypted connections are required (SSL/TLS enforced)")
    assert printed.lines[start + 1 : start + 8] == [
        "mode enforce policy.yaml:7",
        "notify policy.yaml:3 overridden",
        "first sight approve policy.yaml:7 enforce, held back by the",
        "catalogue",
        "notify policy.yaml:3 overridden",
        "exempt until 2026-04-01 00:00 UTC policy.yaml:11: an old client (dana.fields@contoso.example,",
        "CHG-1042)",
    ]


def test_it_explains_one_control_for_programs(here: Path) -> None:
    where = ("--policy", here / "policy.yaml", "--tag", "env=prod", "--management-group", "Corp")
    control = ("--control", "firewall-public-ip-range-size", "--format", "json")
    answer = types("explain", SERVER, *where, *control, *AT).json
    assert (answer["tags"], answer["management_groups"]) == ({"env": "prod"}, ["corp"])
    assert answer["scopes"] == [{"name": "production", "where": "policy.yaml:5"}]
    (found,) = answer["controls"]
    assert found["keys"]["parameters.maximum"]["where"] == "policy.yaml:9"
    assert found["keys"]["delay"]["value"] == "24 h"


def test_without_a_policy_it_explains_the_one_that_ships() -> None:
    printed = types("explain", SERVER, "--control", "tls-required")
    assert [line.rsplit(":", 1)[0] for line in printed.lines[-2:]] == [
        "mode audit default_policy.yaml",
        "first sight audit default_policy.yaml",
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("/pg",), "not a PostgreSQL server: '/pg'; wanted a server's name or its ARM id"),
        ((SERVER, "--tag", "env"), "--tag: found 'env'; right is NAME=VALUE"),
        ((SERVER, "--control", "tls-requird"), "no control is named 'tls-requird'; did you mean 'tls-required'?"),
        ((SERVER, "--policy", "/gone.yaml"), "/gone.yaml: cannot be read: No such file or directory"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(words: tuple[str, ...], said: str) -> None:
    printed = types("explain", *words)
    assert (printed.code, printed.errors) == (2, f"holdfast: {said}\n")


async def test_a_server_can_be_named_and_has_its_own_tags(here: Path) -> None:
    world = World(a_state(server=a_server(tags={"env": "prod"})))
    words = ("pg-payments", "--policy", str(here / "policy.yaml"), "--format", "json", *AT)
    answer = (await Terminal(world).types("policy", "explain", *words)).json
    assert (answer["target"], answer["tags"]) == (world.target.id, {"env": "prod"})
    assert answer["scopes"] == [{"name": "production", "where": "policy.yaml:5"}]


async def test_a_given_tag_comes_before_that_of_the_named_server(here: Path) -> None:
    world = World(a_state(server=a_server(tags={"env": "prod", "team": "pay"})))
    words = ("pg-payments", "--tag", "env=test", "--policy", str(here / "policy.yaml"), "--format", "json", *AT)
    answer = (await Terminal(world).types("policy", "explain", *words)).json
    assert (answer["tags"], answer["scopes"]) == ({"env": "test", "team": "pay"}, [])


async def test_a_name_that_nobody_or_several_have_lists_who_could_be_meant() -> None:
    twin = replace(a_target(), resource_group="rg-other")
    terminal = Terminal(World(a_state(), a_state(twin)))
    unknown = await terminal.types("policy", "explain", "pg-payment")
    assert (unknown.code, unknown.lacks("no server that you can see is named", "did you mean pg-payments?")) == (2, [])
    several = await terminal.types("policy", "explain", "pg-payments")
    assert (several.code, several.lacks("2 servers are named pg-payments", twin.id, a_target().id)) == (2, [])


async def test_a_named_server_that_cannot_be_read_says_what_needs_no_reading() -> None:
    world = World()

    def hidden(target: Target, _: Facet) -> None:
        raise Forbidden("flexibleServers/read is missing", "", target.id)

    world.arm.on_read = hidden
    printed = await Terminal(world).types("policy", "explain", "pg-payments")
    assert (printed.code, printed.lacks("pg-payments cannot be read", "A full ARM id needs no reading")) == (1, [])


# schema


def test_the_schema_is_printed_for_editors() -> None:
    schema = types("schema").json
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(schema)
    assert jsonschema.Draft202012Validator(schema).is_valid({"version": 1, "mode": "enforce"})


# test

CASES = """
    policy: policy.yaml
    cases:
      - name: production is put back
        tags: {env: prod}
        at: 2026-04-02T12:00Z
        state: {parameters: {require_secure_transport: off}}
        known_good: {parameters: {require_secure_transport: on}}
        expect:
          decisions: {tls-required: act}
          writes: {configurations/require_secure_transport: on}
"""
FAILING = """
      - name: elsewhere people are asked
        state: {parameters: {require_secure_transport: off}}
        expect: {decisions: {tls-required: ask}}
"""


def test_cases_that_end_as_they_say_are_well(here: Path) -> None:
    (here / "cases.yaml").write_text(textwrap.dedent(CASES))
    printed = types("test", here / "cases.yaml")
    assert printed.code == 0
    assert printed.lines[-2:] == ["✓ production is put back", "1 of 1 as expected"]


def test_a_case_that_ends_otherwise_is_shown_with_both_and_exit_code_1(here: Path) -> None:
    (here / "cases").mkdir()
    (here / "cases" / "one.yaml").write_text(textwrap.dedent(CASES + FAILING).replace("policy.yaml", "../policy.yaml"))
    printed = types("test", here / "cases", "--junit", here / "out.xml", *AT)
    assert printed.code == 1
    assert printed.lines[-5:] == [
        "✗ elsewhere people are asked",
        "decision on tls-required",
        "expected ask",
        "got tell",
        "1 of 2 as expected",
    ]
    (suite,) = ElementTree.parse(here / "out.xml").getroot()  # noqa: S314 - our own file
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    (failure,) = suite.iter("failure")
    assert failure.text == "decision on tls-required: expected ask, got tell"


def test_the_policy_of_the_command_comes_before_that_of_the_cases(here: Path) -> None:
    (here / "cases.yaml").write_text(textwrap.dedent(CASES).replace("policy.yaml", "gone.yaml"))
    assert types("test", here / "cases.yaml", "--policy", here / "policy.yaml").code == 0
    printed = types("test", here / "cases.yaml")
    assert (printed.code, printed.errors) == (2, f"{here}/gone.yaml: cannot be read: No such file or directory\n")


def test_cases_that_cannot_be_read_are_no_failed_cases(here: Path) -> None:
    (here / "cases.yaml").write_text("cases: [{name: a}]")
    printed = types("test", here / "cases.yaml")
    assert (printed.code, printed.errors.splitlines()[0]) == (2, f"{here}/cases.yaml:1:9: the key 'expect' is missing")
    (here / "empty").mkdir()
    assert types("test", here / "empty").errors == f"{here}/empty: found no *.yaml file in this folder\n"


# diff


def test_it_shows_for_which_servers_anything_changes(here: Path) -> None:
    new = here / "new.yaml"
    new.write_text(textwrap.dedent(POLICY).replace("maximum: 2", "maximum: 4") + "breaker: {fixes: 5}\n")
    printed = types("diff", here / "policy.yaml", new, "--fleet", here / "fleet.yaml", *AT)
    assert printed.code == 1
    assert printed.lines == [
        "everywhere",
        "breaker",
        "fixes 3 → 5",
        "pg-payments",
        SERVER,
        "firewall-public-ip-range-size",
        "maximum 2 → 4",
        "1 of 2 servers would be treated otherwise",
    ]


def test_nothing_changes_with_the_same_policy(here: Path) -> None:
    same = (here / "policy.yaml", here / "policy.yaml", "--fleet", here / "fleet.yaml")
    printed = types("diff", *same)
    assert (printed.code, printed.lines) == (0, ["✓ nothing changes for 2 servers"])
    assert types("diff", *same, "--format", "json").json == {"everywhere": [], "servers": {}}


def test_a_difference_is_there_for_programs(here: Path) -> None:
    (here / "new.yaml").write_text(textwrap.dedent(POLICY).replace("mode: enforce", "mode: audit"))
    words = (here / "policy.yaml", here / "new.yaml", "--fleet", here / "fleet.yaml", "--format", "json", *AT)
    answer = types("diff", *words).json
    assert answer["servers"][SERVER.replace("resourceGroups", "resourceGroups")][0] == {
        "control": "entra-admin-allowlist",
        "key": "mode",
        "before": "enforce",
        "after": "audit",
    }


def test_a_fleet_that_cannot_be_read_is_refused(here: Path) -> None:
    (here / "fleet.yaml").write_text("- {id: pg}")
    printed = types("diff", here / "policy.yaml", here / "policy.yaml", "--fleet", here / "fleet.yaml")
    assert printed.code == 2
    assert printed.errors.startswith(f"{here}/fleet.yaml:1:8: found 'pg'; right is the ARM id of a server")


def test_no_file_commands_the_terminal(here: Path) -> None:
    (here / "policy\x1b[2J.yaml").write_text("mode: enforced")
    printed = types("check", here / "policy\x1b[2J.yaml")
    assert printed.code == 2
    assert "\x1b" not in printed.errors
