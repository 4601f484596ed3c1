"""Publishes notices to an Event Grid custom topic, for machines."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import AzureError, ClientAuthenticationError, ResourceNotFoundError

from shared.errors import DeliveryFailed
from shared.journal import Notice
from shared.notify.event import event_of
from shared.notify.wording import LONG, tame

if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncTokenCredential
    from azure.eventgrid.aio import EventGridPublisherClient

_TIMEOUT_SECONDS = 20.0
_CONNECTIONS = 8
_EXPLAINED = {
    401: "it does not accept our identity or key",
    403: "our identity lacks the role EventGrid Data Sender there",
    404: "there is no such topic",
    413: "the event is too large",
}


class EventGridTopic:
    """The channel to a custom topic. `credential` is asked for when the first notice is sent."""

    # Not a name that a route can have.
    name = "event grid"

    def __init__(
        self,
        endpoint: str,
        credential: Callable[[], "AzureKeyCredential | AsyncTokenCredential"],
        timeout_seconds: float = _TIMEOUT_SECONDS,
    ) -> None:
        self._timeout_seconds = timeout_seconds
        self._endpoint = endpoint
        self._credential = credential
        self._client: EventGridPublisherClient | None = None

    def wants(self, notice: Notice) -> bool:  # noqa: ARG002 - the topic takes all; its subscribers filter
        """Machines hear everything."""
        return True

    async def send(self, notice: Notice) -> None:
        """Publish the notice. Raises DeliveryFailed."""
        try:
            async with asyncio.timeout(self._timeout_seconds):
                await self._publisher().send([event_of(notice)])
        except TimeoutError as error:
            raise DeliveryFailed(f"the topic did not answer within {self._timeout_seconds:g} s") from error
        except AzureError as error:
            raise DeliveryFailed(_reason(error)) from error

    async def close(self) -> None:
        """Let go of connections."""
        if self._client is not None:
            await self._client.close()
            self._client = None

    def _publisher(self) -> "EventGridPublisherClient":
        if self._client is None:
            # Imported late: most invocations of the app publish nothing.
            import aiohttp
            from azure.core.pipeline.transport import AioHttpTransport
            from azure.eventgrid.aio import EventGridPublisherClient

            # The delivery retries, with a back-off that outlives this process. Without the environment's settings the
            # transport does not read ~/.netrc for every request. Each connection holds a quarter of a megabyte.
            session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=_CONNECTIONS))
            transport = AioHttpTransport(session=session, session_owner=True, use_env_settings=False)
            self._client = EventGridPublisherClient(
                self._endpoint, self._credential(), retry_total=0, transport=transport
            )
        return self._client


def _reason(error: AzureError) -> str:
    # The client raises this one without the answer that caused it.
    status = 404 if isinstance(error, ResourceNotFoundError) else getattr(error, "status_code", None)
    if status:
        return f"the topic answered {status}: {_EXPLAINED.get(status, tame(str(getattr(error, 'reason', ''))))}"
    if isinstance(error, ClientAuthenticationError):
        return f"our identity gets no token for the topic: {tame(str(error), LONG)}"
    return f"the topic cannot be reached: {tame(str(error), LONG)}"
