"""Empties a target's outbox: in order per channel, at least once, and never again what a channel has taken.

A channel that fails holds back its own later notices and nobody else's. A crash at any point repeats at most the one
message that was in flight: each success is stored before the next message leaves.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from shared.errors import DeliveryFailed, DeliveryRefused
from shared.guard import Guard, hold
from shared.journal import DeadLetter, Entry, Notice, Stage, encode, now
from shared.notify.channel import Channel
from shared.ports import Store
from shared.target import Subject
from shared.telemetry import names, record

log = logging.getLogger("holdfast")

_HELD_ELSEWHERE_SECONDS = 2.0
_FIRST_PAUSE_SECONDS = 5.0
_LONGEST_PAUSE_SECONDS = 900.0
_GIVE_UP_AFTER = timedelta(hours=24)
# Old notices may wait because Holdfast itself was down: age alone is no failure.
_GIVE_UP_ATTEMPTS = 5
# A queue's clock may be this much ahead of ours.
_SKEW = timedelta(seconds=2)
# Far below a function's time-out; the rest is another message's work.
_LONGEST_RUN_SECONDS = 60.0
# Lines about telling come after a record's lines about doing, whose numbers the engine counts.
_NOTIFIED_FROM = 1000


@dataclass(slots=True)
class _Run:
    """One emptying of one target's outbox; `blocked` are the channels that take nothing more in it."""

    target: Subject
    guard: Guard
    started: datetime
    blocked: set[str] = field(default_factory=set)


class Delivery:
    """Takes notices from outboxes to channels. Safe to share: all state is in the store."""

    def __init__(
        self,
        store: Store,
        channels: Sequence[Channel],
        clock: Callable[[], datetime] = now,
        longest_run_seconds: float = _LONGEST_RUN_SECONDS,
    ) -> None:
        self._store = store
        self._channels = channels
        self._clock = clock
        self._longest_run = timedelta(seconds=longest_run_seconds)

    async def deliver(self, target: Subject) -> None:
        """Tell what waits to be told about the target. Safe to call at any time, any number of times."""
        async with hold(self._store, f"deliver:{target.id}", self._clock) as guard:
            if guard is None:
                await self._store.wake_delivery(target, _HELD_ELSEWHERE_SECONDS)
                return
            dossier = await self._store.load(target)
            run = _Run(target, guard, self._clock())
            with record.span(names.DELIVER, {"holdfast.target": target.id}):
                await self._empty(run, dossier.outbox)

    async def _empty(self, run: _Run, outbox: Sequence[Notice]) -> None:
        for oldest in sorted(notice.created_at for notice in outbox)[:1]:
            age = (run.started - oldest).total_seconds()
            record.tell(names.QUEUE_AGE, max(0.0, age), queue="deliver")
        for notice in outbox:
            if self._clock() - run.started > self._longest_run:
                await self._store.wake_delivery(run.target)
                return
            await self._one(run, notice)

    async def close(self) -> None:
        """Let go of connections."""
        for channel in self._channels:
            await channel.close()

    async def _one(self, run: _Run, notice: Notice) -> None:
        """Send one notice where it is still missing, then finish it, or note why it has to stay."""
        if notice.next_at is not None and self._clock() < notice.next_at - _SKEW:
            run.blocked |= {channel.name for channel in self._missing(notice)}
            return
        failures: dict[str, str] = {}
        for channel in self._missing(notice):
            if channel.name in run.blocked:
                continue
            run.guard.check()
            try:
                with record.span(names.TELL, _said_of(notice, channel), _trace_of(notice)):
                    await channel.send(notice)
            except DeliveryRefused as error:
                record.tell(names.DELIVERY_FAILURES, channel=channel.name, outcome="refused")
                log.warning("%s of %s refused by %s: %s", notice.kind, run.target, channel.name, error)
                notice = replace(notice, refused={**notice.refused, channel.name: str(error)})
            except DeliveryFailed as error:
                record.tell(names.DELIVERY_FAILURES, channel=channel.name, outcome="failed")
                failures[channel.name] = str(error)
                run.blocked.add(channel.name)
                continue
            else:
                record.tell(names.DELIVERIES, channel=channel.name)
                log.info("%s of %s told to %s", notice.kind, run.target, channel.name)
                notice = replace(notice, delivered=notice.delivered | {channel.name})
            if self._missing(notice):
                await self._store.update_notice(run.target, notice)
        await self._settle(run, notice, failures)

    async def _settle(self, run: _Run, notice: Notice, failures: dict[str, str]) -> None:
        missing = {channel.name for channel in self._missing(notice)}
        if not missing:
            await self._finish(run.target, notice, _told(notice))
        elif failures:
            failed = replace(notice, attempts=notice.attempts + 1, last_error=_listed(failures))
            log.warning("%s of %s waits: %s", notice.kind, run.target, failed.last_error)
            if missing == failures.keys() and self._hopeless(failed):
                await self._give_up(run.target, failed)
            else:
                await self._postpone(run.target, failed)

    def _missing(self, notice: Notice) -> list[Channel]:
        over = {*notice.delivered, *notice.refused}
        return [channel for channel in self._channels if channel.name not in over and channel.wants(notice)]

    def _hopeless(self, notice: Notice) -> bool:
        return notice.attempts >= _GIVE_UP_ATTEMPTS and self._clock() - notice.created_at >= _GIVE_UP_AFTER

    async def _postpone(self, target: Subject, notice: Notice) -> None:
        pause = pause_seconds(notice.attempts)
        # The wake-up comes first: without it nobody would look when the time has come.
        await self._store.wake_delivery(target, pause)
        await self._store.update_notice(target, replace(notice, next_at=self._clock() + timedelta(seconds=pause)))

    async def _give_up(self, target: Subject, notice: Notice) -> None:
        """Keep the notice as a dead letter, so that what waits behind it gets its turn, in a run of its own."""
        await self._store.wake_delivery(target, _FIRST_PAUSE_SECONDS)
        reason = f"not delivered for 24 h: {notice.last_error}"
        body = encode(notice).decode()
        await self._store.bury(DeadLetter(notice.id, "notification", reason, body, self._clock()))
        record.tell(names.DEAD_LETTERS, source="notification")
        await self._finish(target, notice, f"{_told(notice)}; kept as a dead letter: {notice.last_error}")

    async def _finish(self, target: Subject, notice: Notice, detail: str) -> None:
        number = _NOTIFIED_FROM + notice.number
        entry = Entry(notice.report.record, number, Stage.NOTIFIED, self._clock(), notice.report, detail)
        await self._store.finish_notice(target, notice, entry)


def _trace_of(notice: Notice) -> str:
    """The trace of what the notice is about, so that one trace leads from the event to who was told."""
    return notice.report.trigger.trace if notice.report.trigger is not None else notice.report.record


def _said_of(notice: Notice, channel: Channel) -> dict[str, str]:
    return {
        "holdfast.target": notice.report.target,
        "holdfast.record": notice.report.record,
        "holdfast.channel": channel.name,
        "holdfast.notice": str(notice.kind),
    }


def pause_seconds(attempts: int) -> float:
    """How long to wait after so many failed attempts: 5 s, doubling, at most 15 min."""
    return min(_LONGEST_PAUSE_SECONDS, _FIRST_PAUSE_SECONDS * 2.0 ** min(attempts - 1, 10))


def _told(notice: Notice) -> str:
    refused = f"; refused by {_listed(notice.refused)}" if notice.refused else ""
    return f"{notice.kind} told to {', '.join(sorted(notice.delivered)) or 'nobody'}{refused}"


def _listed(failures: Mapping[str, str]) -> str:
    return "; ".join(f"{name}: {reason}" for name, reason in sorted(failures.items()))
