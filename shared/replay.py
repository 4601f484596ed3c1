"""Dead letters taken up again, or thrown away, by a person. Who did it is recorded.

A replayed event is an event like any other: it says where to look, and its claims count for nothing.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from pydantic import ValidationError

from shared.alert_door import Fate, take_in_alert
from shared.alerts.unpack import records_of
from shared.errors import LeaseLost, MalformedEvent, Refused
from shared.journal import Actor, DeadLetter, Notice, decode
from shared.ports import Commit, Store
from shared.reread import events_in
from shared.stewardship import log
from shared.target import Target, parse_subject, parse_target

_ATTEMPTS = 20


def name_of(letter: DeadLetter) -> str:
    """What people call a letter: its id may be any text, and as long as somebody liked."""
    return sha256(letter.id.encode("utf-8", "backslashreplace")).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class Replay:
    """One letter that somebody wants taken up again, at this moment."""

    store: Store
    letter: DeadLetter
    at: datetime


async def replay(store: Store, letter: DeadLetter, by: Actor, at: datetime) -> str:
    """Take the letter up again, and say what comes of it; then it is no dead letter any more.

    Raises Refused, with the reason, for one that is as bad as it was: it stays.
    """
    taken = _BY_SOURCE.get(letter.source)
    if taken is None:
        raise Refused(f"a letter from {letter.source} cannot be taken up again: what it was about comes by itself")
    try:
        outcome = await taken(Replay(store, letter, at))
    except (MalformedEvent, ValidationError, ValueError, KeyError, TypeError) as error:
        raise Refused(f"it is as bad as it was: {error}") from error
    await store.unbury(letter.id)
    await log(store, by, at, f"{by.name} takes up the dead letter {name_of(letter)} again: {outcome}", quiet=True)
    return outcome


async def discard(store: Store, letter: DeadLetter, by: Actor, reason: str, at: datetime) -> None:
    """Throw the letter away. Raises Refused without a reason."""
    if not reason.strip():
        raise Refused("throwing away a dead letter needs a reason: somebody may look for it")
    text = f"{by.name} throws away the dead letter {name_of(letter)} from {letter.source} ({letter.reason}): {reason}"
    await log(store, by, at, text, quiet=True)
    await store.unbury(letter.id)


async def _event(one: Replay) -> str:
    triggers = await events_in(one.store, _bytes(one.letter), one.at)
    for trigger in triggers:
        await one.store.remember(trigger)
    named = dict.fromkeys(parse_target(trigger.target).name for trigger in triggers)
    return f"{', '.join(named)} is looked at" if len(named) == 1 else f"{', '.join(named)} are looked at"


async def _look(one: Replay) -> str:
    target = parse_target(str(json.loads(one.letter.body)["target"]))
    await one.store.wake(target)
    return f"{target.name} is looked at"


async def _sweep(one: Replay) -> str:
    subject = parse_subject(str(json.loads(one.letter.body)["target"]))
    await one.store.wake_sweep(subject)
    return f"{subject.name} gets its turn in the sweep" if isinstance(subject, Target) else "the sweep goes on"


async def _delivery(one: Replay) -> str:
    subject = parse_subject(str(json.loads(one.letter.body)["target"]))
    await one.store.wake_delivery(subject)
    return f"what waits for {subject.name} is sent"


async def _notification(one: Replay) -> str:
    notice = decode(Notice, one.letter.body.encode())
    subject = parse_subject(notice.report.target)
    fresh = replace(notice, attempts=0, created_at=one.at, next_at=None, last_error="")
    for _ in range(_ATTEMPTS):
        dossier = await one.store.load(subject)
        try:
            if all(waiting.id != notice.id for waiting in dossier.outbox):
                await one.store.commit(subject, dossier.version, Commit(dossier.memory, notices=(fresh,)))
        except LeaseLost:
            # Somebody else has written about it in the same moment.
            continue
        await one.store.wake_delivery(subject)
        already = f"; {', '.join(sorted(notice.delivered))} had it" if notice.delivered else ""
        return f"the message about {subject.name} is sent again{already}"
    raise LeaseLost(f"the records of {subject.name} are being written by too many at once; try again")


async def _alert(one: Replay) -> str:
    weighed = [await take_in_alert(one.store, record, "replay", one.at) for record in records_of(_bytes(one.letter))]
    bad = [each.said for each in weighed if each.fate in (Fate.UNREADABLE, Fate.IGNORED)]
    if bad or not weighed:
        raise MalformedEvent("; ".join(bad) or "there is no alert in it")
    return "; ".join(f"{each.said}: {each.fate}" for each in weighed)


def _bytes(letter: DeadLetter) -> bytes:
    return letter.body.encode("utf-8", "replace")


_BY_SOURCE: Mapping[str, Callable[[Replay], Awaitable[str]]] = {
    "event": _event,
    "alert": _alert,
    "reconcile": _look,
    "sweep": _sweep,
    "deliver": _delivery,
    "notification": _notification,
}
