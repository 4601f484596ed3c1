"""Waiting for what becomes of a person's request: the app does the work, and the record tells."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from cli.desk import Desk
from cli.errors import COULD_NOT, REFUSED
from cli.view.answer import progress, verdict
from shared.journal import Entry, Stage
from shared.target import Target

_QUICKLY, _SLOWLY = 0.05, 1.0
_SILENCE = timedelta(seconds=30)
_READ_BACK = 200


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked: a trigger of the server, or an approval, by its id. `look` does the work itself, if it should."""

    id: str
    target: Target
    look: Callable[[], Awaitable[None]] | None = None


async def wait_for(desk: Desk, question: Question, seconds: float) -> int:
    """Wait, say what came of it, and give the exit code: 0 done, 1 not done (yet), 2 refused."""
    try:
        with desk.err.status("waiting for Holdfast …"):
            ending = await _ending(desk, question, seconds)
    except asyncio.CancelledError:
        desk.err.print("Not waited for any longer; what was asked for still stands.")
        raise
    if ending is None:
        desk.out.print(progress(await _about(desk, question), seconds))
        return COULD_NOT
    desk.out.print(verdict(ending))
    return _code(ending)


async def _ending(desk: Desk, question: Question, seconds: float) -> Entry | None:
    began, pause, warned = desk.clock(), _QUICKLY, False
    while True:
        if question.look is not None:
            await question.look()
        # What waits comes before what happened: what is in neither was done together with something else.
        waits = await _waits(desk, question)
        entries = await _about(desk, question)
        ending = _last(entries, question.id)
        if ending is not None:
            return ending
        if not waits and not entries:
            return await _latest(desk, question.target)
        passed = desk.clock() - began
        if passed >= timedelta(seconds=seconds):
            return None
        if passed >= _SILENCE and not entries and not warned:
            desk.err.print("No answer for 30 s: does the app run? What was asked for waits until it does.")
            warned = True
        await desk.sleep(pause)
        pause = min(_SLOWLY, pause * 1.5)


async def _waits(desk: Desk, question: Question) -> bool:
    dossier = await desk.parts.store.load(question.target)
    ids = {trigger.id for trigger in dossier.triggers}
    return dossier.memory.open is not None or bool(ids & {question.id, f"decisions/{question.id}"})


async def _about(desk: Desk, question: Question) -> list[Entry]:
    """The entries that answer, in the order of their records."""
    entries = await desk.parts.store.history(question.target, _READ_BACK)
    found = [entry for entry in entries if _answers(entry, question.id)]
    return sorted(found, key=lambda entry: (entry.record, entry.number))


async def _latest(desk: Desk, target: Target) -> Entry | None:
    entries = await desk.parts.store.history(target, 20)
    return next((entry for entry in reversed(entries) if entry.stage in (Stage.PROVEN, Stage.FAILED)), None)


def _answers(entry: Entry, identity: str) -> bool:
    trigger = entry.report.trigger
    asked = entry.record == identity and entry.stage is not Stage.DECIDED
    return not asked and (entry.report.approval == identity or (trigger is not None and trigger.id == identity))


def _last(entries: Sequence[Entry], identity: str) -> Entry | None:
    """The entry with which it ends: proven, failed, or decided without any writing."""
    ended = [entry for entry in entries if entry.stage in (Stage.PROVEN, Stage.FAILED)]
    if ended:
        return ended[-1]
    begun = any(entry.stage is Stage.INTENDED for entry in entries)
    decided = [entry for entry in entries if entry.stage is Stage.DECIDED and entry.record == identity]
    return decided[-1] if decided and not begun else None


def _code(ending: Entry) -> int:
    if ending.stage is Stage.PROVEN:
        return 0
    if ending.stage is Stage.DECIDED:
        return 0 if ending.detail.startswith("denied") else COULD_NOT
    return REFUSED if ending.report.outcome == "not done" else COULD_NOT
