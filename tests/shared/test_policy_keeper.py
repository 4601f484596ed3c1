"""Which policy is in force: new versions are adopted or refused as a whole, and the last good one stays."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest

from shared.errors import BadPolicy, StoreUnavailable
from shared.journal import Entry, NoticeKind
from shared.policy import Mode, Policy
from shared.policy_keeper import Fetched, PolicyKeeper
from shared.target import FLEET
from tests.fakes.clock import FakeClock
from tests.fakes.store import MemoryStore

FIRST, SECOND, BROKEN = {"p.yaml": b"notify"}, {"p.yaml": b"enforce"}, {"p.yaml": b"p.yaml:1:1: what is this?"}


def load(texts: Mapping[str, bytes]) -> Policy:
    """The texts say the mode; anything else is an error with its own words."""
    text = texts["p.yaml"].decode()
    if text not in set(Mode):
        raise BadPolicy(text)
    return Policy(mode=Mode(text))


class Owner:
    """Where the owner keeps the policy."""

    stale_after = timedelta(seconds=15)

    def __init__(self, texts: Mapping[str, bytes]) -> None:
        self.texts = texts
        self.looks = 0
        self.unreachable = False

    async def fetch(self, known: str) -> Fetched | None:
        self.looks += 1
        if self.unreachable:
            raise StoreUnavailable("no answer")
        if not self.texts:
            raise BadPolicy("policy.yaml: cannot be read: No such file or directory")
        tag = str(self.texts)
        return None if tag == known else Fetched(tag, self.texts)

    async def close(self) -> None:
        return None


class Office:
    """One store, one clock, any number of processes."""

    def __init__(self, texts: Mapping[str, bytes]) -> None:
        self.clock = FakeClock()
        self.store = MemoryStore(self.clock)
        self.owner = Owner(texts)
        self.expired_at: datetime | None = None

    def process(self) -> PolicyKeeper:
        return PolicyKeeper(self.owner, self.store, load, self.check, self.clock)

    def check(self, _policy: Policy, at: datetime) -> None:
        if self.expired_at is not None and at >= self.expired_at:
            raise BadPolicy("an exemption has expired")

    async def told(self) -> list[NoticeKind]:
        return [notice.kind for notice in (await self.store.load(FLEET)).outbox if not notice.quiet]

    async def records(self) -> list[Entry]:
        return await self.store.history(FLEET)

    def later(self) -> None:
        self.clock.advance(16)


async def test_the_first_version_is_in_force_and_recorded() -> None:
    office = Office(FIRST)
    assert (await office.process().current()).mode is Mode.NOTIFY
    (entry,) = await office.records()
    assert "first version of the policy is in force" in entry.report.outcome
    assert await office.told() == []


async def test_a_new_version_is_adopted_without_a_deployment_and_told() -> None:
    office = Office(FIRST)
    keeper = office.process()
    await keeper.current()
    office.owner.texts = SECOND
    office.later()
    assert (await keeper.current()).mode is Mode.ENFORCE
    assert await office.told() == [NoticeKind.ORDERS_CHANGED]


async def test_within_a_few_seconds_the_owner_is_not_asked_again() -> None:
    office = Office(FIRST)
    keeper = office.process()
    for _ in range(5):
        await keeper.current()
    assert office.owner.looks == 1


async def test_a_broken_version_is_refused_and_the_last_good_one_stays_in_force() -> None:
    office = Office(FIRST)
    keeper = office.process()
    await keeper.current()
    office.owner.texts = BROKEN
    office.later()
    assert (await keeper.current()).mode is Mode.NOTIFY
    (refusal,) = [n for n in (await office.store.load(FLEET)).outbox if n.kind is NoticeKind.POLICY_REFUSED]
    assert refusal.report.error == "p.yaml:1:1: what is this?"
    assert "stays in force" in refusal.report.outcome


async def test_a_refusal_is_told_once_by_however_many_processes_and_looks() -> None:
    office = Office(FIRST)
    processes = [office.process() for _ in range(3)]
    for keeper in processes:
        await keeper.current()
    office.owner.texts = BROKEN
    for _ in range(3):
        office.later()
        for keeper in processes:
            await keeper.current()
    assert await office.told() == [NoticeKind.POLICY_REFUSED]


async def test_a_new_process_that_finds_a_broken_version_takes_the_last_good_one_from_the_store() -> None:
    office = Office(FIRST)
    await office.process().current()
    office.owner.texts = BROKEN
    assert (await office.process().current()).mode is Mode.NOTIFY


async def test_a_broken_version_that_is_mended_comes_into_force() -> None:
    office = Office(FIRST)
    keeper = office.process()
    await keeper.current()
    office.owner.texts = BROKEN
    office.later()
    await keeper.current()
    office.owner.texts = SECOND
    office.later()
    assert (await keeper.current()).mode is Mode.ENFORCE


async def test_without_any_good_version_there_is_no_policy() -> None:
    office = Office(BROKEN)
    keeper = office.process()
    for _ in range(2):
        with pytest.raises(BadPolicy, match="what is this"):
            await keeper.current()
    assert await office.told() == [NoticeKind.POLICY_REFUSED]


async def test_an_owner_who_cannot_be_reached_changes_nothing() -> None:
    office = Office(FIRST)
    keeper = office.process()
    await keeper.current()
    office.owner.unreachable = True
    office.later()
    assert (await keeper.current()).mode is Mode.NOTIFY
    assert (await office.process().current()).mode is Mode.NOTIFY
    assert await office.told() == []


async def test_a_store_that_is_down_gives_no_policy_to_a_new_process() -> None:
    office = Office(FIRST)
    office.store.down = True
    with pytest.raises(StoreUnavailable):
        await office.process().current()


async def test_a_policy_in_force_stays_usable_after_one_of_its_exemptions_has_expired() -> None:
    office = Office(FIRST)
    await office.process().current()
    office.expired_at = office.clock() + timedelta(hours=1)
    office.clock.advance(7200)
    assert (await office.process().current()).mode is Mode.NOTIFY
    assert await office.told() == []


async def test_a_new_version_with_an_expired_exemption_is_refused() -> None:
    office = Office(FIRST)
    keeper = office.process()
    await keeper.current()
    office.expired_at = office.clock()
    office.owner.texts = SECOND
    office.later()
    assert (await keeper.current()).mode is Mode.NOTIFY
    assert await office.told() == [NoticeKind.POLICY_REFUSED]


async def test_a_terminal_goes_by_what_the_app_has_in_force_and_changes_nothing() -> None:
    office = Office(FIRST)
    await office.process().current()
    mine = Owner(SECOND)
    terminal = PolicyKeeper(mine, office.store, load, office.check, office.clock, adopts=False)
    assert (await terminal.current()).mode is Mode.NOTIFY
    assert len(await office.records()) == 1


async def test_where_no_app_has_a_policy_a_terminal_reads_its_own_and_leaves_no_trace() -> None:
    office = Office(SECOND)
    terminal = PolicyKeeper(office.owner, office.store, load, office.check, office.clock, adopts=False)
    assert (await terminal.current()).mode is Mode.ENFORCE
    assert await office.records() == []
    office.owner.texts = BROKEN
    with pytest.raises(BadPolicy):
        await PolicyKeeper(office.owner, office.store, load, office.check, office.clock, adopts=False).current()
    assert await office.told() == []


async def test_files_that_are_gone_are_refused_like_a_broken_version_and_told_once() -> None:
    office = Office(FIRST)
    keeper = office.process()
    await keeper.current()
    office.owner.texts = {}
    for _ in range(2):
        office.later()
        assert (await keeper.current()).mode is Mode.NOTIFY
    assert await office.told() == [NoticeKind.POLICY_REFUSED]
