from datetime import timedelta

import pytest

from shared.errors import LeaseLost, StoreUnavailable
from shared.journal import DeadLetter, Entry, Notice, NoticeKind, Report, Stage, Trigger
from shared.memory import Memory
from shared.ports import Commit
from shared.target import parse_target
from tests.fakes.clock import START, FakeClock
from tests.fakes.store import MemoryStore

TARGET = parse_target(
    "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/data"
    "/providers/Microsoft.DBforPostgreSQL/flexibleServers/pg-orders"
)
REPORT = Report("r1", TARGET.id, "high", START)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(clock: FakeClock) -> MemoryStore:
    return MemoryStore(clock)


def a_trigger(trigger_id: str, seconds: int = 0) -> Trigger:
    return Trigger(trigger_id, TARGET.id, "write", "", START + timedelta(seconds=seconds))


def an_entry(record: str, number: int, stage: Stage = Stage.DETECTED) -> Entry:
    return Entry(record, number, stage, START, REPORT)


def a_notice(notice_id: str = "n1") -> Notice:
    return Notice(notice_id, NoticeKind.REMEDIATED, REPORT, START, number=1)


async def test_triggers_wait_once_oldest_first_and_wake_their_target(store: MemoryStore) -> None:
    for trigger in (a_trigger("late", 5), a_trigger("early"), a_trigger("late", 5)):
        await store.remember(trigger)
    assert [trigger.id for trigger in (await store.load(TARGET)).triggers] == ["early", "late"]
    assert store.take_due(store.reconcile) == [TARGET] * 3


async def test_a_commit_is_whole_and_fenced_by_the_version(store: MemoryStore) -> None:
    await store.remember(a_trigger("t1"))
    before = await store.load(TARGET)
    memory = Memory(values={"firewallRules/app": {"startIpAddress": "1.2.3.4", "endIpAddress": "1.2.3.4"}})
    commit = Commit(memory, (an_entry("r1", 0),), (a_notice(),), ("t1",))
    version = await store.commit(TARGET, before.version, commit)
    after = await store.load(TARGET)
    assert (after.memory, after.version, after.triggers, after.outbox) == (memory, version, (), (a_notice(),))
    assert store.take_due(store.deliver) == [TARGET]
    with pytest.raises(LeaseLost):
        await store.commit(TARGET, before.version, Commit(Memory()))
    assert await store.load(TARGET) == after


async def test_records_are_append_only(store: MemoryStore) -> None:
    version = await store.commit(TARGET, "", Commit(Memory(), (an_entry("r1", 0),)))
    with pytest.raises(ValueError, match="append-only"):
        await store.commit(TARGET, version, Commit(Memory(), (an_entry("r1", 0, Stage.FAILED),)))


async def test_history_shows_the_newest_record_first_and_its_entries_in_order(store: MemoryStore) -> None:
    first = await store.commit(TARGET, "", Commit(Memory(), (an_entry("r1", 0), an_entry("r2", 1))))
    await store.commit(TARGET, first, Commit(Memory(), (an_entry("r1", 1), an_entry("r2", 0))))
    found = [(entry.record, entry.number) for entry in await store.history(TARGET)]
    assert found == [("r2", 0), ("r2", 1), ("r1", 0), ("r1", 1)]
    assert len(await store.history(limit=3)) == 3


async def test_one_holder_per_lease_until_it_ends(store: MemoryStore, clock: FakeClock) -> None:
    lease = await store.acquire("x", 30)
    assert lease is not None
    assert await store.acquire("x", 30) is None
    clock.advance(29)
    lease = await store.renew(lease)
    clock.advance(30)
    second = await store.acquire("x", 30)
    assert second is not None
    with pytest.raises(LeaseLost):
        await store.renew(lease)
    await store.release(lease)
    assert await store.acquire("x", 30) is None
    await store.release(second)
    assert await store.acquire("x", 30) is not None


async def test_messages_are_seen_when_they_are_due(store: MemoryStore, clock: FakeClock) -> None:
    await store.wake(TARGET, 10)
    assert store.take_due(store.reconcile) == []
    clock.advance(10)
    assert store.take_due(store.reconcile) == [TARGET]
    assert store.take_due(store.reconcile) == []


async def test_a_finished_notice_leaves_its_entry_and_does_not_come_back(store: MemoryStore) -> None:
    await store.commit(TARGET, "", Commit(Memory(), (an_entry("r1", 0),), (a_notice(),)))
    for _ in range(2):
        await store.finish_notice(TARGET, a_notice(), an_entry("r1", 1, Stage.NOTIFIED))
        await store.update_notice(TARGET, a_notice())
    assert (await store.load(TARGET)).outbox == ()
    assert [entry.stage for entry in await store.history()] == [Stage.DETECTED, Stage.NOTIFIED]


async def test_dead_letters_newest_first_and_one_per_id(store: MemoryStore, clock: FakeClock) -> None:
    for letter_id in ("a", "b", "a"):
        await store.bury(DeadLetter(letter_id, "test", "why", "{}", clock()))
        clock.advance(1)
    assert [letter.id for letter in await store.dead_letters()] == ["a", "b"]


async def test_a_store_that_is_down_says_so(store: MemoryStore) -> None:
    store.down = True
    with pytest.raises(StoreUnavailable):
        await store.load(TARGET)


@pytest.mark.parametrize(("point", "entries"), [("before commit", 0), ("after commit", 1)])
async def test_a_crash_leaves_nothing_or_all(store: MemoryStore, point: str, entries: int) -> None:
    def crash(reached: str) -> None:
        if reached == point:
            raise ZeroDivisionError

    store.interrupt = crash
    with pytest.raises(ZeroDivisionError):
        await store.commit(TARGET, "", Commit(Memory(), (an_entry("r1", 0),)))
    assert len(await store.history()) == entries


@pytest.mark.parametrize(("point", "kept"), [("before write_document", None), ("after write_document", b"{}")])
async def test_a_document_whose_writer_crashes_is_written_or_not(
    store: MemoryStore, point: str, kept: bytes | None
) -> None:
    def crash(reached: str) -> None:
        if reached == point:
            raise ZeroDivisionError

    store.interrupt = crash
    with pytest.raises(ZeroDivisionError):
        await store.write_document("orders", b"{}")
    found = await store.document("orders")
    assert (found.body if found else None) == kept
