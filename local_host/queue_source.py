"""What the host needs of a queue service; SQLite and Azure Storage each provide it.

Methods raise `QueueUnavailable` when the service does not answer or refuses, and nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.store.sqlite_queue import QueueMessage


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often an empty queue is asked, in seconds, from just used to long idle.

    `ask_after_invocation`: ask at once when any function of this host has ended, because it may have
    sent something. Only for a service where asking costs next to nothing.
    """

    shortest: float
    longest: float
    ask_after_invocation: bool


class QueueSource(Protocol):
    """Queues by name. A queue that does not exist yet is an empty queue."""

    @property
    def rhythm(self) -> Rhythm: ...

    async def open(self, base64_bodies: bool) -> None:
        """Make ready; `base64_bodies` is host.json's messageEncoding, for services where it matters."""

    async def receive(self, queue: str, limit: int, lease_seconds: float) -> Sequence[QueueMessage]: ...

    async def renew(self, message: QueueMessage, lease_seconds: float) -> QueueMessage | None:
        """Keep the message hidden; None when somebody else has it by now."""

    async def delete(self, message: QueueMessage) -> bool: ...

    async def release(self, message: QueueMessage, after_seconds: float) -> bool: ...

    async def send(self, queue: str, body: str) -> None: ...

    async def close(self) -> None: ...


def poison_queue(queue: str) -> str | None:
    """Name the queue for messages that keep failing; None where the real host has none either.

    (QueueListenerFactory.cs in Azure/azure-sdk-for-net; a queue name has at most 63 characters.)
    """
    name = f"{queue}-poison"
    return None if queue.endswith("-poison") or len(name) > 63 else name
