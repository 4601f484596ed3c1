"""The way out to Defender for Cloud: a notice that gives an alert a status is delivered by setting it there."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from shared.alert import StatusWish
from shared.errors import DeliveryFailed, DeliveryRefused, Gone, HoldfastError, Refused, Rejected
from shared.journal import Notice

_TIMEOUT_SECONDS = 50.0


class Alerts(Protocol):
    """Defender, as this channel needs it."""

    async def set_status(self, wish: StatusWish) -> None:
        """Give the alert the status. Raises Refused, Gone and the errors of every call to Azure."""


class Defender:
    """The channel. `alerts` is asked for when there is something to set."""

    name = "defender"

    def __init__(self, alerts: Callable[[], Alerts], timeout_seconds: float = _TIMEOUT_SECONDS) -> None:
        self._alerts, self._timeout_seconds = alerts, timeout_seconds

    def wants(self, notice: Notice) -> bool:
        """Whether the notice gives an alert a status."""
        return notice.defender is not None

    async def send(self, notice: Notice) -> None:
        """Set the status. Raises DeliveryRefused where trying again changes nothing, else DeliveryFailed."""
        if notice.defender is None:
            return
        try:
            async with asyncio.timeout(self._timeout_seconds):
                await self._alerts().set_status(notice.defender)
        except (Refused, Gone, Rejected) as error:
            raise DeliveryRefused(str(error)) from error
        except HoldfastError as error:
            raise DeliveryFailed(str(error)) from error
        except TimeoutError as error:
            raise DeliveryFailed(f"no answer within {self._timeout_seconds:g} s") from error

    async def close(self) -> None:
        """The connection to Azure is not ours to close."""
