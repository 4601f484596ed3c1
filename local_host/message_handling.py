"""What happens to one message: run, then deleted, given back, or moved to the poison queue.

(QueueProcessor.cs in Azure/azure-sdk-for-net. It, too, keeps a message hidden for ten minutes and
renews that while the function runs.)
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass

from local_host.calls import queue_call
from local_host.errors import QueueUnavailable
from local_host.functions import Function
from local_host.host_json import QueueOptions
from local_host.invocations import Invocations
from local_host.queue_source import QueueSource, poison_queue
from shared.store.sqlite_queue import QueueMessage

log = logging.getLogger("local_host.queues")


@dataclass(slots=True)
class Held:
    """A message while we hold it; renewing changes its pop receipt."""

    message: QueueMessage


class MessageHandling:
    """Handles the messages of one queue-triggered function."""

    def __init__(
        self,
        function: Function,
        source: QueueSource,
        options: QueueOptions,
        invocations: Invocations,
        lease_seconds: float,
    ) -> None:
        self._function = function
        self._source = source
        self._options = options
        self._invocations = invocations
        self.lease_seconds = lease_seconds

    async def handle(self, message: QueueMessage) -> None:
        """Work on the message to the end; nothing that happens to it ends the listener."""
        held = Held(message)
        try:
            await self._work(held)
        except QueueUnavailable as error:
            # the message shows up again when its lease runs out
            log.warning("%s: message %s stays: %s", message.queue, message.id, error)
        except asyncio.CancelledError:
            # the host stops: let another host, or our next run, have it at once
            await self._source.release(held.message, 0.0)
            raise

    async def _work(self, held: Held) -> None:
        # more deliveries than allowed: the process died on it each time
        if held.message.dequeue_count > self._options.max_dequeue_count:
            await self._to_poison(held.message)
            return
        async with self._kept_hidden(held):
            outcome = await self._invocations.run(self._function, queue_call(held.message))
        if not outcome.ok:
            await self._failed(held.message)
        elif not await self._source.delete(held.message):
            log.error("%s: message %s is done but was taken over", held.message.queue, held.message.id)

    async def _failed(self, message: QueueMessage) -> None:
        if poison_queue(message.queue) is None:
            return  # without a poison queue the message stays hidden till its lease ends
        if message.dequeue_count >= self._options.max_dequeue_count:
            await self._to_poison(message)
        else:
            await self._source.release(message, self._options.visibility_seconds)

    async def _to_poison(self, message: QueueMessage) -> None:
        poison = poison_queue(message.queue)
        if poison is None:
            return
        log.error("%s: message %s moves to %s", message.queue, message.id, poison)
        await self._source.send(poison, message.body)
        await self._source.delete(message)

    @contextlib.asynccontextmanager
    async def _kept_hidden(self, held: Held) -> AsyncIterator[None]:
        finished = asyncio.Event()
        renewing = asyncio.create_task(self._renew(held, finished))
        try:
            yield
        finally:
            finished.set()
            # a renewal under way changes the pop receipt that deleting needs
            await renewing

    async def _renew(self, held: Held, finished: asyncio.Event) -> None:
        while not await _is_set_within(finished, self.lease_seconds / 2):
            try:
                renewed = await self._source.renew(held.message, self.lease_seconds)
            except QueueUnavailable as error:
                log.warning("%s: lease of %s not renewed: %s", held.message.queue, held.message.id, error)
                continue
            if renewed is None:
                log.error("%s: message %s was taken over", held.message.queue, held.message.id)
                return
            held.message = renewed


async def _is_set_within(event: asyncio.Event, seconds: float) -> bool:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    return event.is_set()
