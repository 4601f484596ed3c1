"""One small document for each server that a look has judged: what the overview is made of, without asking Azure.

`servers/<key>` is written when something in it has changed, and once an hour: a drift that is put right in the same
pass, and a look that finds nothing new, cost the store nothing. It is a copy of what the server's memory holds. So a
write that fails is told in the log and made good by a later look.
"""

import hashlib
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from shared.control import Control, Drift, is_response
from shared.decide import Circumstances, Decision, Verb, waiver_for
from shared.deliberate import Outcome
from shared.errors import Conflict, StoreUnavailable
from shared.journal import encode
from shared.orders import exemption_for
from shared.plan import Judge
from shared.ports import Document, Store, read_document
from shared.state import State
from shared.summary import Mark, Summary
from shared.target import Target

log = logging.getLogger("holdfast")
_COLLECTION = "servers"
# More servers than one deployment is made for (docs/load.md).
_MANY = 100_000
# The sweep comes by each hour; its turns spread.
_ANEW = timedelta(minutes=50)


@dataclass(frozen=True, slots=True)
class Shown:
    """A server as the store's document has it. `target` is its ARM id."""

    target: str
    summary: Summary


def key_of(target: Target) -> str:
    """What stands for the server in the name of its document and in the address of its page."""
    return hashlib.sha256(target.id.lower().encode()).hexdigest()[:24]


def marks_of(outcome: Outcome, known: Circumstances) -> dict[str, Mark]:
    """How each control stands that this look has judged; one that does not apply has no mark."""
    marks = _holding(outcome.state, outcome.judges)
    cards = {judge.id: judge.remediator.control for judge in outcome.judges}
    for drift, decision in outcome.decided:
        mark = _mark(cards[drift.control], drift, decision, known)
        if marks.get(drift.control, Mark.OK).rank > mark.rank:
            marks[drift.control] = mark
    return {control: mark for control, mark in marks.items() if not is_response(control)}


def marks_after(marks: Mapping[str, Mark], state: State, judges: Iterable[Judge]) -> dict[str, Mark]:
    """The same after a change, as the proof found it: what does not hold stands as it stood before, if it did not."""
    after = {judge.id: Mark.DRIFT for judge in judges if judge.drifts(state) and not is_response(judge.id)}
    kept = {control: marks[control] for control in after if marks.get(control, Mark.OK) is not Mark.OK}
    return {**marks, **_holding(state, judges), **after, **kept}


def summed_up(before: Summary | None, now: Summary) -> Summary:
    """What is to be remembered: the summary of before, where this one says nothing new and it is not old."""
    if before is None or now.at - before.at >= _ANEW:
        return now
    return before if replace(now, at=before.at, unknown=before.unknown) == before else now


async def show(store: Store, target: Target, summary: Summary | None, *, new: bool = False) -> None:
    """Write the server's document, or remove that of one that is gone; of a `new` server there is none yet. What the
    store does not take is only told."""
    name = f"{_COLLECTION}/{key_of(target)}"
    try:
        if summary is None:
            await store.remove_document(name)
            return
        found = None if new else await store.document(name)
        await store.write_document(name, encode(Shown(target.id, summary)), found.version if found else "")
    except (Conflict, StoreUnavailable) as error:
        log.warning("the overview does not show the newest of %s yet: %s", target, error)


async def summary_of(store: Store, key: str) -> Shown | None:
    """The server that the key stands for, or None."""
    document = await store.document(f"{_COLLECTION}/{key}")
    return _read(document) if document else None


async def summaries(store: Store) -> list[Shown]:
    """Every server that was looked at; one read of the store, page by page."""
    return [_read(document) for document in await store.documents(f"{_COLLECTION}/", _MANY)]


def _read(document: Document) -> Shown:
    return read_document(Shown, document)


def _holding(state: State, judges: Iterable[Judge]) -> dict[str, Mark]:
    return {judge.id: Mark.OK for judge in judges if judge.find(state) == ()}


def _mark(control: Control, drift: Drift, decision: Decision, known: Circumstances) -> Mark:
    if exemption_for(known.exemptions, known.place, drift.control, known.at) is not None:
        return Mark.EXEMPT
    if waiver_for(known.waivers, control, known.at) is not None:
        return Mark.EXEMPT
    if drift.setting in known.accepted and decision.verb is Verb.RECORD:
        return Mark.EXEMPT
    return Mark.DRIFT if known.orders.hold(known.place, drift.control) is None else Mark.HELD
