"""Brings the messages of one queue to its function, with the rules of the real queue listener.

As many are fetched as host.json's batchSize whenever no more than newBatchThreshold are being worked
on, so the two together bound the concurrency. An empty queue is asked ever less often (QueueListener.cs
and QueueProcessor.cs in Azure/azure-sdk-for-net).
"""

import asyncio
import contextlib
import logging
import random

from local_host.errors import QueueUnavailable
from local_host.host_json import QueueOptions
from local_host.message_handling import MessageHandling
from local_host.queue_source import QueueSource
from shared.store.sqlite_queue import QueueMessage

log = logging.getLogger("local_host.queues")


class QueueListener:
    """Polls until told to stop; messages being worked on then run to their end."""

    def __init__(self, queue: str, source: QueueSource, options: QueueOptions, handling: MessageHandling) -> None:
        self.queue = queue
        self._source = source
        self._options = options
        self._handling = handling
        self._longest = min(source.rhythm.longest, options.max_polling_seconds)
        self._wait = source.rhythm.shortest
        self._awake = asyncio.Event()
        self._stopping = asyncio.Event()
        self._working: set[asyncio.Task[None]] = set()

    async def listen(self) -> None:
        """Poll for as long as the host runs."""
        while not self._stopping.is_set():
            if len(self._working) > self._options.new_batch_threshold:
                await asyncio.wait(self._working, return_when=asyncio.FIRST_COMPLETED)
                continue
            # cleared before asking: what is sent while we ask must not be slept over
            self._awake.clear()
            messages = await self._receive()
            if self._stopping.is_set():
                await self._give_back(messages)
            elif messages:
                self._begin(messages)
            else:
                await self._rest()

    def wake(self) -> None:
        """Ask the queue now: something may have been sent."""
        self._awake.set()

    def stop(self) -> None:
        """Take no more messages."""
        self._stopping.set()
        self._awake.set()

    async def finish(self) -> None:
        """Wait until no message is being worked on."""
        await asyncio.gather(*self._working, return_exceptions=True)

    async def _receive(self) -> list[QueueMessage]:
        try:
            lease_seconds = self._handling.lease_seconds
            return list(await self._source.receive(self.queue, self._options.batch_size, lease_seconds))
        except QueueUnavailable as error:
            log.warning("%s: %s", self.queue, error)
            return []

    def _begin(self, messages: list[QueueMessage]) -> None:
        self._wait = self._source.rhythm.shortest
        for message in messages:
            task = asyncio.create_task(self._handling.handle(message))
            self._working.add(task)
            task.add_done_callback(self._working.discard)

    async def _give_back(self, messages: list[QueueMessage]) -> None:
        with contextlib.suppress(QueueUnavailable):
            for message in messages:
                await self._source.release(message, 0.0)

    async def _rest(self) -> None:
        # jitter keeps the listeners of several hosts apart
        seconds = self._wait * random.uniform(0.8, 1.2)  # noqa: S311
        self._wait = min(self._wait * 2, self._longest)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._awake.wait()
