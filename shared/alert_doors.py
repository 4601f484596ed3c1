"""The doors of security alerts: what is done with each batch, event, request and poll.

One bad record costs no other: it is kept as a dead letter, and only a store that does not answer fails the whole.
"""

import json
import logging
from collections import Counter
from collections.abc import Awaitable, Iterable, Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Protocol

from shared.alert_door import Fate, Weighed, pull, take_in_alert
from shared.alerts.unpack import records, records_of
from shared.errors import MalformedEvent
from shared.events import dead_letter_body, envelope_of
from shared.identity import is_among, signed_in
from shared.journal import now
from shared.parts import Parts
from shared.telemetry import names, record

log = logging.getLogger("holdfast")
_LONGEST_POST = 4 * 1024 * 1024
_POLLED = timedelta(days=3)


class Bury(Protocol):
    """Keeps a dead letter."""

    def __call__(self, source: str, reason: str, body: str, id_: str = "") -> Awaitable[None]:
        """Keep it; the same id replaces itself."""


class AlertDoors:
    """What each door does."""

    def __init__(self, parts: Parts, bury: Bury) -> None:
        self._parts, self._bury = parts, bury

    async def receive(self, bodies: Iterable[bytes], door: str) -> dict[str, int]:
        """Take in the alerts of these bodies, and count what became of them."""
        fates: Counter[str] = Counter()
        for body in bodies:
            fates.update(await self._inside(body, door))
        log.info("alerts from %s: %s", door, ", ".join(f"{count} {fate}" for fate, count in fates.items()) or "none")
        return dict(fates)

    async def receive_event(self, event: object) -> None:
        """Take in the alerts that an event of a custom topic carries."""
        for one in records(envelope_of(event)):
            await self._take_in(one, "event grid")

    async def posted(self, body: bytes) -> tuple[int, str]:
        """Take in a web request: HTTP status and JSON. 400 where nothing in it could be read; it is kept, too."""
        if len(body) > _LONGEST_POST:
            return 413, json.dumps({"error": f"{len(body)} bytes, at most {_LONGEST_POST} are taken"})
        fates = await self.receive([body], "http")
        return (400 if fates.keys() == {Fate.UNREADABLE} else 202), json.dumps(fates)

    async def posted_signed(self, headers: Mapping[str, str], body: bytes) -> tuple[int, str]:
        """The same for a sender without a key, who is signed in and whom a setting names. `headers` are in lower
        case."""
        settings = self._parts.settings
        sender = signed_in(headers, settings.signs_people_in)
        if sender is None:
            return 401, json.dumps({"error": "nobody is signed in"})
        if not is_among(sender, settings.alert_senders):
            return 403, json.dumps({"error": f"HOLDFAST_ALERT_SENDERS does not name {sender.object_id}"})
        return await self.posted(body)

    async def poll(self) -> None:
        """Take in what Defender lists for the fleet's subscriptions."""
        at, parts = now(), self._parts
        for subscription in await parts.subscriptions():
            pulled = pull(parts.store, parts.alerts.listed(subscription), at - _POLLED, at, "poll")
            fates = Counter([await self._kept(one, "poll") async for one in pulled])
            log.info("poll of %s: %s", subscription, dict(fates))

    async def _inside(self, body: bytes, door: str) -> Counter[str]:
        try:
            found = records_of(body)
        except MalformedEvent as error:
            await self._bury("alert", str(error), body.decode("utf-8", "replace"))
            record.tell(names.ALERTS, door=door, outcome=str(Fate.UNREADABLE))
            return Counter({str(Fate.UNREADABLE): 1})
        return Counter([await self._take_in(record, door) for record in found])

    async def _take_in(self, record: object, door: str) -> str:
        return await self._kept(await take_in_alert(self._parts.store, record, door, now()), door)

    async def _kept(self, weighed: Weighed, door: str) -> str:
        """Keep what cannot be read where an operator sees it; what became of the record."""
        record.tell(names.ALERTS, door=door, outcome=str(weighed.fate))
        if weighed.fate is Fate.UNREADABLE:
            # The same id replaces itself: what is polled comes again and again.
            body = dead_letter_body(weighed.record)
            await self._bury("alert", weighed.said, body, f"alert:{sha256(body.encode()).hexdigest()[:32]}")
        else:
            log.info("alert by %s %s: %s", door, weighed.fate, weighed.said)
        return str(weighed.fate)
