"""Whatever a store is given to keep comes back equal."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.control import Change, Risk, Source
from shared.journal import Entry, Notice, Report, Stage, Trigger
from shared.memory import Memory, Remediation, Trouble
from shared.ports import Commit, Dossier, Store
from shared.state import Setting, SettingKind
from tests.store.things import NOON, a_record, a_target

_NUMBERS = count()
_TEXT = st.text(max_size=30)
_TIMES = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis
_VALUES: st.SearchStrategy[Any] = st.none() | _TEXT | st.dictionaries(_TEXT, _TEXT, max_size=3)
_SECONDS = st.floats(allow_nan=False, allow_infinity=False)
_REPORTS = st.builds(
    Report, _TEXT, _TEXT, _TEXT, _TIMES, outcome=_TEXT, error=_TEXT, elapsed_seconds=st.none() | _SECONDS
)
_CHANGES = st.builds(
    Change,
    st.builds(Setting, st.sampled_from(SettingKind), _TEXT),
    _VALUES,
    _VALUES,
    st.sampled_from(Source),
    st.sampled_from(Risk),
)
_REMEDIATIONS = st.builds(Remediation, _TEXT, st.just(()), st.lists(_CHANGES, max_size=3).map(tuple), _REPORTS, _TIMES)
_MEMORIES = st.builds(
    Memory,
    values=st.dictionaries(_TEXT, _VALUES, max_size=5),
    seen=st.lists(_TEXT, max_size=3).map(tuple),
    told=st.dictionaries(_TEXT, _TEXT, max_size=3),
    open=st.none() | _REMEDIATIONS,
    trouble=st.none() | st.builds(Trouble, _TEXT, _TIMES, st.integers(0, 9), st.booleans()),
)
_TRIGGERS = st.builds(Trigger, _TEXT, _TEXT, _TEXT, _TEXT, _TIMES, correlation_id=_TEXT, received_at=_TIMES)
_NOTICES = st.builds(
    Notice,
    id=_TEXT,
    report=_REPORTS,
    created_at=_TIMES,
    number=st.integers(0, 99),
    delivered=st.frozensets(_TEXT, max_size=3),
    next_at=st.none() | _TIMES,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    memory=_MEMORIES,
    triggers=st.lists(_TRIGGERS, max_size=3, unique_by=lambda trigger: trigger.id),
    notices=st.lists(_NOTICES, max_size=3, unique_by=lambda notice: notice.id),
    report=_REPORTS,
    detail=_TEXT,
)
async def test_everything_comes_back_equal(
    store: Store, memory: Memory, triggers: list[Trigger], notices: list[Notice], report: Report, detail: str
) -> None:
    target = a_target(f"pg-{next(_NUMBERS)}")
    mine = [replace(trigger, target=target.id) for trigger in triggers]
    entry = Entry(a_record(), 0, Stage.INTENDED, NOON, report, detail)
    for trigger in mine:
        await store.remember(trigger)
    version = await store.commit(target, "", Commit(memory, (entry,), tuple(notices)))
    assert await store.load(target) == Dossier(
        memory,
        version,
        tuple(sorted(mine, key=lambda trigger: (trigger.at, trigger.id))),
        tuple(sorted(notices, key=lambda notice: (notice.created_at, notice.number, notice.id))),
    )
    assert await store.history(target) == [entry]
