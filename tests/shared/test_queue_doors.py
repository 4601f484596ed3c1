"""What the doors of the work queues take: servers to look at, and servers or the fleet to tell about."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from remediators import load_all
from shared.journal import Stage
from shared.memory import Memory
from shared.ports import DELIVER_QUEUE, RECONCILE_QUEUE, SWEEP_QUEUE, Commit
from shared.runtime import Holdfast
from shared.settings import read_settings
from shared.target import FLEET, Subject
from tests.store.kits import SqliteKit
from tests.store.things import a_notice, a_target

TARGET = a_target()


@pytest.fixture
def kit(tmp_path: Path) -> SqliteKit:
    return SqliteKit(tmp_path / "holdfast.db")


@pytest.fixture
async def holdfast(kit: SqliteKit) -> AsyncIterator[Holdfast]:
    opened = Holdfast(read_settings({"HOLDFAST_STORE": f"sqlite:{kit.path}"}), load_all)
    yield opened
    await opened.close()


def a_message(target: str) -> bytes:
    return json.dumps({"target": target}).encode()


@pytest.mark.parametrize("subject", [FLEET, TARGET], ids=["fleet", "server"])
async def test_what_waits_in_an_outbox_is_told(holdfast: Holdfast, subject: Subject) -> None:
    store, notice = holdfast.parts.store, a_notice(subject)
    await store.commit(subject, "", Commit(Memory(), notices=(notice,)))
    await holdfast.deliver(a_message(subject.id))
    assert (await store.load(subject)).outbox == ()
    assert [entry.stage for entry in await store.record(notice.report.record)] == [Stage.NOTIFIED]
    assert await holdfast.parts.store.dead_letters() == []


@pytest.mark.parametrize("text", [FLEET.id, "/fleets", "", "{}"])
async def test_only_servers_are_looked_at(holdfast: Holdfast, text: str) -> None:
    await holdfast.reconcile(a_message(text))
    (letter,) = await holdfast.parts.store.dead_letters()
    assert letter.reason.startswith("not a work message: not a PostgreSQL server")


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'"/fleet"', b'{"target": "/fleets"}', b"\xff", b"[" * 100_000])
async def test_a_message_that_names_nothing_is_a_dead_letter(holdfast: Holdfast, body: bytes) -> None:
    await holdfast.deliver(body)
    await holdfast.reconcile(body)
    await holdfast.sweep_turn(body)
    letters = await holdfast.parts.store.dead_letters()
    assert sorted(letter.source for letter in letters) == ["deliver", "reconcile", "sweep"]


@pytest.mark.parametrize(
    ("queue", "target", "woken"),
    [("deliver", FLEET.id, (0, 1)), ("deliver", TARGET.id, (0, 1)), ("reconcile", TARGET.id, (1, 0)),
     ("reconcile", FLEET.id, (0, 0)), ("deliver", "nothing", (0, 0))],
)  # fmt: skip
async def test_poison_is_kept_and_tried_again_later(
    holdfast: Holdfast, kit: SqliteKit, queue: str, target: str, woken: tuple[int, int]
) -> None:
    await holdfast.bury(queue, a_message(target))
    assert [letter.source for letter in await holdfast.parts.store.dead_letters()] == [queue]
    assert (await kit.woken(RECONCILE_QUEUE), await kit.woken(DELIVER_QUEUE)) == ([], [])
    await kit.let_pass(601)
    assert (len(await kit.woken(RECONCILE_QUEUE)), len(await kit.woken(DELIVER_QUEUE))) == woken


@pytest.mark.parametrize("target", [FLEET.id, TARGET.id])
async def test_a_poisoned_turn_of_a_sweep_comes_again_among_the_turns(
    holdfast: Holdfast, kit: SqliteKit, target: str
) -> None:
    await holdfast.bury("sweep", a_message(target))
    await kit.let_pass(601)
    assert (await kit.woken(SWEEP_QUEUE), await kit.woken(RECONCILE_QUEUE)) == ([target], [])


async def test_the_fleet_s_turn_without_a_sweep_is_nothing(holdfast: Holdfast, kit: SqliteKit) -> None:
    await holdfast.sweep_turn(a_message(FLEET.id))
    assert (await kit.depth(SWEEP_QUEUE), await holdfast.parts.store.dead_letters()) == (0, [])
