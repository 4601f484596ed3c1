"""What is remembered survives the way through JSON; ids sort by time."""

import json
import uuid
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from shared import journal
from shared.control import Change, LastGood, Risk, Source
from shared.journal import (
    Actor,
    ChangeLine,
    DeadLetter,
    Entry,
    FindingLine,
    Notice,
    NoticeKind,
    Origin,
    Report,
    Stage,
    Trigger,
    decode,
    encode,
    new_id,
)
from shared.memory import Memory, Remediation, Trouble
from shared.state import SERVER, Setting, SettingKind, parameter
from tests.builders import NOON, a_trigger

words = st.text(max_size=8)
short_tuples = st.lists(words, max_size=2).map(tuple)
times = st.datetimes(
    min_value=datetime(1970, 1, 2),  # noqa: DTZ001 - hypothesis takes the zone by itself
    max_value=datetime(2200, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
values = st.none() | words | st.dictionaries(words, words, max_size=2)
a_setting = st.builds(Setting, st.sampled_from(SettingKind), words)
severities = st.sampled_from(["low", "high"])
triggers = st.builds(
    Trigger,
    *[words] * 4,
    at=times,
    origin=st.sampled_from(Origin),
    actor=st.none() | st.builds(Actor, *[words] * 5),
    correlation_id=words,
    outcome=words,
    received_at=times,
)
findings = st.builds(FindingLine, *[words] * 4, found=values, wanted=values, why=words, verb=words, reason=words)
change_lines = st.builds(ChangeLine, words, values, values, words, words)
reports = st.builds(
    Report,
    words,
    words,
    severities,
    times,
    trigger=st.none() | triggers,
    findings=st.lists(findings, max_size=1).map(tuple),
    changes=st.lists(change_lines, max_size=1).map(tuple),
    outcome=words,
    error=words,
    elapsed_seconds=st.none() | st.floats(0, 1e9),
)
changes = st.builds(
    Change,
    a_setting,
    values,
    values,
    st.sampled_from(Source),
    st.sampled_from(Risk),
    needs=st.lists(a_setting, max_size=2).map(tuple),
)
remediations = st.builds(
    Remediation,
    words,
    short_tuples,
    st.lists(changes, max_size=2).map(tuple),
    reports,
    times,
    entries=st.integers(0, 9),
    sent=st.lists(a_setting, max_size=2).map(tuple),
    operations=short_tuples,
    attempts=st.integers(0, 9),
    announced=st.booleans(),
)
memories = st.builds(
    Memory,
    values=st.dictionaries(words, values, max_size=2),
    seen=short_tuples,
    standing=short_tuples,
    told=st.dictionaries(words, words, max_size=2),
    open=st.none() | remediations,
    closed=short_tuples,
    trouble=st.none() | st.builds(Trouble, words, times, st.integers(0, 9), st.booleans()),
)
notices = st.builds(
    Notice,
    words,
    st.sampled_from(NoticeKind),
    reports,
    times,
    number=st.integers(0, 9),
    quiet=st.booleans(),
    delivered=st.frozensets(words, max_size=2),
    attempts=st.integers(0, 9),
    next_at=st.none() | times,
    last_error=words,
)
entries = st.builds(Entry, words, st.integers(0, 9), st.sampled_from(Stage), times, reports, words)
letters = st.builds(DeadLetter, words, words, words, words, times)


# There and back


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(triggers | memories | notices | entries | letters)
def test_everything_survives_the_way_to_a_store_and_back(thing: Any) -> None:
    assert decode(type(thing), encode(thing)) == thing


def test_what_is_stored_is_json() -> None:
    stored = json.loads(encode(a_trigger(operation="write")))
    assert (stored["operation"], stored["at"], stored["origin"]) == ("write", "2026-03-01T12:00:00Z", "event")


def test_a_text_is_read_as_well_as_bytes() -> None:
    trigger = a_trigger()
    assert decode(Trigger, encode(trigger).decode()) == trigger


def test_a_moment_in_another_zone_stays_the_same_moment() -> None:
    trigger = a_trigger(at=datetime(2026, 3, 1, 14, tzinfo=timezone(timedelta(hours=2))))
    assert decode(Trigger, encode(trigger)).at == NOON


def test_what_an_older_holdfast_stored_is_read_with_the_defaults_of_today() -> None:
    assert decode(Memory, "{}") == Memory()


@pytest.mark.parametrize("stored", ["", "{", "[]", '{"seen": 7}', '{"values": {"a": 7}}', '{"open": {}}'])
def test_what_cannot_be_read_is_an_error_and_never_a_guess(stored: str) -> None:
    with pytest.raises(ValidationError):
        decode(Memory, stored)


# What is known


def test_a_memory_gives_its_last_good_values_in_the_form_that_remediators_take() -> None:
    tls, rule = Setting(SettingKind.PARAMETER, "tls"), Setting(SettingKind.FIREWALL_RULE, "a/b")
    memory = Memory(
        values={"configurations/tls": "on", "network.publicNetworkAccess": "Disabled"},
        seen=("configurations/tls", "server"),
        standing=("firewallRules/a/b",),
    )
    assert memory.last_good() == LastGood(
        {tls: "on", Setting(SettingKind.PUBLIC_ACCESS): "Disabled"},
        frozenset({parameter("tls"), SERVER}),
        frozenset({rule}),
    )


@settings(deadline=None)
@given(a_setting)
def test_a_setting_is_read_back_from_its_text(setting: Setting) -> None:
    assert Setting.parse(str(setting)) == setting


# Ids


def test_an_id_is_a_uuid_of_the_kind_that_sorts_by_time() -> None:
    made = uuid.UUID(new_id(NOON))
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert made.int >> 80 == int(NOON.timestamp() * 1000)


def test_an_id_without_a_moment_is_one_of_now() -> None:
    seconds = (uuid.UUID(new_id()).int >> 80) / 1000
    assert abs(seconds - journal.now().timestamp()) < 60


@settings(deadline=None)
@given(st.lists(times, min_size=2, max_size=5))
def test_ids_sort_as_their_moments_do(moments: list[datetime]) -> None:
    ids = [new_id(moment) for moment in sorted(moments)]
    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)


def test_ids_of_one_moment_count_up() -> None:
    ids = [new_id(NOON) for _ in range(100)]
    assert ids == sorted(set(ids))


def test_ids_of_different_moments_have_nothing_else_in_common() -> None:
    first, second = new_id(NOON), new_id(NOON + timedelta(milliseconds=1))
    assert first[19:] != second[19:]
