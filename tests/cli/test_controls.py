"""`holdfast controls ...`: what can be held, and what cannot be yet."""

import io
import json
import re
from dataclasses import replace
from datetime import date
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field
from rich.console import Console
from typer.testing import CliRunner

from cli.entries import Does, Entry, entries
from cli.main import app
from cli.parameters import parameters_of
from cli.view.controls import heading, sheet
from shared.control import Control, Disposition, Needs, Parameters, Revert
from shared.docstring import texts_of
from shared.state import SERVER
from shared.target import Kind
from tests.builders import CATALOGUE

UNSEEN = [entry for entry in entries() if not entry.held]


def types(*words: str, width: int = 80, fails: bool = False) -> str:
    result = CliRunner().invoke(app, ["controls", *words], env={"COLUMNS": str(width)})
    assert result.exit_code == (2 if fails else 0), result.output
    return result.output


def answer(*words: str) -> Any:
    return json.loads(types(*words, "--format", "json"))


def ids(*words: str) -> set[str]:
    return {one["id"] for one in answer("list", *words)}


def shown(control: Control) -> str:
    """What `show` would print of a control with this card."""
    screen = Console(width=80, file=io.StringIO(), record=True)
    entry = Entry(control)
    screen.print(heading(entry), sheet(entry))
    return screen.export_text()


def test_the_list_holds_every_control_and_says_how_many_are_held() -> None:
    text = types("list")
    assert all(entry.id in text for entry in entries())
    held = sum(entry.held for entry in entries())
    assert f"{len(entries())} in all: {held} held, {len(UNSEEN)} missing" in text


@pytest.mark.parametrize("width", [80, 120])
def test_a_line_fits_the_terminal_and_ends_without_blanks(width: int) -> None:
    for words in (["list"], ["list", "--framework", "azure"], ["list", "--missing"], ["show", "pgaudit-loaded"]):
        for line in types(*words, width=width).splitlines():
            assert len(line) <= width or "/" in line
            assert line == line.rstrip()


def test_a_wide_terminal_has_room_for_titles() -> None:
    assert "Public network access is disabled" in types("list", width=120)
    assert "Public network access is disabled" not in types("list", width=80)


def test_what_is_missing_says_why() -> None:
    text = " ".join(types("list", "--missing", width=200).split())
    for entry in UNSEEN:
        assert re.search(rf"{entry.id} {entry.severity} \S+ not seen( \S.*?)? {re.escape(entry.missing)}", text)
    assert "public-network-access-disabled" not in text


@pytest.mark.parametrize(
    ("words", "admits"),
    [
        (["--domain", "in transit"], "tls-required"),
        (["--kind", "single"], "connection-throttling"),
        (["--framework", "pci-dss"], "keyvault-audit-logs"),
        (["--framework", "cis"], "tls-required"),
        (["--severity", "critical"], "firewall-no-any-any"),
    ],
)
def test_a_filter_takes_only_a_part(words: list[str], admits: str) -> None:
    found = ids(*words)
    assert admits in found
    assert found < {entry.id for entry in entries()}


def test_filters_are_all_asked() -> None:
    assert ids("--severity", "critical", "--domain", "firewall", "--framework", "prowler") == set()
    assert ids("--severity", "critical", "--domain", "firewall") == {"firewall-no-any-any"}


def test_where_nothing_is_left_it_says_so() -> None:
    assert types("list", "--severity", "critical", "--domain", "patching").startswith("0 shown: 0 held, 0 missing\n")


def test_asked_for_a_framework_it_names_the_ids() -> None:
    assert re.search(r"tls-required .*\n +cis-1.1 4.13; cis-1.3 4.3.1", types("list", "--framework", "cis"))


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["list", "--framework", "soc2"], "there are prowler, azure-policy,"),
        (["list", "--domain", "colour"], "there are External Certification;"),
        (["show", "tls-requird"], "did you mean 'tls-required'?"),
    ],
)
def test_an_unknown_name_is_refused_with_those_that_exist(words: list[str], says: str) -> None:
    assert says in types(*words, fails=True)


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_a_control_shows_everything_on_its_card(name: str) -> None:
    control = CATALOGUE[name].control
    text = " ".join(types("show", name, width=200).split())
    needs = [control.on(kind).actions(kind) for kind in control.kinds]
    for word in (control.title, control.domain, str(control.severity), control.revert, "Why", "Undo"):
        assert word in text
    assert all(action in text for actions in needs for action in actions)
    assert all(taken.name in text for taken in parameters_of(control.parameters))


def test_a_control_for_programs_has_it_all() -> None:
    found = answer("show", "firewall-rule-allowlist")
    assert found["on"]["flexible"]["facets"] == ["firewallRules"]
    assert found["on"]["flexible"]["fresh"] == "put back"
    assert "allowed_ranges" in found["parameters"]["properties"]
    assert found["text"]["Undo"] == "Write the rule as it was."
    assert found["verified"] == "verified"


def test_what_cannot_be_seen_says_so_and_counts_as_missing() -> None:
    card = replace(CATALOGUE["tls-required"].control, unobserved="only the application knows")
    entry = Entry(card)
    assert not entry.held
    assert entry.fresh is entry.first_sight is Does.UNSEEN
    assert "Holdfast cannot see it by itself: only the application knows" in shown(card)


def test_a_drift_that_no_write_can_mend_is_refused_or_a_persons() -> None:
    card = CATALOGUE["tls-required"].control
    held = replace(card, permissions=frozenset(), fresh=Disposition.NOTIFY, variants={})
    for revert, does in ((Revert.CREATE_TIME, Does.REFUSED), (Revert.PERSON, Does.PERSON)):
        card = replace(held, revert=revert)
        assert Entry(card).fresh is does


def test_kinds_of_server_on_which_it_is_not_held_yet_are_told_apart() -> None:
    assert re.search(r"entra-admin-is-group +medium +Fs·", types("list", "--domain", "authorization"))
    text = " ".join(types("show", "entra-admin-is-group", width=120).split())
    assert "not yet on single: Azure does not say what kind of principal" in text
    assert answer("show", "entra-admin-is-group")["missing_on"] == ["single"]


def test_what_becomes_of_a_drift_depends_on_the_kind_of_server() -> None:
    flexible, citus = Kind.FLEXIBLE, Kind.CITUS
    nothing = Needs((SERVER,), frozenset({"write"}), frozenset())
    card = replace(CATALOGUE["tls-required"].control, kinds=frozenset({flexible, citus}), variants={citus: nothing})
    entry = Entry(card)
    assert (entry.fresh, entry.fresh_on(flexible), entry.fresh_on(citus)) == ("put back", "put back", "a person acts")
    assert entry.first_sight_on(flexible) is Does.APPROVAL


def test_the_text_of_a_module_is_taken_apart_by_its_headings() -> None:
    text = "some-id: what holds.\n\nWhy      One\n         two.\nFix      Three.\nRefuses  Never.\nUndo     Back.\n"
    assert texts_of(text) == {"Why": "One two.", "Fix": "Three.", "Refuses": "Never.", "Undo": "Back."}


class Told(Parameters):
    """`day` and `hour`: when it begins. `wide`: whether more is let in."""

    day: Literal["monday", "friday"] | None = None
    hour: Annotated[int, Field(ge=0, le=23)]
    wide: bool = False
    least: Annotated[int, Field(ge=1)] = 1
    tags: dict[str, str] = Field(default={}, description="which servers")
    until: date | None = None


def test_parameters_are_described_in_words() -> None:
    assert [(one.name, one.takes, one.default, one.meaning) for one in parameters_of(Told)] == [
        ("day", "monday or friday", "not set", "when it begins"),
        ("hour", "whole number from 0 to 23", "", "when it begins"),
        ("wide", "true or false", "false", "whether more is let in"),
        ("least", "whole number from 1", "1", ""),
        ("tags", "name: text", "none", "which servers"),
        ("until", "date", "not set", ""),
    ]


def test_parameters_of_parts_name_their_parts() -> None:
    found = {one.name: one for one in parameters_of(CATALOGUE["firewall-rule-allowlist"].control.parameters)}
    assert found["allowed_ranges"].takes == "list of text"
    assert found["approved_rules"].takes == "list of {name, start, end}"
    assert found["allowed_ranges"].default == "none"
    assert found["required_rules"].meaning == "rules that must exist"
