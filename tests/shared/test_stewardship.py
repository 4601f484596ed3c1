"""Standing orders as people give them: checked, recorded, told, in force; and owners who hear in time of what ends."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.errors import Refused
from shared.journal import Actor, Notice, NoticeKind, Stage
from shared.orders import Exemption, Hold
from shared.policy import Exempting, Policy
from shared.radius import mark, others_changing
from shared.standing import orders_of
from shared.stewardship import end_exemption, exempt, hold, release, tend
from shared.target import FLEET
from tests.builders import a_target
from tests.fakes.clock import FakeClock
from tests.fakes.store import MemoryStore

ALICE = Actor("alice@contoso.example", "a" * 8, kind="user")
SCOPE = a_target().id.lower()


class Office:
    """One store, one clock, one policy."""

    def __init__(self, policy: Policy | None = None) -> None:
        self.clock = FakeClock()
        self.store = MemoryStore(self.clock)
        self.policy = policy or Policy(exempting=Exempting(longest_days=90, warn_days=14))

    def an_exemption(self, days: float, **changes: Any) -> Exemption:
        given: dict[str, Any] = {
            "id": f"for-{days:g}-days",
            "scope": SCOPE,
            "controls": ("tls-required",),
            "reason": "an old client",
            "owner": "dba@contoso.example",
            "expires_at": self.clock() + timedelta(days=days),
        }
        return Exemption(**(given | changes))

    async def exempt(self, days: float, **changes: Any) -> Exemption:
        exemption = self.an_exemption(days, **changes)
        await exempt(self.store, self.policy, exemption, ALICE, self.clock())
        return exemption

    async def hold(self, scope: str = SCOPE, **changes: Any) -> Hold:
        order = Hold("h-1", scope, "an incident", ALICE.name, self.clock(), **changes)
        await hold(self.store, order, ALICE)
        return order

    async def tend(self, days: float = 0) -> None:
        """Days pass, and a sweep comes by."""
        self.clock.advance(days * 86400)
        await tend(self.store, self.policy, self.clock())

    async def told(self, kind: NoticeKind) -> list[Notice]:
        return [notice for notice in (await self.store.load(FLEET)).outbox if notice.kind is kind]


async def test_every_order_is_recorded_with_who_gave_it_and_why_and_told() -> None:
    office = Office()
    await office.hold()
    await office.exempt(5)
    await end_exemption(office.store, "for-5-days", ALICE, "mended", office.clock())
    await release(office.store, ["h-1"], ALICE, "over", office.clock())
    entries = await office.store.history(FLEET)
    assert {entry.stage for entry in entries} == {Stage.ORDERED}
    texts = [entry.report.outcome for entry in reversed(entries)]
    assert [text.split()[1] for text in texts] == ["holds", "exempts", "ends", "releases"]
    assert all(text.startswith("alice@contoso.example") for text in texts)
    for word, text in zip(("incident", "old client", "mended", "over"), texts, strict=True):
        assert word in text
    assert len(await office.told(NoticeKind.ORDERS_CHANGED)) == 4


async def test_nothing_is_in_force_any_more_after_it_was_ended() -> None:
    office = Office()
    await office.hold()
    await office.exempt(5)
    await release(office.store, ["h-1"], ALICE, "", office.clock())
    await end_exemption(office.store, "for-5-days", ALICE, "", office.clock())
    orders = await orders_of(office.store)
    assert (orders.holds, orders.exemptions) == ((), ())


@pytest.mark.parametrize("days", [-1, 0, 90.1, 5000])
async def test_an_exemption_ends_in_the_future_and_within_what_the_policy_allows(days: float) -> None:
    office = Office()
    with pytest.raises(Refused):
        await office.exempt(days)
    assert (await orders_of(office.store)).exemptions == ()
    assert await office.store.history(FLEET) == []


@pytest.mark.parametrize("missing", ["reason", "owner"])
async def test_an_exemption_needs_a_reason_and_somebody_who_answers_for_it(missing: str) -> None:
    office = Office()
    with pytest.raises(Refused):
        await office.exempt(5, **{missing: "  "})
    assert (await orders_of(office.store)).exemptions == ()


async def test_a_hold_needs_a_reason() -> None:
    office = Office()
    with pytest.raises(Refused, match="needs a reason"):
        await hold(office.store, Hold("h", "", " ", ALICE.name, office.clock()), ALICE)
    assert (await orders_of(office.store)).holds == ()


async def test_what_is_not_in_force_cannot_be_lifted() -> None:
    office = Office()
    with pytest.raises(Refused, match="no such hold"):
        await release(office.store, ["h-1"], ALICE, "", office.clock())
    with pytest.raises(Refused, match="no exemption 'e'"):
        await end_exemption(office.store, "e", ALICE, "", office.clock())


async def test_an_owner_hears_once_that_an_exemption_expires_soon() -> None:
    office = Office()
    await office.exempt(30)
    await office.tend()
    assert await office.told(NoticeKind.EXEMPTION_EXPIRING) == []
    for _ in range(3):
        await office.tend(days=6)
    (warning,) = await office.told(NoticeKind.EXEMPTION_EXPIRING)
    assert warning.report.owner == "dba@contoso.example"
    assert "an old client" in warning.report.outcome


async def test_the_owner_of_an_exemption_in_the_policy_hears_of_its_end_too() -> None:
    office = Office()
    office.policy = replace(office.policy, exemptions=(office.an_exemption(10),))
    await office.tend()
    await office.tend()
    assert len(await office.told(NoticeKind.EXEMPTION_EXPIRING)) == 1


async def test_an_exemption_that_was_prolonged_is_warned_of_again() -> None:
    office = Office()
    await office.exempt(10, id="e")
    await office.tend()
    await office.exempt(60, id="e")
    await office.tend(days=50)
    assert len(await office.told(NoticeKind.EXEMPTION_EXPIRING)) == 2


async def test_of_a_short_exemption_only_the_last_quarter_is_soon() -> None:
    office = Office()
    await office.exempt(2, created_at=office.clock())
    await office.tend(days=1)
    assert await office.told(NoticeKind.EXEMPTION_EXPIRING) == []
    await office.tend(days=0.6)
    assert len(await office.told(NoticeKind.EXEMPTION_EXPIRING)) == 1


async def test_nobody_is_warned_of_what_has_expired_already() -> None:
    office = Office()
    await office.exempt(5)
    await office.tend(days=6)
    assert await office.told(NoticeKind.EXEMPTION_EXPIRING) == []


async def test_an_expired_exemption_is_listed_for_a_month_and_then_forgotten() -> None:
    office = Office()
    await office.exempt(5)
    await office.tend(days=6)
    assert [one.id for one in (await orders_of(office.store)).exemptions] == ["for-5-days"]
    await office.tend(days=30)
    assert (await orders_of(office.store)).exemptions == ()


async def test_marks_of_servers_that_were_changed_long_ago_are_forgotten() -> None:
    office = Office()
    rule = office.policy.blast_radius
    await mark(office.store, a_target("pg-other"), rule, office.clock())
    assert await others_changing(office.store, a_target(), rule, office.clock()) == 1
    await office.tend(days=1)
    assert await office.store.documents("changing/") == []
