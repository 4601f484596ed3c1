"""What a value has to be like, and the nearest value that is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediators.server_parameters import ROWS
from shared.condition import Between, Condition, Either, Has, OneOf, Text, elements_of, listed, objects_of

CONDITIONS = [
    OneOf(("TLSv1.2", "TLSv1.3")),
    Between(4, 7, 7),
    Has(("role", "ddl", "misc"), "all"),
    Has(("pgaudit",)),
    Text(("%u", "%d"), "%t-user=%u,db=%d"),
    Either((OneOf(("on", "all")), Has(("receipt", "authentication")))),
]
values = st.text(max_size=20) | st.sampled_from(
    ["on", "ON", "off", "5", "99", "none", "all", "role,ddl", "a,PGAUDIT , b", ""]
)


@pytest.mark.parametrize("condition", CONDITIONS, ids=str)
@given(value=values)
def test_a_mended_value_is_right_and_a_right_one_stays_as_it_is(condition: Condition, value: str) -> None:
    mended = condition.mended(value)
    assert condition.holds(mended)
    assert condition.mended(mended) == mended
    assert mended == value or not condition.holds(value)


@pytest.mark.parametrize("condition", [*CONDITIONS, *(row.condition for row in ROWS)], ids=str)
def test_its_examples_are_a_right_value_and_a_wrong_one(condition: Condition) -> None:
    good, bad = condition.examples()
    assert condition.holds(good)
    assert not condition.holds(bad)


@given(there=st.lists(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), max_size=4))
def test_a_list_never_loses_a_neighbour(there: list[str]) -> None:
    mended = listed(Has(("pgaudit", "credcheck")).mended(",".join(there)))
    kept = [word for word in there if word != "none"]
    assert mended[: len(kept)] == kept or set(kept) <= set(mended)
    assert {"pgaudit", "credcheck"} <= {word.lower() for word in mended}


def test_a_list_gets_only_what_is_missing_at_its_end() -> None:
    assert Has(("pgaudit",)).mended("pg_stat_statements,pg_cron") == "pg_stat_statements,pg_cron,pgaudit"
    assert Has(("role", "ddl")).mended("DDL,write") == "DDL,write,role"
    assert Has(("role",), "all").mended("ALL") == "ALL"
    assert Has(("role",)).mended("none") == "role"


@pytest.mark.parametrize("value", ["3", "8", "", "x", "-5", "5.5", "٥"])
def test_what_is_no_number_in_the_range_becomes_the_wanted_one(value: str) -> None:
    assert Between(4, 7, 7).mended(value) == "7"


@pytest.mark.parametrize(
    ("text", "expected"),
    [('[{"a": 1}, 2, null]', [{"a": 1}, 2, None]), ("[]", []), ("", []), (None, []), ("{}", []), ("[1", []), ("3", [])],
)
def test_a_list_that_is_written_as_json_is_read_and_anything_else_is_empty(
    text: str | None, expected: list[object]
) -> None:
    assert elements_of(text) == expected
    assert objects_of(text) == [one for one in expected if isinstance(one, dict)]
