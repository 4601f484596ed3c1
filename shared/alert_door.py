"""The one way in for a security alert, whichever door it came through.

An alert is no authenticated claim: it names a server that is looked at, and that costs a read. What is done about it is
for the live state and the policy to say.
"""

from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.alert import Alert
from shared.alert_telling import tell_of_homeless
from shared.alerts.address import Homeless, addressed
from shared.alerts.known import Heard, known_alert, note
from shared.alerts.reading import Ignored, read_alert
from shared.errors import MalformedEvent
from shared.journal import Trigger
from shared.ports import Store
from shared.target import FLEET


class Fate(StrEnum):
    """What becomes of a record."""

    TAKEN = "taken in"
    KNOWN = "known already"
    TOLD = "told to people"
    IGNORED = "ignored"
    UNREADABLE = "could not be read"


@dataclass(frozen=True, slots=True)
class Weighed:
    """One record, and what becomes of it: `said` in a few words. `record` is what came."""

    fate: Fate
    said: str
    record: object
    alert: Alert | None = None
    found: Trigger | Homeless | None = None


async def weigh(store: Store, record: object, at: datetime) -> Weighed:
    """What becomes of the record; nothing is done about it yet. Raises StoreUnavailable."""
    try:
        read = read_alert(record)
    except MalformedEvent as error:
        return Weighed(Fate.UNREADABLE, str(error), record)
    if isinstance(read, Ignored):
        return Weighed(Fate.IGNORED, read.reason, record)
    found = addressed(read, at)
    if isinstance(found, Ignored):
        return Weighed(Fate.IGNORED, f"alert {read.id}: {found.reason}", record, read)
    known = await known_alert(store, read.id)
    if known is not None and known.is_copy(read.status, at):
        return Weighed(Fate.KNOWN, f"alert {read.id}, {read.status}", record, read, found)
    if isinstance(found, Homeless):
        return Weighed(Fate.TOLD, f"alert {read.id}: {found.reason}", record, read, found)
    return Weighed(Fate.TAKEN, f"alert {read.id}, {read.status}, on {found.target}", record, read, found)


async def take_in_alert(store: Store, record: object, door: str, at: datetime) -> Weighed:
    """Take one record in. Raises StoreUnavailable.

    Safe to do twice: what is known already makes nobody look again. What cannot be read is for the caller to keep.
    """
    weighed = await weigh(store, record, at)
    alert, found = weighed.alert, weighed.found
    if alert is None or found is None or weighed.fate is Fate.KNOWN:
        return weighed
    heard = Heard(alert.status, at, door)
    if isinstance(found, Homeless):
        await tell_of_homeless(store, found, at)
        await note(store, alert, FLEET.id, heard, found.reason)
    else:
        await store.remember(found)
        await note(store, alert, found.target, heard)
    return weighed


async def pull(
    store: Store, listed: AsyncIterable[object], since: datetime, at: datetime, door: str = "pull", *, dry: bool = False
) -> AsyncIterator[Weighed]:
    """Take in what Defender lists and has raised since then; a dry pull only says what would become of it."""
    async for record in listed:
        weighed = await weigh(store, record, at)
        raised_at = weighed.alert.raised_at if weighed.alert else None
        if raised_at is not None and raised_at < since:
            continue
        yield weighed if dry else await take_in_alert(store, record, door, at)
