"""A way out for notices, as the delivery sees it."""

from typing import Protocol

from shared.journal import Notice


class Channel(Protocol):
    """One receiver. Records and the outbox know it by its `name`."""

    @property
    def name(self) -> str:
        """Unique among the channels of a delivery, and stable: a renamed channel is a new one."""

    def wants(self, notice: Notice) -> bool:
        """Whether this receiver is to be told."""

    async def send(self, notice: Notice) -> None:
        """Tell the receiver, within a minute. Raises DeliveryFailed, whose text holds no secret."""

    async def close(self) -> None:
        """Let go of connections."""
