"""Events and alerts that somebody has at hand, or that records tell of, as reasons to look once more.

A reason that is read again says where to look and no more: its claims count for nothing, and it has an id of its own,
for the one that it came with is used up.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from shared.alert_door import weigh
from shared.alerts.known import Heard, note
from shared.alerts.unpack import records_of
from shared.envelopes import envelopes
from shared.errors import MalformedEvent, Refused
from shared.events import QUEUED, Abroad, Ignored, read_event
from shared.journal import Actor, Entry, Trigger
from shared.ports import Store
from shared.stewardship import log
from shared.target import parse_target

_EVERY = 5000


async def events_in(store: Store, body: bytes, at: datetime) -> list[Trigger]:
    """The reasons in one event or an array of them, in either schema. Raises MalformedEvent."""
    return [trigger for envelope in envelopes(body) for trigger in await _triggers(store, envelope, at)]


async def reasons_in(store: Store, body: bytes, at: datetime) -> list[Trigger]:
    """The reasons in events, or in security alerts. Raises MalformedEvent with what is wrong with it as either."""
    try:
        triggers = await events_in(store, body, at)
    except MalformedEvent as error:
        triggers, as_events = [], str(error)
    else:
        as_events = "there is none in it"
    if triggers:
        return triggers
    weighed = [await weigh(store, record, at) for record in records_of(body)]
    found = [one.found for one in weighed if isinstance(one.found, Trigger)]
    if not found:
        said = "; ".join(dict.fromkeys(one.said for one in weighed)) or "there is none in it"
        raise MalformedEvent(f"neither an event ({as_events}) nor an alert ({said})")
    return [_fresh(trigger, at) for trigger in found]


async def remembered(store: Store, name: str, at: datetime) -> Trigger:
    """What led to the record of that name, or came with that id, as far as the last 5,000 lines of the records tell.

    Raises Refused, also for what a person asked for: nobody wants that a second time without saying so.
    """
    lines = await store.record(name) or await store.history(limit=_EVERY)
    found = next((trigger for line in lines if (trigger := _named(line, name)) is not None), None)
    if found is None:
        raise Refused(f"{name!r} is no file, no dead letter, and no event or record that the last records tell of")
    if found.request is not None:
        raise Refused(f"{name!r} is what a person asked for ({found.request.wish}); ask for it again instead")
    return _fresh(found, at)


async def look_again(store: Store, triggers: Iterable[Trigger], by: Actor, at: datetime) -> list[str]:
    """Have every server looked at for these reasons; who wanted it is recorded. Names the servers."""
    names: dict[str, None] = {}
    for trigger in triggers:
        target = parse_target(trigger.target)
        if trigger.alert is not None:
            await note(store, trigger.alert, trigger.target, Heard(trigger.alert.status, at, "replay"))
        await store.remember(trigger)
        names[target.name] = None
    await log(store, by, at, f"{by.name} has {', '.join(names)} looked at once more", quiet=True)
    return list(names)


def _named(line: Entry, name: str) -> Trigger | None:
    """What led to this line, if it is called so: by its record, by its id, or by the id that its sender gave it."""
    trigger = line.report.trigger
    if trigger is None or name not in (line.report.record, trigger.id, trigger.id.removeprefix(QUEUED)):
        return None
    return trigger


async def _triggers(store: Store, envelope: object, at: datetime) -> list[Trigger]:
    found = read_event(envelope) if isinstance(envelope, Mapping) else Ignored("no event")
    if isinstance(found, Ignored):
        raise MalformedEvent(found.reason)
    triggers = await found.triggers(store) if isinstance(found, Abroad) else [found]
    if not triggers:
        raise MalformedEvent("no server is known to use what it is about")
    return [_fresh(trigger, at) for trigger in triggers]


def _fresh(trigger: Trigger, at: datetime) -> Trigger:
    id_ = f"replay:{at:%Y%m%dT%H%M%S}:{trigger.id}"
    return replace(trigger, id=id_, received_at=at, authentic=False)
