"""Every control is accounted for once: on its card, or in the table of those that are missing."""

from collections import Counter

import pytest

from shared.control_ids import DOMAIN_OF, IDS
from shared.missing import MISSING, PARTLY
from shared.standards import STANDARDS
from shared.target import Kind
from tests.builders import CATALOGUE

HELD, ROWS = set(CATALOGUE), [row.id for row in MISSING]


def test_a_control_that_is_written_has_no_row_among_the_missing() -> None:
    for name in HELD & set(ROWS):
        pytest.fail(f"{name} is implemented now: remove its row from MISSING in shared/missing.py")


def test_every_control_is_either_held_or_missing() -> None:
    lost = set(IDS) - HELD - set(ROWS)
    assert not lost, f"{lost}: neither a remediator nor a row in shared/missing.py"
    unknown = (HELD | set(ROWS)) - set(IDS)
    assert not unknown, f"{unknown}: not among the ids of shared/control_ids.py, or misspelt"
    assert [name for name, times in Counter([*IDS, *ROWS]).items() if times > 2 or (times > 1 and name in HELD)] == []


def test_there_are_121_controls_in_21_domains() -> None:
    assert len(IDS) == len(set(IDS)) == 121
    assert len(set(DOMAIN_OF.values())) == 21


def test_a_control_lacks_no_kind_of_server_on_which_it_is_held() -> None:
    for row in PARTLY:
        held = CATALOGUE[row.id].control.kinds & row.kinds
        assert not held, f"{row.id} is held on {', '.join(held)} now: take that out of PARTLY in shared/missing.py"
        assert row.kinds
        assert row.why


def test_every_kind_of_server_is_accounted_for() -> None:
    held = [remediator.control.kinds for remediator in CATALOGUE.values()]
    lacking = [*(row.kinds for row in MISSING), *(row.kinds for row in PARTLY)]
    found = Counter(kind for kinds in (*held, *lacking) for kind in kinds)
    assert found == {Kind.FLEXIBLE: 116, Kind.SINGLE: 93, Kind.CITUS: 81}, (
        "a control that is held on a further kind of server leaves PARTLY in shared/missing.py; one that is held on "
        "fewer kinds than it has to hold on needs a row there"
    )


def test_each_row_says_why_and_where() -> None:
    for row in MISSING:
        assert row.title
        assert row.why
        assert row.kinds


@pytest.mark.parametrize("name", sorted(HELD))
def test_a_card_names_the_domain_that_its_id_belongs_to(name: str) -> None:
    assert CATALOGUE[name].control.domain == DOMAIN_OF.get(name)


def test_standards_speak_of_known_controls_only() -> None:
    assert set(STANDARDS) <= set(IDS)
