"""The formats for programs say the same."""

import csv
import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from ruamel.yaml import YAML

from cli.options import Format
from cli.view.written import written
from tests.cli.terminal import Terminal, a_public_world
from tests.engine.world import INTERNET, RULE

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**40), 2**40)
    | TEXTS
    | st.sampled_from(["on", "no", "1", "", "null", "=1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


def text(form: Format, thing: object, rows: str = "") -> str:
    out = io.StringIO()
    written(Console(file=out, width=40), form, thing, rows)
    return out.getvalue()


def table(thing: object, rows: str = "") -> list[dict[str, Any]]:
    return list(csv.DictReader(io.StringIO(text(Format.CSV, thing, rows))))


@given(st.dictionaries(TEXTS, PLAIN, max_size=4) | st.lists(PLAIN, max_size=4))
def test_yaml_says_what_json_says(thing: object) -> None:
    assert json.loads(text(Format.JSON, thing)) == thing
    assert YAML(typ="safe", pure=True).load(text(Format.YAML, thing)) == thing


def test_what_lies_deeper_is_a_column_of_its_own_and_a_list_is_one_cell() -> None:
    things = [{"a": {"b": 1, "c": {}}, "d": ["x", "y"]}, {"a": None, "e": True, "f": [{"g": 1}]}]
    first, second = table(things)
    assert (first["a.b"], first["a.c"], first["d"], first["e"]) == ("1", "", "x y", "")
    assert (second["a"], second["e"], second["f"]) == ("", "true", '[{"g": 1}]')


def test_a_mapping_is_one_row_or_has_its_rows_below_a_name() -> None:
    thing = {"keys": [{"a": 1}, {"a": 2}], "rest": 3}
    assert [len(table(thing)), len(table(thing, "keys"))] == [1, 2]


@pytest.mark.parametrize("begins", "=+-@\t\r\n")
def test_a_spreadsheet_calculates_nothing(begins: str) -> None:
    found = text(Format.CSV, [{"a": f"{begins}cmd|' /C calc'!A0", f"{begins}b": 1}])
    assert all(cell.startswith("'") for row in csv.reader(io.StringIO(found)) for cell in row if begins in cell)


def test_nothing_is_no_row() -> None:
    assert text(Format.CSV, []) == ""


@pytest.mark.parametrize(
    "words",
    [
        ("history",),
        ("holds",),
        ("approvals", "list"),
        ("exemptions", "list"),
        ("dead-letters", "list"),
        ("alerts", "list"),
        ("controls", "list"),
        ("controls", "show", "tls-required"),
        ("playbooks", "list"),
        ("role",),
    ],
)
async def test_every_list_comes_in_every_format(words: tuple[str, ...]) -> None:
    world = a_public_world()
    await world.baseline()
    await world.change(RULE, INTERNET)
    found = {form: await Terminal(world).types(*words, "--format", form) for form in Format}
    assert {printed.code for printed in found.values()} == {0}
    assert YAML(typ="safe", pure=True).load(found[Format.YAML].text) == found[Format.JSON].json
