"""Delivers events to webhooks and queues: at least once, in no order, again after failures, then as dead letters."""

import asyncio
import contextlib
import functools
from collections import deque
from collections.abc import Callable, Coroutine
from datetime import timedelta

import aiohttp
import yarl

from emulator.body import Body
from emulator.clock import Clock
from emulator.grid.delivery import Delivery
from emulator.grid.event_faults import EventFault, EventFaults
from emulator.grid.happenings import GridEvent
from emulator.grid.schedule import DELIVERED, NOT_RETRIED, TIMED_OUT, UNREACHABLE, wait_seconds
from emulator.grid.subscriptions import Subscription, SubscriptionSpec, validation_event
from emulator.settings import Settings

_KEPT = 5000
_AT_ONCE = 64  # deliveries in flight


class Courier:
    """Event Grid's delivery side."""

    def __init__(self, clock: Clock, settings: Settings) -> None:
        self._clock = clock
        self._settings = settings
        self.time_scale = settings.time_scale
        self.faults = EventFaults()
        self.subscriptions: dict[str, Subscription] = {}
        self.published: deque[GridEvent] = deque(maxlen=_KEPT)
        self.deliveries: deque[Delivery] = deque(maxlen=_KEPT)
        self.dead_letters: list[Body] = []
        self._waiting = 0  # deliveries that will be tried later
        self._held: list[GridEvent] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None
        self._slots = asyncio.Semaphore(_AT_ONCE)

    async def start(self) -> None:
        """Open the HTTP client."""
        timeout = aiohttp.ClientTimeout(total=self._settings.delivery_timeout_seconds)
        # the endpoint is a local host with its own certificate; nothing secret but the events themselves is sent
        connector = aiohttp.TCPConnector(ssl=False, limit=_AT_ONCE)
        self._session = aiohttp.ClientSession(timeout=timeout, connector=connector)

    async def stop(self) -> None:
        """Give up what is on its way and close the client."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    @property
    def pending(self) -> int:
        """How many deliveries are on their way or will be tried again."""
        return len(self._tasks) + self._waiting + len(self._held)

    async def settled(self, within_seconds: float = 10) -> bool:
        """Wait until nothing is on its way; false when it took longer."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_seconds):
                while self.pending:  # noqa: ASYNC110  three sources; an Event would have to follow all of them
                    await asyncio.sleep(0.005)
        return not self.pending

    def clear(self) -> None:
        """Forget faults, history and dead letters; subscriptions stay."""
        self.faults.clear()
        self.published.clear()
        self.deliveries.clear()
        self.dead_letters.clear()
        self._held.clear()
        self._waiting = 0  # what was waiting waited for a clock that has been cleared, too

    async def subscribe(self, spec: SubscriptionSpec) -> Subscription:
        """Add a subscription; it is active when its endpoint passes the handshake."""
        subscription = Subscription(spec)
        self.subscriptions[spec.name] = subscription
        await self._shake_hands(subscription)
        return subscription

    def subscribe_when_ready(self, spec: SubscriptionSpec) -> None:
        """Add a subscription whose endpoint may not be up yet: ask until it answers or the patience ends."""
        self.subscriptions[spec.name] = Subscription(spec)
        self._run(self._keep_asking(self.subscriptions[spec.name]))

    async def _keep_asking(self, subscription: Subscription) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._settings.handshake_seconds):
                while not await self._shake_hands(subscription):  # noqa: ASYNC110  the endpoint sends no signal
                    await asyncio.sleep(0.1)

    async def _shake_hands(self, subscription: Subscription) -> bool:
        blank = GridEvent("/subscriptions", "", "", self._clock.now(), {}, "1")
        return await subscription.shake_hands(self._client, validation_event(blank))

    @property
    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("the courier has not been started")
        return self._session

    def publish(self, event: GridEvent) -> None:
        """Send an event to every subscription that wants it, as the faults in force allow."""
        self.published.append(event)
        fault = self.faults.hit(event)
        if fault.drop:
            return
        if fault.reorder:
            self._held.append(event)
            self._clock.call_later(fault.hold_seconds, self._release)
            return
        self._later(fault.delay_seconds, lambda: self._send(event, fault))
        self._release()

    def _release(self) -> None:
        held, self._held = self._held, []
        for event in held:
            # a moment later, so that the event that overtook it arrives first
            self._later(0.05, functools.partial(self._send, event, EventFault()))

    def _send(self, event: GridEvent, fault: EventFault) -> None:
        for subscription in self.subscriptions.values():
            if subscription.active and subscription.wants(event):
                for _ in range(1 + fault.duplicates):
                    delivery = Delivery(event, subscription, self._clock.now())
                    self.deliveries.append(delivery)
                    self._run(self._attempt(delivery))

    def _later(self, seconds: float, action: Callable[[], None]) -> None:
        if seconds <= 0:
            action()
            return
        self._waiting += 1

        def due() -> None:
            self._waiting -= 1
            action()

        self._clock.call_later(seconds, due)

    def _run(self, work: Coroutine[None, None, object]) -> None:
        async def finish() -> None:
            await work

        task = asyncio.create_task(finish())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _attempt(self, delivery: Delivery) -> None:
        async with self._slots:
            status = await self._post(delivery)
        delivery.statuses.append(status)
        if status in DELIVERED:
            return
        reason = self._why_give_up(delivery, status)
        if reason:
            self._bury(delivery, status, reason)
            return
        wait = wait_seconds(len(delivery.statuses), status) * self.time_scale
        self._later(wait, lambda: self._run(self._attempt(delivery)))

    async def _post(self, delivery: Delivery) -> int:
        post = delivery.subscription.request(delivery.event, len(delivery.statuses))
        # as it is: a signature is over the address as it was written
        url = yarl.URL(post.url, encoded=True)
        try:
            async with self._client.post(url, data=post.body, headers=post.headers) as response:
                await response.read()
                return response.status
        except TimeoutError:
            return TIMED_OUT
        except (aiohttp.ClientError, OSError):
            return UNREACHABLE

    def _why_give_up(self, delivery: Delivery, status: int) -> str:
        if status in NOT_RETRIED:
            return "UndeliverableDueToClientError"  # the word is not verified
        if len(delivery.statuses) >= self._settings.delivery_attempts:
            return "MaxDeliveryAttemptsExceeded"
        age = self._clock.now() - delivery.published
        if age > timedelta(minutes=self._settings.delivery_ttl_minutes):
            return "TimeToLiveExceeded"
        return ""

    def _bury(self, delivery: Delivery, status: int, reason: str) -> None:
        self.dead_letters.append(delivery.dead_letter(status, reason, self._clock.now()))
