"""Old records and dead letters are dropped, by every adapter; what is open is not, however old it is."""

import asyncio
import secrets
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.control import Change, Risk, Source
from shared.journal import Entry, Stage, new_id
from shared.measure import Answer
from shared.memory import Approval, Memory, Remediation
from shared.ports import Commit, Store
from shared.state import Setting, SettingKind
from shared.target import FLEET, Subject
from tests.store.things import NOON, a_letter, a_notice, a_record, a_report, a_target, a_trigger, after

DAY = 86_400.0
TARGET, OTHER = a_target(), a_target("pg-orders")
# Everything until then is old.
BEFORE = after(DAY)


async def keep(
    store: Store, record: str, *seconds: float, target: Subject = TARGET, memory: Memory | None = None
) -> None:
    """A record of the target with an entry at each of these moments."""
    dossier = await store.load(target)
    report = a_report(target, record)
    entries = tuple(Entry(record, n, Stage.DETECTED, after(at), report) for n, at in enumerate(seconds))
    await store.commit(target, dossier.version, Commit(memory or dossier.memory, entries))


async def records(store: Store) -> set[str]:
    return {entry.record for entry in await store.history(limit=1000)}


async def test_records_that_ended_before_are_dropped_whole_and_no_other(store: Store) -> None:
    old, begun, new = a_record(), a_record(10), a_record(3 * DAY)
    await keep(store, old, 0, 1, 2)
    await keep(store, begun, 10, 2 * DAY)
    await keep(store, new, 3 * DAY)
    await keep(store, a_record(20), 20, target=FLEET)
    assert (await store.prune_records(BEFORE, 100)).removed == 2
    assert await records(store) == {begun, new}
    assert (await store.record(old), await store.history(FLEET)) == ([], [])


async def test_what_is_new_is_not_even_looked_at(store: Store) -> None:
    await keep(store, a_record(3 * DAY), 3 * DAY)
    assert (await store.prune_records(BEFORE, 100)).removed == 0


async def test_records_whose_ids_tell_no_time_are_dropped_by_their_entries(store: Store) -> None:
    early, late, young = "00000000-made-long-ago", "f0f0f0f0-made-by-a-name", "f1f1f1f1-made-by-a-name"
    await keep(store, early, 0)
    await keep(store, late, 0)
    await keep(store, young, 3 * DAY)
    assert (await store.prune_records(BEFORE, 100)).removed == 2
    assert await records(store) == {young}


async def test_no_more_is_done_at_once_than_asked_for_and_the_next_run_goes_on(store: Store) -> None:
    for n in range(5):
        await keep(store, a_record(n), n)
    first = await store.prune_records(BEFORE, 2)
    second = await store.prune_records(BEFORE, 2, first.after)
    third = await store.prune_records(BEFORE, 2, second.after)
    assert [one.removed for one in (first, second, third)] == [2, 2, 1]
    assert (bool(first.after), third.after) == (True, "")
    assert await records(store) == set()


async def test_what_is_open_does_not_stand_in_the_way_of_what_is_over(store: Store) -> None:
    for n in range(6):
        target = a_target(f"pg-{n}")
        record = a_record(n) if n % 3 else f"f{n}f0f0f0-made-by-a-name"
        await keep(store, record, n, target=target, memory=None if n in (1, 3) else under_way(record))
    removed, after = 0, ""
    for _ in range(6):
        pruned = await store.prune_records(BEFORE, 1, after)
        removed, after = removed + pruned.removed, pruned.after
    assert removed == 2
    assert len(await records(store)) == 4


def a_change() -> Change:
    return Change(Setting(SettingKind.FIREWALL_RULE, "app"), None, {}, Source.POLICY, Risk.SAFE)


def under_way(record: str) -> Memory:
    return Memory(open=Remediation(record, (), (a_change(),), a_report(TARGET, record), NOON))


def waiting(record: str) -> Memory:
    report = a_report(TARGET, record)
    return Memory(approvals=(Approval(record, (), (), "digest", report, NOON, after(400 * DAY)),))


def answering(record: str) -> Memory:
    return Memory(answers=(Answer(a_trigger(TARGET), record),))


@pytest.mark.parametrize("memory", [under_way, waiting, answering], ids=lambda memory: memory.__name__)
async def test_what_is_open_is_kept_however_old_it_is(store: Store, memory: object) -> None:
    record = a_record()
    await keep(store, record, 0, memory=memory(record))  # type: ignore[operator]  # one of the three above
    await keep(store, a_record(1), 1)
    assert (await store.prune_records(BEFORE, 100)).removed == 1
    assert await records(store) == {record}
    version = (await store.load(TARGET)).version
    await store.commit(TARGET, version, Commit(Memory()))
    assert (await store.prune_records(BEFORE, 100)).removed == 1


async def test_what_is_still_to_be_told_is_kept(store: Store) -> None:
    record = a_record()
    await keep(store, record, 0)
    notice = replace(a_notice(TARGET), report=a_report(TARGET, record))
    await store.commit(TARGET, (await store.load(TARGET)).version, Commit(Memory(), notices=(notice,)))
    assert (await store.prune_records(BEFORE, 100)).removed == 0
    told = Entry(record, 1000, Stage.NOTIFIED, after(1), notice.report)
    await store.finish_notice(TARGET, notice, told)
    assert (await store.prune_records(BEFORE, 100)).removed == 1


async def test_a_record_in_which_several_have_a_part_goes_with_the_last_of_them(store: Store) -> None:
    record = a_record()
    await keep(store, record, 0)
    await keep(store, new_id(after(5)), 5, target=OTHER)
    assert (await store.prune_records(BEFORE, 100)).removed == 2
    assert await records(store) == set()


async def test_two_who_prune_at_once_do_not_disturb_each_other(store: Store, other: Store) -> None:
    for n in range(6):
        await keep(store, a_record(n), n)
    await asyncio.gather(store.prune_records(BEFORE, 100), other.prune_records(BEFORE, 100))
    assert await records(store) == set()


async def test_old_dead_letters_are_dropped_the_oldest_first_where_there_are_too_many(store: Store) -> None:
    for n in range(3):
        await store.bury(a_letter(f"old-{n}", n))
    await store.bury(a_letter("new", 2 * DAY))
    assert [await store.prune_letters(BEFORE, 2) for _ in range(3)] == [2, 1, 0]
    assert [letter.id for letter in await store.dead_letters()] == ["new"]


async def test_a_large_dead_letter_is_dropped_with_all_its_parts(store: Store) -> None:
    await store.bury(a_letter("big", body=secrets.token_urlsafe(750_000)))
    await store.prune_letters(BEFORE, 100)
    assert await store.dead_letters() == []
    await store.bury(a_letter("big", timedelta(days=3).total_seconds()))
    assert len(await store.dead_letters()) == 1
