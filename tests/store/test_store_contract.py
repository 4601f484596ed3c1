"""The contract of `shared.ports.Store`, sentence by sentence, for every adapter."""

import asyncio
import secrets
from dataclasses import replace
from itertools import batched

import pytest

from shared.errors import LeaseLost
from shared.memory import Memory
from shared.ports import DELIVER_QUEUE, RECONCILE_QUEUE, SWEEP_QUEUE, Commit, Dossier, Store
from shared.target import FLEET
from tests.store.kits import Kit
from tests.store.things import (
    STRANGE_IDS,
    a_letter,
    a_memory,
    a_notice,
    a_record,
    a_target,
    a_trigger,
    an_entry,
)

TARGET = a_target()
OTHER = a_target("pg-orders")


# work


async def test_a_target_nobody_knows_has_an_empty_dossier(store: Store) -> None:
    assert await store.load(TARGET) == Dossier(Memory(), version="")


async def test_a_trigger_is_kept_and_wakes_its_target(store: Store, kit: Kit) -> None:
    await store.remember(a_trigger(TARGET))
    assert (await store.load(TARGET)).triggers == (a_trigger(TARGET),)
    assert await kit.woken(RECONCILE_QUEUE) == [TARGET.id]


async def test_a_trigger_is_kept_once_and_the_first_one_counts(store: Store) -> None:
    await store.remember(a_trigger(TARGET))
    await store.remember(a_trigger(TARGET, seconds=5))
    assert (await store.load(TARGET)).triggers == (a_trigger(TARGET),)


async def test_a_repeated_trigger_wakes_again_since_the_first_wake_up_may_be_lost(store: Store, kit: Kit) -> None:
    await store.remember(a_trigger(TARGET))
    await store.remember(a_trigger(TARGET))
    assert await kit.woken(RECONCILE_QUEUE) == [TARGET.id, TARGET.id]


async def test_the_same_trigger_id_may_come_for_two_targets(store: Store) -> None:
    await store.remember(a_trigger(TARGET))
    await store.remember(a_trigger(OTHER))
    assert (await store.load(TARGET)).triggers == (a_trigger(TARGET),)
    assert (await store.load(OTHER)).triggers == (a_trigger(OTHER),)


async def test_triggers_come_oldest_first(store: Store) -> None:
    for seconds in (3, 1, 2):
        await store.remember(a_trigger(TARGET, f"event-{seconds}", seconds))
    assert [trigger.id for trigger in (await store.load(TARGET)).triggers] == ["event-1", "event-2", "event-3"]


async def test_remembering_does_not_disturb_a_writer(store: Store, other: Store) -> None:
    version = await store.commit(TARGET, "", Commit(a_memory()))
    await other.remember(a_trigger(TARGET))
    assert await store.commit(TARGET, version, Commit(a_memory("off")))


async def test_a_wake_up_is_seen_at_once(store: Store, kit: Kit) -> None:
    await store.wake(TARGET)
    await store.wake_delivery(OTHER)
    assert await kit.woken(RECONCILE_QUEUE) == [TARGET.id]
    assert await kit.woken(DELIVER_QUEUE) == [OTHER.id]


async def test_a_delayed_wake_up_is_seen_after_its_delay(store: Store, kit: Kit) -> None:
    await store.wake(TARGET, after_seconds=1)
    await store.wake_delivery(TARGET, after_seconds=1)
    assert (await kit.woken(RECONCILE_QUEUE), await kit.woken(DELIVER_QUEUE)) == ([], [])
    await kit.let_pass(2.1)
    assert (await kit.woken(RECONCILE_QUEUE), await kit.woken(DELIVER_QUEUE)) == ([TARGET.id], [TARGET.id])


async def test_the_sweep_has_a_queue_of_its_own_for_servers_and_for_the_fleet(store: Store, kit: Kit) -> None:
    await store.wake_sweep(TARGET)
    await store.wake_sweep(FLEET)
    await store.wake_sweep(OTHER, after_seconds=600)
    assert (await kit.woken(SWEEP_QUEUE), await kit.depth(SWEEP_QUEUE)) == ([TARGET.id, FLEET.id], 3)
    assert await kit.woken(RECONCILE_QUEUE) == []


async def test_a_trigger_can_be_kept_without_waking_anybody(store: Store, kit: Kit) -> None:
    await store.keep(a_trigger(TARGET))
    await store.keep(a_trigger(TARGET, seconds=5))
    assert (await store.load(TARGET)).triggers == (a_trigger(TARGET),)
    assert await kit.woken(RECONCILE_QUEUE) == []


async def test_a_delay_beyond_what_queues_accept_is_cut_and_not_refused(store: Store, kit: Kit) -> None:
    await store.wake(TARGET, after_seconds=30 * 24 * 3600)
    assert (await kit.woken(RECONCILE_QUEUE), await kit.depth(RECONCILE_QUEUE)) == ([], 1)


# leases


async def test_a_lease_is_for_one(store: Store, other: Store) -> None:
    assert await store.acquire(TARGET.id, 15)
    assert await other.acquire(TARGET.id, 15) is None
    assert await other.acquire(OTHER.id, 15)


async def test_a_lease_says_when_it_ends(store: Store, kit: Kit) -> None:
    lease = await store.acquire(TARGET.id, 30)
    assert lease is not None
    assert lease.name == TARGET.id
    left = lease.expires_at - kit.clock()
    assert 20 < left.total_seconds() <= 30


async def test_a_lease_given_back_can_be_taken_again(store: Store, other: Store) -> None:
    lease = await store.acquire("sweep", 15)
    assert lease is not None
    await store.release(lease)
    assert await other.acquire("sweep", 15)


async def test_a_renewed_lease_is_still_held_and_ends_later(store: Store, other: Store) -> None:
    lease = await store.acquire("sweep", 15)
    assert lease is not None
    renewed = await store.renew(lease)
    assert renewed.expires_at > lease.expires_at
    assert await other.acquire("sweep", 15) is None
    await store.release(renewed)
    assert await other.acquire("sweep", 15)


async def test_an_expired_lease_goes_to_the_next(store: Store, other: Store, kit: Kit) -> None:
    lease = await store.acquire("sweep", 15)
    assert lease is not None
    await kit.expire(lease)
    assert await other.acquire("sweep", 15)
    with pytest.raises(LeaseLost, match="sweep"):
        await store.renew(lease)


async def test_an_expired_lease_is_lost_even_if_nobody_took_it(store: Store, kit: Kit) -> None:
    lease = await store.acquire("sweep", 15)
    assert lease is not None
    kit.clock.move(61)
    with pytest.raises(LeaseLost, match="sweep"):
        await store.renew(lease)


async def test_giving_back_a_lost_lease_takes_nothing_from_the_next(store: Store, other: Store, kit: Kit) -> None:
    lease = await store.acquire("sweep", 15)
    assert lease is not None
    await kit.expire(lease)
    assert await other.acquire("sweep", 15)
    await store.release(lease)
    assert await store.acquire("sweep", 15) is None


async def test_a_released_lease_cannot_be_renewed_and_released_twice_is_no_error(store: Store) -> None:
    lease = await store.acquire("sweep", 15)
    assert lease is not None
    await store.release(lease)
    await store.release(lease)
    with pytest.raises(LeaseLost):
        await store.renew(lease)


@pytest.mark.parametrize("name", [name for name in STRANGE_IDS if len(name) < 1000])
async def test_a_lease_may_have_any_name(store: Store, name: str) -> None:
    assert await store.acquire(name, 15)
    assert await store.acquire(name, 15) is None


async def test_of_twenty_who_want_a_lease_one_gets_it(store: Store, other: Store) -> None:
    taken = await asyncio.gather(*((store, other)[n % 2].acquire(TARGET.id, 15) for n in range(20)))
    assert len([lease for lease in taken if lease]) == 1


# commit


async def test_a_commit_keeps_everything_it_carries(store: Store, kit: Kit) -> None:
    await store.remember(a_trigger(TARGET))
    await store.remember(a_trigger(TARGET, "later", 1))
    record = a_record()
    entry, notice = an_entry(TARGET, record), a_notice(TARGET)
    version = await store.commit(TARGET, "", Commit(a_memory(), (entry,), (notice,), ("event-1",)))
    expected = Dossier(a_memory(), version, (a_trigger(TARGET, "later", 1),), (notice,))
    assert await store.load(TARGET) == expected
    assert await store.history(TARGET) == [entry]
    assert await kit.woken(DELIVER_QUEUE) == [TARGET.id]


async def test_a_commit_without_notices_wakes_no_delivery(store: Store, kit: Kit) -> None:
    await store.commit(TARGET, "", Commit(a_memory(), (an_entry(TARGET, a_record()),)))
    assert await kit.depth(DELIVER_QUEUE) == 0


async def test_each_commit_gives_a_new_version(store: Store) -> None:
    first = await store.commit(TARGET, "", Commit(a_memory()))
    second = await store.commit(TARGET, first, Commit(a_memory("off")))
    assert first != second
    assert (await store.load(TARGET)) == Dossier(a_memory("off"), second)


@pytest.mark.parametrize("first_time", [True, False])
async def test_of_two_writers_the_second_changes_nothing(
    store: Store, other: Store, kit: Kit, first_time: bool
) -> None:
    version = "" if first_time else await store.commit(TARGET, "", Commit(a_memory("before")))
    await store.remember(a_trigger(TARGET))
    new_version = await store.commit(TARGET, version, Commit(a_memory("mine")))
    late = Commit(a_memory("theirs"), (an_entry(TARGET, a_record()),), (a_notice(TARGET),), (a_trigger(TARGET).id,))
    with pytest.raises(LeaseLost, match=TARGET.name):
        await other.commit(TARGET, version, late)
    assert await store.load(TARGET) == Dossier(a_memory("mine"), new_version, (a_trigger(TARGET),))
    assert await store.history() == []
    assert await kit.depth(DELIVER_QUEUE) == 0


async def test_a_version_of_a_target_without_memory_is_refused(store: Store) -> None:
    version = await store.commit(OTHER, "", Commit(a_memory()))
    with pytest.raises(LeaseLost):
        await store.commit(TARGET, version, Commit(a_memory()))


async def test_a_commit_of_more_than_a_hundred_parts(store: Store) -> None:
    triggers = [a_trigger(TARGET, f"event-{number:03d}", number) for number in range(130)]
    await asyncio.gather(*(store.remember(trigger) for trigger in triggers))
    record = a_record()
    entries = tuple(an_entry(TARGET, record, number) for number in range(40))
    notices = tuple(a_notice(TARGET, f"notice-{number}", number=number) for number in range(40))
    handled = tuple(trigger.id for trigger in triggers[:-1])
    version = await store.commit(TARGET, "", Commit(a_memory(), entries, notices, handled))
    assert await store.load(TARGET) == Dossier(a_memory(), version, (triggers[-1],), notices)
    assert await store.history(TARGET) == list(entries)


async def test_handling_a_trigger_that_is_gone_or_named_twice_is_no_error(store: Store) -> None:
    await store.remember(a_trigger(TARGET))
    commit = Commit(a_memory(), handled=("gone", a_trigger(TARGET).id, a_trigger(TARGET).id, "gone too"))
    version = await store.commit(TARGET, "", commit)
    assert await store.load(TARGET) == Dossier(a_memory(), version)


async def test_targets_do_not_disturb_each_other(store: Store, other: Store) -> None:
    targets = [a_target(f"pg-{number}") for number in range(20)]
    await asyncio.gather(
        *((store, other)[n % 2].commit(target, "", Commit(a_memory(str(n)))) for n, target in enumerate(targets))
    )
    found = await asyncio.gather(*(store.load(target) for target in targets))
    assert [dossier.memory for dossier in found] == [a_memory(str(n)) for n in range(20)]


async def test_of_parallel_commits_on_one_target_one_is_applied(store: Store, other: Store) -> None:
    outcomes = await asyncio.gather(
        *((store, other)[n % 2].commit(TARGET, "", Commit(a_memory(str(n)))) for n in range(10)),
        return_exceptions=True,
    )
    winners = [number for number, outcome in enumerate(outcomes) if isinstance(outcome, str)]
    assert len(winners) == 1
    assert [type(outcome) for outcome in outcomes].count(LeaseLost) == 9
    assert (await store.load(TARGET)).memory == a_memory(str(winners[0]))


async def test_servers_of_one_name_in_two_groups_are_two_targets(store: Store) -> None:
    await store.commit(a_target("pg", "rg-a"), "", Commit(a_memory("a")))
    await store.commit(a_target("pg", "rg-b"), "", Commit(a_memory("b")))
    assert (await store.load(a_target("pg", "rg-a"))).memory == a_memory("a")


async def test_two_hundred_kilobytes_that_hardly_compress_come_back(store: Store) -> None:
    noise = secrets.token_urlsafe(150_000)
    notice = a_notice(TARGET, last_error=noise)
    entry = an_entry(TARGET, a_record(), detail=noise)
    version = await store.commit(TARGET, "", Commit(a_memory(noise), (entry,), (notice,)))
    assert await store.load(TARGET) == Dossier(a_memory(noise), version, (), (notice,))
    assert await store.history(TARGET) == [entry]


async def test_ids_may_be_any_text(store: Store) -> None:
    triggers = tuple(a_trigger(TARGET, id_, n) for n, id_ in enumerate(STRANGE_IDS))
    notices = tuple(a_notice(TARGET, id_, n) for n, id_ in enumerate(STRANGE_IDS))
    for trigger in triggers:
        await store.remember(trigger)
    version = await store.commit(TARGET, "", Commit(a_memory(), notices=notices))
    assert await store.load(TARGET) == Dossier(a_memory(), version, triggers, notices)
    await store.commit(TARGET, version, Commit(a_memory(), handled=STRANGE_IDS))
    for notice in notices:
        await store.finish_notice(TARGET, notice, an_entry(TARGET, a_record()))
    left = await store.load(TARGET)
    assert (left.triggers, left.outbox) == ((), ())


# outbox


async def test_the_outbox_is_in_order_of_creation_then_number(store: Store) -> None:
    first, second, third = (a_notice(TARGET, "z", 0, 0), a_notice(TARGET, "a", 0, 1), a_notice(TARGET, "b", 1, 0))
    await store.commit(TARGET, "", Commit(a_memory(), notices=(third, second, first)))
    assert (await store.load(TARGET)).outbox == (first, second, third)


async def test_an_update_replaces_the_notice_and_disturbs_no_writer(store: Store) -> None:
    notice = a_notice(TARGET)
    version = await store.commit(TARGET, "", Commit(a_memory(), notices=(notice,)))
    changed = replace(notice, delivered=frozenset({"mail"}), attempts=2, last_error="503")
    await store.update_notice(TARGET, changed)
    await store.update_notice(TARGET, changed)
    assert await store.load(TARGET) == Dossier(a_memory(), version, (), (changed,))


async def test_finishing_moves_a_notice_from_the_outbox_to_the_record_once(store: Store) -> None:
    notice, stays = a_notice(TARGET), a_notice(TARGET, "notice-2", 1)
    await store.commit(TARGET, "", Commit(a_memory(), notices=(notice, stays)))
    told = an_entry(TARGET, notice.report.record, 3, "mail")
    await store.finish_notice(TARGET, notice, told)
    await store.finish_notice(TARGET, notice, replace(told, number=4))
    assert (await store.load(TARGET)).outbox == (stays,)
    assert await store.history(TARGET) == [told]
    assert await store.history() == [told]


async def test_an_update_does_not_bring_a_finished_notice_back(store: Store) -> None:
    notice = a_notice(TARGET)
    await store.commit(TARGET, "", Commit(a_memory(), notices=(notice,)))
    await store.finish_notice(TARGET, notice, an_entry(TARGET, a_record()))
    await store.update_notice(TARGET, notice)
    assert (await store.load(TARGET)).outbox == ()


# records


async def test_history_is_newest_record_first_and_each_record_in_order(store: Store) -> None:
    old, new = a_record(0), a_record(60)
    await store.commit(TARGET, "", Commit(a_memory(), tuple(an_entry(TARGET, old, n) for n in (2, 10, 1))))
    await store.commit(OTHER, "", Commit(a_memory(), tuple(an_entry(OTHER, new, n) for n in (1, 0))))
    everything = [an_entry(OTHER, new, n) for n in (0, 1)] + [an_entry(TARGET, old, n) for n in (1, 2, 10)]
    assert await store.history() == everything
    assert await store.history(TARGET) == everything[2:]


@pytest.mark.parametrize("limit", [0, 1, 3, 5, 100])
async def test_history_stops_at_its_limit(store: Store, limit: int) -> None:
    records = [a_record(seconds) for seconds in range(3)]
    entries = tuple(an_entry(TARGET, record, n) for record in reversed(records) for n in (0, 1))
    await store.commit(TARGET, "", Commit(a_memory(), entries))
    assert await store.history(TARGET, limit) == list(entries)[:limit]
    assert await store.history(limit=limit) == list(entries)[:limit]


# The fake refuses the second one, so that a mistake of the engine is found.
@pytest.mark.parametrize("kit", ["sqlite", pytest.param("azure", marks=pytest.mark.azurite)], indirect=True)
async def test_two_entries_with_the_same_number_both_stay(store: Store) -> None:
    record = a_record()
    entries = (an_entry(TARGET, record, 1, "one"), an_entry(TARGET, record, 1, "two"))
    await store.commit(TARGET, "", Commit(a_memory(), entries))
    assert {entry.detail for entry in await store.history(TARGET)} == {"one", "two"}


async def test_a_target_without_records_has_no_history(store: Store) -> None:
    assert await store.history(TARGET) == []
    assert await store.history() == []


# one record


async def test_a_record_is_read_whole_and_in_order(store: Store, other: Store) -> None:
    mine, before, after = a_record(1), a_record(0), a_record(2)
    entries = [an_entry(TARGET, mine, number) for number in (10, 2, 1)]
    version = await store.commit(TARGET, "", Commit(a_memory(), (entries[0], an_entry(TARGET, before))))
    await store.commit(OTHER, "", Commit(a_memory(), (an_entry(OTHER, after), an_entry(OTHER, before, 7))))
    await store.commit(TARGET, version, Commit(a_memory(), (an_entry(TARGET, after, 3), *entries[1:])))
    assert await other.record(mine) == entries[::-1]
    assert await other.record(before) == [an_entry(TARGET, before), an_entry(OTHER, before, 7)]
    assert await other.record(after) == [an_entry(OTHER, after), an_entry(TARGET, after, 3)]


async def test_a_record_has_who_was_told_too(store: Store) -> None:
    notice, record = a_notice(TARGET), a_record()
    entry, told = an_entry(TARGET, record), an_entry(TARGET, record, 1000, "told")
    await store.commit(TARGET, "", Commit(a_memory(), (entry,), (notice,)))
    await store.finish_notice(TARGET, notice, told)
    assert await store.record(record) == [entry, told]


async def test_a_record_may_have_more_entries_than_a_page(store: Store) -> None:
    record, version = a_record(), ""
    entries = [an_entry(TARGET, record, number) for number in range(1100)]
    for some in batched(entries, 90, strict=False):
        version = await store.commit(TARGET, version, Commit(a_memory(), some))
    assert await store.record(record) == entries


@pytest.mark.parametrize("record", ["", "no-such-record", *STRANGE_IDS])
async def test_an_unknown_record_has_no_entries(store: Store, record: str) -> None:
    await store.commit(TARGET, "", Commit(a_memory(), (an_entry(TARGET, a_record()),)))
    assert await store.record(record) == []


@pytest.mark.parametrize("other_record", ["r", "r1", "r11", "q1", "R1"])
async def test_a_record_is_not_taken_for_one_with_a_name_like_it(store: Store, other_record: str) -> None:
    await store.commit(TARGET, "", Commit(a_memory(), tuple(an_entry(TARGET, name) for name in ("r1", "r12"))))
    expected = [an_entry(TARGET, "r1")] if other_record == "r1" else []
    assert await store.record(other_record) == expected


# the fleet


async def test_the_fleet_has_memory_outbox_and_records_like_a_server(store: Store, other: Store, kit: Kit) -> None:
    record = a_record()
    entry, notice = an_entry(FLEET, record), a_notice(FLEET)
    version = await store.commit(FLEET, "", Commit(a_memory(), (entry,), (notice,)))
    assert await other.load(FLEET) == Dossier(a_memory(), version, (), (notice,))
    assert await kit.woken(DELIVER_QUEUE) == [FLEET.id]
    changed = replace(notice, attempts=1)
    await other.update_notice(FLEET, changed)
    assert (await store.load(FLEET)).outbox == (changed,)
    told = an_entry(FLEET, record, 1000, "told")
    await other.finish_notice(FLEET, changed, told)
    assert await store.load(FLEET) == Dossier(a_memory(), version)
    assert await store.record(record) == await store.history(FLEET) == [entry, told]


async def test_the_fleet_is_fenced_like_a_server(store: Store, other: Store) -> None:
    version = await store.commit(FLEET, "", Commit(a_memory()))
    await store.commit(FLEET, version, Commit(a_memory("off")))
    with pytest.raises(LeaseLost, match="fleet"):
        await other.commit(FLEET, version, Commit(a_memory("late")))


async def test_the_fleet_and_its_servers_do_not_disturb_each_other(store: Store, kit: Kit) -> None:
    old, new = a_record(0), a_record(1)
    await store.commit(FLEET, "", Commit(a_memory("fleet"), (an_entry(FLEET, old),), (a_notice(FLEET),)))
    await store.commit(TARGET, "", Commit(a_memory("server"), (an_entry(TARGET, new),)))
    assert (await store.load(TARGET)).outbox == ()
    assert (await store.load(FLEET)).memory == a_memory("fleet")
    assert await store.history(FLEET) == [an_entry(FLEET, old)]
    assert await store.history(TARGET) == [an_entry(TARGET, new)]
    assert await store.history() == [an_entry(TARGET, new), an_entry(FLEET, old)]
    await store.wake_delivery(FLEET)
    assert await kit.woken(DELIVER_QUEUE) == [FLEET.id, FLEET.id]
    assert await kit.woken(RECONCILE_QUEUE) == []


# dead letters


async def test_dead_letters_come_newest_first_up_to_the_limit(store: Store) -> None:
    letters = [a_letter(f"letter-{n}", n) for n in range(4)]
    for letter in (letters[2], letters[0], letters[3], letters[1]):
        await store.bury(letter)
    assert await store.dead_letters() == letters[::-1]
    assert await store.dead_letters(limit=2) == letters[:1:-1]


async def test_a_dead_letter_replaces_itself(store: Store) -> None:
    for letter in (a_letter(), a_letter(seconds=5, body="again"), a_letter(seconds=5, body="and again")):
        await store.bury(letter)
    assert await store.dead_letters() == [a_letter(seconds=5, body="and again")]


async def test_a_dead_letter_buried_by_several_at_once_is_kept_once(store: Store, other: Store) -> None:
    letters = [a_letter(seconds=n) for n in range(4)]
    await asyncio.gather(*((store, other)[n % 2].bury(letter) for n, letter in enumerate(letters)))
    (kept,) = await store.dead_letters()
    assert kept in letters


async def test_a_dead_letter_may_be_a_megabyte(store: Store) -> None:
    body = secrets.token_urlsafe(750_000)
    await store.bury(a_letter("big", body=body))
    await store.bury(a_letter("small", 1))
    assert await store.dead_letters() == [a_letter("small", 1), a_letter("big", body=body)]
    await store.bury(a_letter("big", 2))
    assert await store.dead_letters() == [a_letter("big", 2), a_letter("small", 1)]


@pytest.mark.parametrize("id_", STRANGE_IDS)
async def test_a_dead_letter_may_have_any_id(store: Store, id_: str) -> None:
    await store.bury(a_letter(id_))
    assert await store.dead_letters() == [a_letter(id_)]
    await store.unbury(id_)
    assert await store.dead_letters() == []


async def test_a_dead_letter_is_removed_with_all_its_parts_and_no_other(store: Store) -> None:
    await store.bury(a_letter("big", body=secrets.token_urlsafe(750_000)))
    await store.bury(a_letter("small", 1))
    await store.unbury("big")
    assert await store.dead_letters() == [a_letter("small", 1)]
    await store.bury(a_letter("big", 2))
    assert [letter.id for letter in await store.dead_letters()] == ["big", "small"]


async def test_removing_a_dead_letter_that_is_not_there_is_no_error(store: Store, other: Store) -> None:
    await store.bury(a_letter())
    await asyncio.gather(store.unbury(a_letter().id), other.unbury(a_letter().id), store.unbury("nobody"))
    assert await store.dead_letters() == []


# the store itself


async def test_what_was_kept_is_there_after_reopening(store: Store, kit: Kit) -> None:
    await store.remember(a_trigger(TARGET))
    version = await store.commit(TARGET, "", Commit(a_memory(), (an_entry(TARGET, "r"),), (a_notice(TARGET),)))
    await store.bury(a_letter())
    before = await store.load(TARGET)
    await store.close()
    reopened = kit.open()
    assert await reopened.load(TARGET) == before == replace(before, version=version)
    assert await reopened.history() == [an_entry(TARGET, "r")]
    assert await reopened.dead_letters() == [a_letter()]
    assert await kit.woken(RECONCILE_QUEUE) == [TARGET.id]
    await reopened.close()


async def test_a_usable_store_answers_a_ping_and_keeps_nothing_of_it(store: Store) -> None:
    await store.ping()
    await store.ping()
    assert (await store.history(), await store.dead_letters()) == ([], [])


async def test_closing_twice_or_unused_is_no_error(kit: Kit) -> None:
    opened = kit.open()
    await opened.close()
    await opened.close()
