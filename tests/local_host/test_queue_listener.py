"""The listener at the moment the host stops."""

import asyncio
from collections.abc import Sequence

from local_host.functions import Function, QueueTrigger
from local_host.host_json import QueueOptions
from local_host.invocations import Invocations
from local_host.message_handling import MessageHandling
from local_host.outputs import Outputs
from local_host.queue_listener import QueueListener
from local_host.queue_source import Rhythm
from shared.store.sqlite_queue import QueueMessage

MESSAGE = QueueMessage("q", "id", "body", 1, 0.0, 60.0, 3600.0, "receipt")


class SlowSource:
    """Answers a fetch only when let; remembers what was given back."""

    rhythm = Rhythm(0.01, 0.01, ask_after_invocation=False)

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.let = asyncio.Event()
        self.released: list[tuple[str, float]] = []

    async def open(self, base64_bodies: bool) -> None: ...

    async def receive(self, queue: str, limit: int, lease_seconds: float) -> Sequence[QueueMessage]:
        self.asked.set()
        await self.let.wait()
        return [MESSAGE]

    async def renew(self, message: QueueMessage, lease_seconds: float) -> QueueMessage | None:
        return message

    async def delete(self, message: QueueMessage) -> bool:
        return True

    async def release(self, message: QueueMessage, after_seconds: float) -> bool:
        self.released.append((message.id, after_seconds))
        return True

    async def send(self, queue: str, body: str) -> None: ...

    async def close(self) -> None: ...


async def test_what_a_fetch_brings_after_the_stop_is_given_back_at_once() -> None:
    source = SlowSource()
    invocations = Invocations(Outputs(source), None, lambda _: None)
    function = Function("f", "id", "m", QueueTrigger("q"), {}, ())
    handling = MessageHandling(function, source, QueueOptions(), invocations, lease_seconds=600.0)
    listener = QueueListener("q", source, QueueOptions(), handling)
    listening = asyncio.create_task(listener.listen())
    await source.asked.wait()
    listener.stop()
    source.let.set()
    await listening
    assert source.released == [("id", 0.0)]
