"""The doors: what is done with each message, request and tick of the clock. `shared.parts` has what they work with.

This is the one place that turns a failure into a record: whatever goes wrong while a message is handled is kept as a
dead letter that an operator can see, and the message goes back to its queue.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from functools import cache, cached_property
from itertools import batched
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from shared.envelopes import envelopes
from shared.errors import HoldfastError, LeaseLost, MalformedEvent, StoreUnavailable
from shared.events import Abroad, Ignored, dead_letter_body, envelope_of, read_event
from shared.journal import DeadLetter, Origin, Trigger, now
from shared.log_lines import keep_lines_whole, one_line, storable
from shared.parts import Parts
from shared.settings import Settings, read_settings
from shared.target import FLEET, Subject, Target, parse_subject, parse_target
from shared.telemetry import names, record

if TYPE_CHECKING:
    from shared.alert_doors import AlertDoors
    from shared.control import Catalogue
    from shared.health import HealthChecks
    from shared.web.http import Request, Response

log = logging.getLogger("holdfast")
_AT_ONCE = 32
# A whole look asks up to thirty questions at once; the rest of our connections is for what people have just done.
_SWEPT_AT_ONCE = 4
_AFTER_POISON_SECONDS = 600
_NOT_A_MESSAGE = (ValueError, TypeError, KeyError, RecursionError, MalformedEvent)


@cache
def instance(controls: Callable[[], "Catalogue"]) -> "Holdfast":
    """The process's one instance, from the environment."""
    holdfast = Holdfast(read_settings(), controls)
    holdfast.parts.listen()
    return holdfast


class Holdfast:
    """The application: what each door does. `controls` loads the catalogue when it is first needed."""

    def __init__(self, settings: Settings, controls: Callable[[], "Catalogue"]) -> None:
        self.parts = Parts(settings, controls)
        self._sweeping = asyncio.Semaphore(_SWEPT_AT_ONCE)
        keep_lines_whole()

    @cached_property
    def alerts(self) -> "AlertDoors":
        """The doors of security alerts: only those pay for them."""
        from shared.alert_doors import AlertDoors

        return AlertDoors(self.parts, self._bury)

    @cached_property
    def health_checks(self) -> "HealthChecks":
        """Whether the app can work."""
        from shared.health import HealthChecks

        return HealthChecks(self.parts)

    # -- doors ----------------------------------------------------------------------------------------------------

    async def receive(self, event: object) -> None:
        """Take one event in. What is not ours is ignored; what is malformed is kept as a dead letter."""
        await self._take_in(envelope_of(event), authentic=False)

    async def receive_queued(self, body: bytes) -> None:
        """Take in what Event Grid wrote into our own queue, where its identity alone may write: the claims are true."""
        try:
            found = envelopes(body)
        except MalformedEvent as error:
            await self._bury("event", str(error), body.decode("utf-8", "replace"))
            return
        for envelope in found:
            await self._take_in(envelope, authentic=True)

    async def poll_alerts(self) -> None:
        """Ask Defender for its alerts, where a setting says so: a door that needs nothing to be set up in Azure."""
        if self.parts.settings.polls_alerts:
            await self._recorded("poll", FLEET, self.alerts.poll)

    async def reconcile(self, body: bytes) -> None:
        """Look at the server that a queue message names."""
        target = await self._subject("reconcile", body, parse_target)
        if target is not None:
            await self._recorded("reconcile", target, lambda: self.parts.engine.reconcile(target))

    async def deliver(self, body: bytes) -> None:
        """Empty the outbox of the server, or of the fleet, that a queue message names."""
        target = await self._subject("deliver", body, parse_subject)
        if target is not None:
            await self._recorded("deliver", target, lambda: self._deliver(target))

    async def sweep(self) -> None:
        """Give every server of the fleet its turn to be looked at, and see to what expires soon."""
        with record.span(names.SWEEP, trace=f"sweep of {now()}"):
            await self._counted_sweep()
            await self._recorded("sweep", FLEET, self._prune)

    async def sweep_turn(self, body: bytes) -> None:
        """Look at the server whose turn has come in a sweep, or go on with the sweep itself."""
        subject = await self._subject("sweep", body, parse_subject)
        if isinstance(subject, Target):
            async with self._sweeping:
                await self._recorded("sweep", subject, lambda: self._look_at_all_of(subject))
        elif subject is not None:
            await self._recorded("sweep", subject, self._go_on_sweeping)

    async def bury(self, queue: str, body: bytes) -> None:
        """Keep a poison message as a dead letter, and have its server looked at again in a while: what killed five
        workers in a row may be over by then."""
        text = body.decode("utf-8", "replace")
        await self._bury(queue, "failed again and again; the letter before this one says why", text)
        try:
            waking = self._waking(queue, text)
        except _NOT_A_MESSAGE:
            return
        await waking

    async def health(self) -> tuple[int, str]:
        """HTTP status and JSON: whether settings, policy, store and the owner's own controls are usable."""
        checks = await self.health_checks.run()
        return (200 if checks.healthy else 503), json.dumps({"healthy": checks.healthy, **checks.said})

    async def ready(self) -> tuple[int, str]:
        """The same for whoever asks: no texts, and however often it is asked, it costs little."""
        checks = await self.health_checks.recent()
        return (200 if checks.healthy else 503), json.dumps({"ready": checks.healthy, "failed": checks.failed})

    async def page(self, name: str, request: "Request") -> "Response":
        """Answer a person's browser."""
        return await self.parts.web.answer(name, request)

    async def close(self) -> None:
        """Let go of everything that was opened."""
        await self.parts.close()
        record.close()

    async def _deliver(self, target: Subject) -> None:
        await (await self.parts.delivery()).deliver(target)

    async def _counted_sweep(self) -> None:
        outcome = "failed"
        try:
            await self._recorded("sweep", FLEET, self._tend)
            sweep = await self.parts.sweeping.begin()
            outcome = "ok"
        finally:
            record.tell(names.SWEEPS, outcome=outcome)
        log.info("sweep: %d servers are looked at until %s", sweep.servers, sweep.until)
        record.tell(names.SWEEP_LAST, now().timestamp())
        record.tell(names.SWEEP_SERVERS, sweep.servers)

    async def _look_at_all_of(self, target: Target) -> None:
        await self.parts.store.keep(_swept(target, now()))
        await self.parts.engine.reconcile(target)

    async def _go_on_sweeping(self) -> None:
        await self.parts.sweeping.go_on()

    # -- events ---------------------------------------------------------------------------------------------------

    async def _take_in(self, envelope: Any, *, authentic: bool) -> None:
        door = "queue" if authentic else "event_grid"
        try:
            read = read_event(envelope, authentic=authentic)
        except MalformedEvent as error:
            record.tell(names.EVENTS, door=door, outcome="malformed")
            id_ = envelope.get("id") if isinstance(envelope, Mapping) else None
            await self._bury("event", str(error), dead_letter_body(envelope), str(id_ or ""))
            return
        if isinstance(read, Ignored):
            log.debug("ignored: %s", read.reason)
            record.tell(names.EVENTS, door=door, outcome="ignored")
            return
        trigger = read.trigger if isinstance(read, Abroad) else read
        with record.span(names.RECEIVE, _said_of(trigger), trigger.trace):
            if isinstance(read, Abroad):
                await self._heard_of(read)
            else:
                await self.parts.store.remember(read)
                log.info("event %s on %s", read.operation, read.target)
        record.tell(names.EVENTS, door=door, outcome="known" if isinstance(read, Abroad) else "taken")

    async def _heard_of(self, read: Abroad) -> None:
        """Have everybody looked at who uses what the event is about."""
        about, found = read.trigger.child, await read.triggers(self.parts.store)
        if not found:
            log.debug("ignored: no server is known to use %s; the sweep looks at every one", about)
            return
        for some in batched(found, _AT_ONCE, strict=False):
            await asyncio.gather(*map(self.parts.store.remember, some))
        log.info("event %s on %s, which %d servers use", read.trigger.operation, about, len(found))

    async def _tend(self) -> None:
        from shared.alerts.known import forget_old
        from shared.stewardship import tend

        await tend(self.parts.store, await self.parts.policies.current(), now())
        await forget_old(self.parts.store, now())
        if record.is_heard():
            from shared.approvals import waiting

            record.tell(names.APPROVALS_WAITING, len(await waiting(self.parts.store)))

    async def _prune(self) -> None:
        from shared.retention import prune

        policy = await self.parts.policies.current()
        log.info(
            "retention: %d things that were over are dropped", await prune(self.parts.store, policy.retention, now())
        )

    # -- failures -------------------------------------------------------------------------------------------------

    def _waking(self, queue: str, text: str) -> Awaitable[None]:
        if queue == "reconcile":
            return self.parts.store.wake(_named(text, parse_target), _AFTER_POISON_SECONDS)
        if queue == "sweep":
            return self.parts.store.wake_sweep(_named(text, parse_subject), _AFTER_POISON_SECONDS)
        return self.parts.store.wake_delivery(_named(text, parse_subject), _AFTER_POISON_SECONDS)

    async def _subject[S: Subject](self, queue: str, body: bytes, parse: Callable[[str], S]) -> S | None:
        text = body.decode("utf-8", "replace")
        try:
            return _named(text, parse)
        except _NOT_A_MESSAGE as error:
            await self._bury(queue, f"not a work message: {error}", text)
            return None

    async def _recorded(self, queue: str, target: Subject, work: Callable[[], Awaitable[None]]) -> None:
        """Do the work; a failure is kept where an operator sees it, and the host gives the message back."""
        try:
            await work()
        except (LeaseLost, StoreUnavailable) as error:
            log.warning("%s of %s starts over: %s", queue, target, error)
            raise
        except Exception as error:
            reason = str(error) if isinstance(error, HoldfastError) else f"{type(error).__name__}: {error}"
            log.exception("%s of %s failed", queue, target)
            letter = DeadLetter(f"{queue}:{target.id}", queue, reason, json.dumps({"target": target.id}), now())
            await self.parts.store.bury(letter)
            record.tell(names.DEAD_LETTERS, source=queue)
            raise

    async def _bury(self, source: str, reason: str, body: str, id_: str = "") -> None:
        log.warning("dead letter from %s: %s", source, reason)
        name, said, kept = (storable(text) for text in (id_ or str(uuid4()), one_line(reason), body))
        await self.parts.store.bury(DeadLetter(name, source, said, kept, now()))
        record.tell(names.DEAD_LETTERS, source=source)


def _named[S: Subject](text: str, parse: Callable[[str], S]) -> S:
    """What a queue message names. Raises one of _NOT_A_MESSAGE."""
    return parse(str(json.loads(text)["target"]))


def _said_of(trigger: Trigger) -> dict[str, str]:
    """What a span says of an event."""
    return {
        "holdfast.target": trigger.target,
        "holdfast.operation": trigger.operation,
        "holdfast.event_id": trigger.id,
        names.CORRELATION: trigger.correlation_id,
    }


def _swept(target: Target, at: datetime) -> Trigger:
    return Trigger(f"sweep-{at:%Y%m%dT%H%M}", target.id, "*", "", at, Origin.SWEEP)
