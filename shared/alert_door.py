"""The one way in for a security alert, whichever door it came through.

An alert is no authenticated claim: it names a server that is looked at, and that costs a read. What is done about it is
for the live state and the policy to say.
"""

from datetime import datetime
from enum import StrEnum

from shared.alert_telling import tell_of_homeless
from shared.alerts.address import Homeless, addressed
from shared.alerts.known import Heard, known_alert, note
from shared.alerts.reading import Ignored, read_alert
from shared.ports import Store
from shared.target import FLEET


class Fate(StrEnum):
    """What became of a record."""

    TAKEN = "taken in"
    KNOWN = "known already"
    TOLD = "told to people"
    IGNORED = "ignored"


async def take_in_alert(store: Store, record: object, door: str, at: datetime) -> tuple[Fate, str]:
    """Take one record in, and say in a few words what it was. Raises MalformedEvent and StoreUnavailable.

    Safe to do twice: what is known already makes nobody look again.
    """
    read = read_alert(record)
    if isinstance(read, Ignored):
        return Fate.IGNORED, read.reason
    found = addressed(read, at)
    if isinstance(found, Ignored):
        return Fate.IGNORED, f"alert {read.id}: {found.reason}"
    known = await known_alert(store, read.id)
    if known is not None and known.is_copy(read.status, at):
        return Fate.KNOWN, f"alert {read.id}, {read.status}"
    heard = Heard(read.status, at, door)
    if isinstance(found, Homeless):
        await tell_of_homeless(store, found, at)
        await note(store, read, FLEET.id, heard, found.reason)
        return Fate.TOLD, f"alert {read.id}: {found.reason}"
    await store.remember(found)
    await note(store, read, found.target, heard)
    return Fate.TAKEN, f"alert {read.id}, {read.status}, on {found.target}"
