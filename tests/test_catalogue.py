"""What a card says is what the catalogue of controls says: `catalogue.csv` is its copy, one line for each control.

Domains are in `shared.control_ids`, what standards ask in `shared.standards`, and why a control is missing in
`shared.missing`; each stands in one place.
"""

import csv
from pathlib import Path

import pytest

from shared.control_ids import IDS
from tests.builders import CATALOGUE

LINES = {
    line["id"]: line for line in csv.DictReader(Path(__file__).with_name("catalogue.csv").read_text().splitlines())
}


def test_it_knows_the_same_controls() -> None:
    assert sorted(LINES) == sorted(IDS)


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_a_card_says_what_the_catalogue_says(name: str) -> None:
    card, line = CATALOGUE[name].control, LINES[name]
    found = {
        "title": card.title,
        "severity": str(card.severity),
        "fresh": card.fresh.value,
        "first_sight": card.first_sight.value,
    }
    assert found == {key: line[key] for key in found}


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_a_control_is_for_the_kinds_that_the_catalogue_names(name: str) -> None:
    assert {kind.name.lower() for kind in CATALOGUE[name].control.kinds} <= set(LINES[name]["kinds"].split())
