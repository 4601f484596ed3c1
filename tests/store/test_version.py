"""A store says which Holdfast may use it: an older one refuses what it would break, and keeps what it does not know."""

import secrets
from collections.abc import AsyncIterator
from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic_core import from_json, to_json

from shared import breaker, stewardship
from shared.alert import Alert
from shared.alerts.known import Known
from shared.errors import StoreUnavailable
from shared.failover.book import Failover
from shared.journal import Actor, Notice, Trigger, decode, encode
from shared.memory import Memory
from shared.orders import Exemption, Hold, Orders
from shared.policy import Policy
from shared.ports import Commit, Document, Store, read_document
from shared.standing import change_orders, orders_of
from shared.store.version import CURRENT, DOCUMENT, Version
from shared.sweeping import Sweep
from tests.azurite import Azurite
from tests.fakes.store import MemoryStore
from tests.store.kits import AzureKit, Kit, SqliteKit
from tests.store.things import NOON, a_memory, a_notice, a_target, a_trigger, an_entry

TARGET = a_target()
NEXT = CURRENT.version + 1
LATER: dict[str, Any] = {"invented_later": {"by": "a newer Holdfast", "since": [1, 2]}}


@pytest.fixture(params=["sqlite", pytest.param("azure", marks=pytest.mark.azurite)])
def kit(request: pytest.FixtureRequest, tmp_path: Path) -> Kit:
    if request.param == "sqlite":
        return SqliteKit(tmp_path / "holdfast.db")
    azurite: Azurite = request.getfixturevalue("azurite")
    return AzureKit(azurite.connection_string, prefix=f"t{secrets.token_hex(6)}")


@pytest.fixture
async def store(kit: Kit) -> AsyncIterator[Store]:
    opened = kit.open()
    yield opened
    await opened.close()


async def said(store: Store) -> Document:
    found = await store.document(DOCUMENT)
    assert found is not None
    return found


async def says(store: Store, version: Version) -> None:
    """A newer Holdfast has used the store."""
    found = await said(store)
    await store.write_document(DOCUMENT, encode(version), found.version)


async def test_a_new_store_says_its_version(store: Store) -> None:
    await store.ping()
    assert read_document(Version, await said(store)) == CURRENT


async def test_a_store_that_needs_a_newer_holdfast_is_refused_with_what_to_do(kit: Kit, store: Store) -> None:
    await says(store, Version(NEXT, NEXT))
    await store.close()
    late = kit.open()
    with pytest.raises(StoreUnavailable, match=f"from store version {NEXT} on; this Holdfast knows up to") as refused:
        await late.remember(a_trigger(TARGET))
    await late.close()
    assert "run the newer Holdfast" in str(refused.value)


async def test_a_running_holdfast_hears_of_it_at_the_next_health_check(store: Store, kit: Kit) -> None:
    await store.ping()
    await says(store, Version(NEXT, NEXT))
    with pytest.raises(StoreUnavailable, match="run the newer Holdfast"):
        await store.ping()


async def test_a_newer_store_that_allows_this_holdfast_is_used_and_stays_newer(kit: Kit, store: Store) -> None:
    newer = Version(NEXT, CURRENT.version)
    await says(store, newer)
    other = kit.open()
    await other.remember(a_trigger(TARGET))
    assert [one.id for one in (await store.load(TARGET)).triggers] == ["event-1"]
    assert read_document(Version, await said(other)) == newer
    await other.close()


async def test_what_a_newer_holdfast_remembers_survives_the_work_of_this_one(store: Store) -> None:
    await store.commit(TARGET, "", Commit(replace(a_memory(), unknown=LATER), notices=(a_notice(TARGET),)))
    dossier = await store.load(TARGET)
    await store.commit(TARGET, dossier.version, Commit(replace(dossier.memory, values={"a": "b"})))
    memory = (await store.load(TARGET)).memory
    assert (memory.values, memory.unknown) == ({"a": "b"}, LATER)


async def test_what_a_newer_holdfast_wrote_into_a_message_survives_a_failed_delivery(store: Store) -> None:
    await store.commit(TARGET, "", Commit(Memory(), notices=(a_notice(TARGET, unknown=LATER),)))
    (notice,) = (await store.load(TARGET)).outbox
    await store.update_notice(TARGET, replace(notice, attempts=1))
    (kept,) = (await store.load(TARGET)).outbox
    assert (kept.attempts, kept.unknown) == (1, LATER)


async def test_what_only_comes_and_goes_may_carry_more_than_this_one_knows(store: Store) -> None:
    """A trigger, an entry or a letter is written once: what this Holdfast does not know of it, it leaves out."""
    body = from_json(encode(a_trigger(TARGET))) | LATER
    assert decode(Trigger, to_json(body)) == a_trigger(TARGET)
    await store.commit(TARGET, "", Commit(Memory(), (an_entry(TARGET, "record"),)))
    assert len(await store.record("record")) == 1


WRITTEN_AGAIN: list[object] = [
    a_memory(),
    a_notice(TARGET),
    Orders(),
    Sweep(NOON, NOON),
    Known(Alert("alert-1", "SQL.PG_BruteForce", "Brute force", "high", TARGET.id), TARGET.id),
]


@pytest.mark.parametrize("thing", WRITTEN_AGAIN, ids=lambda thing: type(thing).__name__)
def test_whatever_is_written_again_keeps_what_is_unknown(thing: Any) -> None:
    body = from_json(encode(thing))
    found = decode(type(thing), to_json(body | LATER))
    assert from_json(encode(found)) == body | LATER
    assert replace(found, unknown={}) == thing


@pytest.mark.parametrize("kind", [Memory, Notice, Orders, Sweep, Known, Failover])
def test_everything_that_grows_has_room_for_what_is_unknown(kind: Any) -> None:
    assert "unknown" in {one.name for one in fields(kind)}


def test_what_is_known_wins_over_what_is_unknown() -> None:
    assert decode(Memory, encode(replace(a_memory(), unknown={"values": "stale"}))) == a_memory()


async def test_whoever_changes_orders_keeps_what_is_unknown() -> None:
    store, by = MemoryStore(lambda: NOON), Actor("alice@contoso.example", "a" * 8)
    await change_orders(store, lambda _: Orders(unknown=LATER))
    order = Hold("hold-1", TARGET.id.lower(), "an investigation", by.name, NOON)
    ends = NOON + timedelta(days=2)
    exemption = Exemption("exemption-1", TARGET.id.lower(), (), "a move", by.name, ends, by=by.name)
    await stewardship.hold(store, order, by)
    await stewardship.exempt(store, Policy(), exemption, by, NOON)
    await stewardship.tend(store, Policy(), ends + timedelta(days=31))
    await stewardship.release(store, ["hold-1"], by, "it is over", NOON)
    assert await orders_of(store) == Orders(unknown=LATER, warned=(await orders_of(store)).warned)


async def test_the_brakes_keep_what_is_unknown_too() -> None:
    braked = breaker._with(Orders(unknown=LATER), Hold("hold-1", "", "too many", "the blast radius", NOON))
    assert (len(braked.holds), braked.unknown) == (1, LATER)
