"""What stands inside a server's databases, as settings: names that may hold anything, values that can be compared."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.control import Change, LastGood, Risk, Source
from shared.errors import Refused
from shared.journal import ChangeLine, Report
from shared.notify.wording import setting_words
from shared.plan import make_plan, simulate
from shared.risk import risk_of
from shared.state import (
    Facet,
    FacetKind,
    Setting,
    State,
    database_role,
    membership,
    names_in,
    override,
    schema_grant,
    sessions,
    spoken,
)
from shared.undo import undoing
from tests.builders import NOON, a_state, a_target
from tests.shared.judges import wants

names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=63)
APP = {"login": "yes", "createrole": "no", "superuser": "no", "valid_until": "", "password": "md5", "entra": "no"}
LOGIN = {name: APP[name] for name in ("login", "superuser", "createrole", "valid_until")}


@given(role=names, member=names, parameter=names)
def test_every_name_finds_its_way_through_a_setting_and_back(role: str, member: str, parameter: str) -> None:
    found: list[tuple[Setting, tuple[str, ...]]] = [
        (database_role(role), (role,)),
        (membership(role, member), (role, member)),
        (override(role, "", parameter), (role, "", parameter)),
        (override("", member, parameter), ("", member, parameter)),
        (schema_grant(role, member), (role, member)),
        (sessions(role), (role,)),
    ]
    for setting, parts in found:
        assert Setting.parse(str(setting)) == setting
        assert names_in(setting.name) == parts
        assert not setting.inherited
        assert "|" not in str(setting)
        assert spoken(str(setting)).isprintable()


@pytest.mark.parametrize(
    ("setting", "text", "words"),
    [
        (database_role("app user"), "databaseRoles/app user", "role app user"),
        (membership("dba", "a/b"), "roleMemberships/dba/a%2Fb", "membership of a/b in dba"),
        (override("app", "", "work_mem"), "roleOverrides/app/*/work_mem", "work_mem for role app in every database"),
        (override("", "shop", "x.y"), "roleOverrides/*/shop/x.y", "x.y for every role in database shop"),
        (
            schema_grant("shop", "public"),
            "schemaGrants/shop/public",
            "CREATE for PUBLIC on schema public of database shop",
        ),
        (sessions('"; drop'), "databaseSessions/%22; drop", 'sessions of role "; drop'),
        (database_role("a\nb\u202ec"), "databaseRoles/a%0Ab%E2%80%AEc", "role a\\nb\\u202ec"),
    ],
)
def test_a_setting_says_what_it_is(setting: Setting, text: str, words: str) -> None:
    assert str(setting) == text
    assert spoken(text) == setting_words(text) == words


def a_database(**changes: dict[str, dict[str, str]]) -> State:
    children = {
        FacetKind.DATABASE_ROLES: {"app": APP},
        FacetKind.SESSIONS: {"app": {"open": "3"}},
        FacetKind.DATABASE_FACTS: {"server": {"password_encryption": "md5"}},
    }
    return a_state(children={**children, **{FacetKind(name): things for name, things in changes.items()}})


def test_a_role_is_as_much_as_can_be_written_of_it_and_its_sessions_are_open_or_not() -> None:
    found = a_database().settings()
    assert found[database_role("app")] == LOGIN
    assert found[sessions("app")] == "open"
    assert not [setting for setting in found if setting.facet == Facet(FacetKind.DATABASE_FACTS)]


def test_writing_a_role_keeps_what_is_only_read_of_it() -> None:
    after = a_database().with_value(database_role("app"), {**LOGIN, "login": "no"})
    assert after.children[FacetKind.DATABASE_ROLES]["app"] == {**APP, "login": "no"}
    assert after.with_value(sessions("app"), None).children[FacetKind.SESSIONS] == {}


@pytest.mark.parametrize(
    ("setting", "before", "after", "risk"),
    [
        (database_role("app"), LOGIN, {**LOGIN, "login": "no"}, Risk.MAY_CUT_CLIENTS),
        (database_role("app"), {**LOGIN, "login": "no"}, LOGIN, Risk.WIDENS_ACCESS),
        (database_role("app"), LOGIN, {**LOGIN, "valid_until": "2030-01-01"}, Risk.WIDENS_ACCESS),
        (membership("r", "m"), {"": "admin"}, None, Risk.MAY_CUT_CLIENTS),
        (membership("r", "m"), None, {"": "admin"}, Risk.WIDENS_ACCESS),
        (schema_grant("d", "s"), None, {"PUBLIC": "create"}, Risk.WIDENS_ACCESS),
        (override("r", "", "p"), {"value": "off"}, None, Risk.SAFE),
        (sessions("app"), "open", None, Risk.MAY_CUT_CLIENTS),
    ],
)
def test_who_gains_a_right_is_let_in(
    setting: Setting, before: dict[str, str] | str | None, after: dict[str, str] | str | None, risk: Risk
) -> None:
    assert risk_of(a_database(), Change(setting, before, after, Source.POLICY)) is risk


def a_record(*lines: tuple[Setting, dict[str, str] | str | None, dict[str, str] | str | None]) -> Report:
    changes = tuple(ChangeLine(str(setting), before, after, "policy", "safe") for setting, before, after in lines)
    return Report("r1", a_target().id, "high", NOON, changes=changes)


def test_undoing_restores_the_login_and_leaves_the_ended_sessions_to_their_clients() -> None:
    ended = (sessions("app"), "open", None)
    state = a_database().with_value(database_role("app"), {**LOGIN, "login": "no"})
    (change,) = undoing(state, a_record((database_role("app"), LOGIN, {**LOGIN, "login": "no"}), ended))
    assert simulate(state, [change]).value(database_role("app")) == LOGIN
    with pytest.raises(Refused, match="opened again by their clients"):
        undoing(state, a_record(ended))


def test_a_role_that_is_new_is_shut_out_and_never_dropped() -> None:
    judge = wants(database_role("app"), {**LOGIN, "login": "no"})
    known = LastGood(seen=frozenset({Facet(FacetKind.DATABASE_ROLES)}))
    (change,) = make_plan(a_database(), [judge], known).changes
    assert change.after == {**LOGIN, "login": "no"}


def test_a_role_that_is_gone_is_not_made_again() -> None:
    plan = make_plan(a_database(), [wants(database_role("gone"), LOGIN)], LastGood())
    assert plan.refusals[database_role("gone")].endswith("Holdfast neither creates nor drops a role of a database")


def test_what_is_inside_a_server_that_does_not_let_us_in_is_simply_not_there() -> None:
    state = replace(a_state(), children={})
    assert state.with_value(sessions("app"), None).settings().keys() == a_state().settings().keys()
