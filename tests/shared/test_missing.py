"""Every control is accounted for on every kind of server: held, or in the table of what is missing."""

from collections import Counter

import pytest

from shared.control_ids import DOMAIN_OF, IDS
from shared.missing import PARTLY
from shared.standards import STANDARDS
from shared.target import Kind
from tests.builders import CATALOGUE

HELD = set(CATALOGUE)


def test_every_control_of_the_catalogue_is_written() -> None:
    assert set(IDS) == HELD


def test_there_are_121_controls_of_the_security_document_and_seven_inside_databases_in_21_domains() -> None:
    assert len(IDS) == len(set(IDS)) == 121 + 7
    assert len(set(DOMAIN_OF.values())) == 21


def test_a_control_lacks_no_kind_of_server_on_which_it_is_held() -> None:
    for row in PARTLY:
        held = CATALOGUE[row.id].control.kinds & row.kinds
        assert not held, f"{row.id} is held on {', '.join(held)} now: take that out of PARTLY in shared/missing.py"
        assert row.kinds
        assert row.why


def test_every_kind_of_server_is_accounted_for() -> None:
    held = [remediator.control.kinds for remediator in CATALOGUE.values()]
    lacking = [row.kinds for row in PARTLY]
    found = Counter(kind for kinds in (*held, *lacking) for kind in kinds)
    assert found == {Kind.FLEXIBLE: 123, Kind.SINGLE: 100, Kind.CITUS: 88}, (
        "a control that is held on a further kind of server leaves PARTLY in shared/missing.py; one that is held on "
        "fewer kinds than it has to hold on needs a row there"
    )


@pytest.mark.parametrize("name", sorted(HELD))
def test_a_card_names_the_domain_that_its_id_belongs_to(name: str) -> None:
    assert CATALOGUE[name].control.domain == DOMAIN_OF.get(name)


def test_standards_speak_of_known_controls_only() -> None:
    assert set(STANDARDS) <= set(IDS)
