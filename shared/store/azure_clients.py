"""The way to the storage account: one client per service, made once, bounded in time, closed together."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.request import getproxies

from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import AzureError, HttpResponseError, ResourceExistsError
from azure.data.tables.aio import TableServiceClient
from azure.storage.blob.aio import BlobServiceClient
from azure.storage.queue import TextBase64DecodePolicy, TextBase64EncodePolicy
from azure.storage.queue.aio import QueueServiceClient

from shared.errors import StoreUnavailable
from shared.ports import DELIVER_QUEUE, RECONCILE_QUEUE, SWEEP_QUEUE
from shared.store.azure_version import settle

ANSWER_SECONDS = 10.0

# With "env settings" aiohttp looks for ~/.netrc and a proxy at every request, which is 40 % of a small request's CPU
# (measured); only a machine that has a proxy needs that.
_TRANSPORT = {"connection_timeout": 3, "read_timeout": 6, "use_env_settings": bool(getproxies())}
_TABLE_RETRIES = {
    "retry_total": 2,
    "retry_connect": 2,
    "retry_read": 2,
    "retry_status": 2,
    "retry_backoff_factor": 0.2,
    "retry_backoff_max": 2,
}
# Pauses of 0 to 2 s: one second, give or take one.
_RETRIES = {"retry_total": 2, "initial_backoff": 0, "increment_base": 1, "random_jitter_range": 1}


@dataclass(frozen=True, slots=True)
class AccountUrls:
    """The addresses of the three services, as in `<connection>__tableServiceUri` and its siblings."""

    table: str
    queue: str
    blob: str


@dataclass(frozen=True, slots=True)
class AzureSettings:
    """Where the storage account is: a connection string, or the addresses and a credential.

    The credential belongs to the caller, who closes it. `api_version` is for an account that knows only older
    versions of the queue and blob services (Azurite); empty leaves the choice to the SDK.
    """

    connection_string: str = ""
    account_urls: AccountUrls | None = None
    credential: AsyncTokenCredential | None = None
    api_version: str = ""


class AzureClients:
    """The table, the queues and the lease container. `prefix` (lower-case letters and digits) sets names apart."""

    def __init__(self, settings: AzureSettings, prefix: str = "") -> None:
        self._tables = _table_service(settings)
        self._queues = _queue_service(settings)
        self._blobs = blob_service(settings)
        self._table_name = f"{prefix}holdfast"
        self.table = self._tables.get_table_client(self._table_name)
        # The Functions host expects base64 unless host.json says otherwise.
        self.queues = {
            name: self._queues.get_queue_client(
                f"{prefix}{name}",
                message_encode_policy=TextBase64EncodePolicy(),
                message_decode_policy=TextBase64DecodePolicy(),
            )
            for name in (RECONCILE_QUEUE, DELIVER_QUEUE, SWEEP_QUEUE)
        }
        self.leases = self._blobs.get_container_client(f"{prefix}holdfast-leases")
        self._making = asyncio.Lock()
        self._made = False

    async def ready(self) -> None:
        """Make table, queues and container where they are missing, and see that the store may be used; asked once per
        process."""
        async with self._making:
            if self._made:
                return
            outcomes = await asyncio.gather(
                self._tables.create_table_if_not_exists(self._table_name),
                *(queue.create_queue() for queue in self.queues.values()),
                self.leases.create_container(),
                return_exceptions=True,
            )
            for outcome in outcomes:
                if isinstance(outcome, BaseException) and not isinstance(outcome, ResourceExistsError):
                    raise outcome
            await settle(self.table)
            self._made = True

    async def close(self) -> None:
        """Close all connections."""
        for service in (self._tables, self._queues, self._blobs):
            await service.close()


@asynccontextmanager
async def answering() -> AsyncGenerator[None]:
    """Give the account ANSWER_SECONDS, and turn its failures into StoreUnavailable."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            yield
    except TimeoutError as error:
        raise StoreUnavailable(f"Azure Storage did not answer within {ANSWER_SECONDS:g} s") from error
    except HttpResponseError as error:
        raise StoreUnavailable(f"Azure Storage refused with {error.status_code}: {_line(error)}") from error
    except AzureError as error:
        raise StoreUnavailable(f"Azure Storage cannot be reached: {_line(error)}") from error


def _line(error: AzureError) -> str:
    return error.message.partition("\n")[0]


def _table_service(settings: AzureSettings) -> TableServiceClient:
    options: dict[str, Any] = {**_TRANSPORT, **_TABLE_RETRIES}
    if settings.account_urls is None:
        return TableServiceClient.from_connection_string(settings.connection_string, **options)
    return TableServiceClient(settings.account_urls.table, credential=settings.credential, **options)


def _queue_service(settings: AzureSettings) -> QueueServiceClient:
    options: dict[str, Any] = {**_TRANSPORT, **_RETRIES, **_version(settings)}
    if settings.account_urls is None:
        return QueueServiceClient.from_connection_string(settings.connection_string, **options)
    return QueueServiceClient(settings.account_urls.queue, credential=settings.credential, **options)


def blob_service(settings: AzureSettings) -> BlobServiceClient:
    """The blob service of the account."""
    options: dict[str, Any] = {**_TRANSPORT, **_RETRIES, **_version(settings)}
    if settings.account_urls is None:
        return BlobServiceClient.from_connection_string(settings.connection_string, **options)
    return BlobServiceClient(settings.account_urls.blob, credential=settings.credential, **options)


def _version(settings: AzureSettings) -> dict[str, str]:
    return {"api_version": settings.api_version} if settings.api_version else {}
