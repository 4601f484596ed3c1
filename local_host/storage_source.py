"""Azure Storage queues, or Azurite's, as a queue source.

Bodies are base64 unless host.json says `"messageEncoding": "none"`. A body that cannot be decoded goes
to the poison queue as it is, without a run, as with the real host (QueueServiceClientProvider.cs in
Azure/azure-sdk-for-net).
"""

import base64
import contextlib
import logging
import math
from collections.abc import Sequence
from dataclasses import replace

from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.storage.queue import QueueMessage as StoredMessage
from azure.storage.queue.aio import QueueClient, QueueServiceClient

from local_host.host_json import MAX_BATCH_SIZE
from local_host.queue_source import Rhythm, poison_queue
from local_host.storage_messages import (
    decoded,
    epoch,
    raise_unless_taken_over,
    read_message,
    translated,
)
from shared.store.sqlite_queue import QueueMessage

log = logging.getLogger("local_host.queues")

# the newest version that Azurite 3.35 knows; Azure keeps answering it
_API_VERSION = "2025-11-05"
# the account every Azurite and storage emulator has; its key is public (learn.microsoft.com, "Use Azurite")
_DEVELOPMENT = (
    "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;"
    "AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;"
    "QueueEndpoint=http://127.0.0.1:10001/devstoreaccount1;"
)


class StorageSource:
    """Queues of one storage account, named by a connection string or by its queue service's address.

    An address with a SAS (`?...sig=`) is used as it is; without one the identity of `azure-identity`'s
    DefaultAzureCredential is used.
    """

    rhythm = Rhythm(shortest=0.1, longest=math.inf, ask_after_invocation=False)

    def __init__(self, account: str) -> None:
        self._credential: AsyncTokenCredential | None = None
        self._base64 = True
        self._clients: dict[str, QueueClient] = {}
        self._service = self._connected(account)

    async def open(self, base64_bodies: bool) -> None:
        self._base64 = base64_bodies

    async def receive(self, queue: str, limit: int, lease_seconds: float) -> Sequence[QueueMessage]:
        size = min(limit, MAX_BATCH_SIZE)
        async with translated(queue):
            pages = self._client(queue).receive_messages(
                max_messages=size, messages_per_page=size, visibility_timeout=math.ceil(lease_seconds)
            )
            # one page is one request; going on would ask until the queue is empty
            stored: list[StoredMessage] = []
            with contextlib.suppress(StopAsyncIteration, ResourceNotFoundError):
                stored = [message async for message in await anext(pages.by_page())]
        return [message for each in stored if (message := await self._readable(queue, each)) is not None]

    async def renew(self, message: QueueMessage, lease_seconds: float) -> QueueMessage | None:
        return await self._moved(message, lease_seconds)

    async def release(self, message: QueueMessage, after_seconds: float) -> bool:
        return await self._moved(message, after_seconds) is not None

    async def delete(self, message: QueueMessage) -> bool:
        async with translated(message.queue):
            try:
                await self._client(message.queue).delete_message(message.id, message.pop_receipt)
            except HttpResponseError as error:
                raise_unless_taken_over(error)
                return False
        return True

    async def send(self, queue: str, body: str) -> None:
        await self._send_as_is(queue, base64.b64encode(body.encode()).decode() if self._base64 else body)

    async def close(self) -> None:
        await self._service.close()
        if self._credential is not None:
            await self._credential.close()

    def _connected(self, account: str) -> QueueServiceClient:
        if account.startswith(("http://", "https://")):
            if "sig=" not in account:
                # only this way in needs it, and it is slow to import
                from azure.identity.aio import DefaultAzureCredential

                self._credential = DefaultAzureCredential()
            return QueueServiceClient(account, credential=self._credential, api_version=_API_VERSION)
        text = _DEVELOPMENT if account.strip("; ") == "UseDevelopmentStorage=true" else account
        return QueueServiceClient.from_connection_string(text, api_version=_API_VERSION)

    def _client(self, queue: str) -> QueueClient:
        if queue not in self._clients:
            self._clients[queue] = self._service.get_queue_client(queue)
        return self._clients[queue]

    async def _send_as_is(self, queue: str, content: str) -> None:
        async with translated(queue):
            try:
                await self._client(queue).send_message(content)
            except ResourceNotFoundError:
                # queues are made when first written to, as by the real host; someone may be faster
                with contextlib.suppress(ResourceExistsError):
                    await self._client(queue).create_queue()
                await self._client(queue).send_message(content)

    async def _moved(self, message: QueueMessage, seconds: float) -> QueueMessage | None:
        async with translated(message.queue):
            try:
                moved = await self._client(message.queue).update_message(
                    message.id, message.pop_receipt, visibility_timeout=math.ceil(seconds)
                )
            except HttpResponseError as error:
                raise_unless_taken_over(error)
                return None
        return replace(message, visible_at=epoch(moved.next_visible_on), pop_receipt=str(moved.pop_receipt))

    async def _readable(self, queue: str, stored: StoredMessage) -> QueueMessage | None:
        content = str(stored.content)
        message = read_message(queue, stored, content)
        if not self._base64:
            return message
        body = decoded(content)
        if body is not None:
            return replace(message, body=body)
        poison = poison_queue(queue)
        log.error("%s: message %s is no base64 text, wanted poison queue %s", queue, message.id, poison)
        if poison is not None:
            await self._send_as_is(poison, content)
            await self.delete(message)
        return None
