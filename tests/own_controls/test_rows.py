"""A file of rows: what is wrong is said where it stands, with what is right; a right one judges and mends."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from remediators import load_all
from shared.control import Catalogue, Disposition, Drift, NotApplicable, Remediator, Revert
from shared.errors import BadControls
from shared.own_controls import with_own
from shared.own_controls.told import TOLD
from shared.state import PROPERTIES, Parameter, State
from shared.target import Kind
from tests.builders import a_server, a_state, a_target

SHIPPED = load_all()
ROW: dict[str, Any] = {
    "id": "own-log-locks",
    "title": "Lock waits are logged",
    "domain": "Contoso / Logs",
    "severity": "low",
    "kinds": "[flexible]",
    "parameter": "log_lock_waits",
    "condition": "{one_of: [on]}",
    "why": "nobody knows who waited for whom",
}
PROPERTY = {"parameter": None, "property": "backup.retentionDays", "condition": "{between: {low: 14, high: 35}}"}
FACT = {"parameter": None, "property": "sku.tier", "condition": "{one_of: [GeneralPurpose]}"}


def text_of(*rows: dict[str, Any]) -> str:
    lines = ["controls:"]
    for row in rows:
        given = [f"{key}: {value}" for key, value in (ROW | row).items() if value is not None]
        lines += [f"  - {given[0]}", *(f"    {line}" for line in given[1:])]
    return "\n".join(lines) + "\n"


def loaded(folder: Path, *rows: dict[str, Any]) -> Catalogue:
    (folder / "own.yaml").write_text(text_of(*rows))
    return with_own(SHIPPED, folder)


def the_control(folder: Path, **row: Any) -> Remediator:
    return loaded(folder, row)[row.get("id", ROW["id"])]


def refused(folder: Path, *rows: dict[str, Any]) -> list[str]:
    """What is said, a line each, without the folder and the advice at the end."""
    with pytest.raises(BadControls) as caught:
        loaded(folder, *rows)
    *problems, advice = str(caught.value).splitlines()
    assert advice.startswith("no control counts until this is mended")
    assert all(problem.startswith(f"{folder}/own.yaml:") for problem in problems)
    return [problem.removeprefix(f"{folder}/") for problem in problems]


UNKNOWN = (
    "own.yaml:9:15: unknown property 'backup.retentiondays' of flexible servers; did you mean 'backup.retentionDays'? "
    "(known are administratorLogin, "
)
ELSEWHERE = (
    "own.yaml:6:23: citus servers have no property 'backup.retentionDays'; it is one of flexible and single servers"
)
TWO = "own.yaml:8:16: found one_of and has; a condition is exactly one of one_of, between, has, text"
BOTH = "own.yaml:2:5: found both of `property` and `parameter`; a control is about exactly one of them"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"colour": "red"}, "own.yaml:10:5: unknown key 'colour'; it is none of the 14 known ones"),
        ({"severty": "low"}, "own.yaml:10:5: unknown key 'severty'; did you mean 'severity'?"),
        ({"severity": "bad"}, "own.yaml:5:15: found 'bad'; right is one of low, medium, high, critical"),
        ({"kinds": "[flexible, oracle]"}, "own.yaml:6:23: found 'oracle'; right is one of flexible, single, citus"),
        ({"kinds": "[]"}, "own.yaml:6:12: found a list; right is at least one"),
        ({"id": "Own"}, "own.yaml:2:9: found 'Own'; right is 1 to 64 lower-case letters, digits and dashes"),
        ({"title": None}, "own.yaml:2:5: the key 'title' is missing"),
        ({"fresh": "fix"}, "own.yaml:10:12: found 'fix'; right is one of auto, approval, notify"),
        ({"condition": "{one_of: [on], has: [off]}"}, TWO),
        ({"condition": "{is: [on]}"}, "own.yaml:8:17: unknown key 'is'; right is one of one_of, between, has, text"),
        ({"condition": "{one_of: [1]}"}, "own.yaml:8:26: found 1; text is right: put it in quotes"),
        ({"condition": "{between: {low: 9, high: 3}}"}, "own.yaml:8:26: found 9 to 3; the lower number comes first"),
        ({"wanted": "off"}, "own.yaml:10:13: found 'off', which the condition does not let through: on"),
        ({"condition": "{has: [a]}", "wanted": "a"}, "own.yaml:10:13: take `wanted` out: a list keeps what is in it"),
        ({"condition": "{text: ['%m']}"}, "own.yaml:8:23: `wanted` is missing: the whole text that is written"),
        ({"property": "location"}, BOTH),
        ({"parameter": None}, "own.yaml:2:5: found none of `property` and `parameter`"),
        (PROPERTY | {"property": "backup.retentiondays"}, UNKNOWN),
        (PROPERTY | {"property": "backup"}, "'backup' is several properties; name one: backup.earliestRestoreDate"),
        (PROPERTY | {"kinds": "[flexible, citus]"}, ELSEWHERE),
        (FACT, "no write changes sku.tier; say in `person` what somebody does about it"),
        (FACT | {"person": "move it", "fresh": "auto"}, "what `person` says is told and never written"),
        ({"frameworks": "{iso-27: [A.8]}"}, "own.yaml:10:18: unknown framework 'iso-27'; "),
    ],
)
def test_what_is_wrong_is_said_where_it_stands(tmp_path: Path, row: dict[str, Any], said: str) -> None:
    (found,) = refused(tmp_path, row)
    assert said in found


def test_everything_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "another.yaml").write_text("controls: 7\n")
    with pytest.raises(BadControls) as caught:
        loaded(tmp_path, {"severity": "bad"}, {"id": "two", "why": None})
    assert [line.removeprefix(f"{tmp_path}/").split(": ")[0] for line in str(caught.value).splitlines()[:-1]] == [
        "another.yaml:1:11",
        "own.yaml:5:15",
        "own.yaml:10:5",
    ]


@pytest.mark.parametrize("text", ["", "controls:\n", "a: &a [*a]\n", "controls:\n\t- id: x\n", "%YAML 1.1\n", "- 7\n"])
def test_what_is_no_file_of_controls_is_refused_with_its_place(tmp_path: Path, text: str) -> None:
    (tmp_path / "own.yaml").write_text(text)
    with pytest.raises(BadControls, match=r"own\.yaml:\d+:\d+: "):
        with_own(SHIPPED, tmp_path)


def test_an_id_that_ships_is_refused(tmp_path: Path) -> None:
    (said,) = refused(tmp_path, {"id": "tls-required"})
    assert said == "own.yaml:2:9: the id 'tls-required' is that of a control that ships; choose another"


def test_an_id_that_stands_twice_is_refused_with_both_places(tmp_path: Path) -> None:
    (said,) = refused(tmp_path, {}, {})
    assert said == "own.yaml:10:9: found the id 'own-log-locks' a second time; the first is in own.yaml:2"


# What a row does


def one(remediator: Remediator, state: State) -> Drift:
    finding = remediator.detect(state, remediator.control.parameters())
    assert isinstance(finding, tuple)
    (drift,) = finding
    return drift


def with_parameter(value: str, name: str = "log_lock_waits", kind: Kind = Kind.FLEXIBLE, **changes: Any) -> State:
    return a_state(a_target(kind=kind), parameters={name: Parameter(name, value, **changes)})


@pytest.mark.parametrize(
    ("row", "found", "wanted"),
    [
        ({}, "off", "on"),
        ({"condition": "{one_of: [a, b]}", "wanted": "b"}, "c", "b"),
        ({"condition": "{between: {low: 5, high: 9}}"}, "4", "5"),
        ({"condition": "{between: {low: 5, high: 9}}", "wanted": "7"}, "10", "7"),
        ({"condition": "{has: [b, c]}"}, "a,b", "a,b,c"),
        ({"condition": "{text: ['%m', '%p']}", "wanted": "'%m [%p]'"}, "%m", "%m [%p]"),
    ],
)
def test_a_wrong_value_becomes_what_the_row_says(tmp_path: Path, row: dict[str, Any], found: str, wanted: str) -> None:
    remediator = the_control(tmp_path, **row)
    drift = one(remediator, with_parameter(found))
    assert (drift.found, drift.wanted, drift.person) == (found, wanted, "")
    assert remediator.detect(with_parameter(wanted), None) == ()


def test_it_asks_at_first_sight_and_puts_back_what_is_fresh_unless_it_says_otherwise(tmp_path: Path) -> None:
    control = the_control(tmp_path).control
    assert (control.fresh, control.first_sight) == (Disposition.AUTO, Disposition.APPROVAL)
    control = the_control(tmp_path, fresh="approval", first_sight="notify").control
    assert (control.fresh, control.first_sight) == (Disposition.APPROVAL, Disposition.NOTIFY)


def test_a_cluster_is_held_at_its_coordinator_and_its_workers(tmp_path: Path) -> None:
    remediator = the_control(tmp_path, kinds="[citus]")
    assert [str(facet) for facet in remediator.control.on(Kind.CITUS).facets] == [
        "configurations/coordinator/log_lock_waits",
        "configurations/workers/log_lock_waits",
    ]
    drift = one(remediator, with_parameter("off", "workers/log_lock_waits", Kind.CITUS))
    assert drift.setting.name == "workers/log_lock_waits"


def test_a_property_that_can_be_written_is_written(tmp_path: Path) -> None:
    remediator = the_control(tmp_path, **PROPERTY)
    drift = one(remediator, a_state(server=a_server(facts={"backup.retentionDays": "7"})))
    assert (str(drift.setting), drift.wanted) == ("properties/backup.retentionDays", "14")
    assert remediator.control.on(Kind.FLEXIBLE).permissions == {"write"}


def test_a_copy_takes_its_backups_from_its_source(tmp_path: Path) -> None:
    copy = a_server(facts={"backup.retentionDays": "7", "replicationRole": "AsyncReplica"})
    finding = the_control(tmp_path, **PROPERTY).detect(a_state(server=copy), None)
    assert finding == NotApplicable("a replica takes this from its source")


@pytest.mark.parametrize("row", [FACT, {}], ids=["fact", "parameter"])
def test_what_a_person_mends_is_told_and_needs_no_permission(tmp_path: Path, row: dict[str, Any]) -> None:
    remediator = the_control(tmp_path, **row, person="ask the owner to move it")
    control = remediator.control.on(Kind.FLEXIBLE)
    assert (control.permissions, control.fresh, control.revert) == (frozenset(), Disposition.NOTIFY, Revert.PERSON)
    state = a_state(server=a_server(facts={"sku.tier": "Burstable"}), parameters=with_parameter("off").parameters)
    assert one(remediator, state).person == "ask the owner to move it"


@pytest.mark.parametrize("row", [{}, PROPERTY, FACT | {"person": "move it"}], ids=["parameter", "property", "fact"])
def test_what_the_server_does_not_have_is_not_applicable(tmp_path: Path, row: dict[str, Any]) -> None:
    remediator = the_control(tmp_path, **row)
    states: Sequence[State] = (State(a_target()), a_state(parameters={"log_lock_waits": None}))
    assert all(isinstance(remediator.detect(state, None), NotApplicable) for state in states)


def test_every_property_that_can_be_written_is_told_of_some_kind() -> None:
    assert set().union(*TOLD.values()) >= PROPERTIES
