"""Leases as blob leases: one blob per name, made when it is first wanted.

The storage account keeps the time, so no clock of ours can give a lease to two. (learn.microsoft.com, "Lease Blob".)
"""

import math
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.storage.blob.aio import BlobLeaseClient, ContainerClient

from shared.errors import LeaseLost
from shared.ports import Lease
from shared.store.azure_rows import partition_of

# 404 the blob is gone, 409 another lease or none, 412 the lease id does not fit.
_NOT_OURS = frozenset({404, 409, 412})


class AzureLeases:
    """Blob leases. A token is the lease id and the seconds it was taken for: `<id>/<seconds>`."""

    def __init__(self, container: ContainerClient, clock: Callable[[], datetime]) -> None:
        self._container = container
        self._clock = clock

    async def acquire(self, name: str, seconds: float) -> Lease | None:
        """Take the lease, unless somebody holds it."""
        # With an id of our own, a request that the SDK repeats finds the lease taken by itself.
        lease_id, whole = str(uuid.uuid4()), math.ceil(seconds)
        at = self._clock()
        try:
            await self._acquire(name, lease_id, whole)
        except ResourceExistsError:
            return None
        return Lease(name, f"{lease_id}/{whole}", at + timedelta(seconds=whole))

    async def renew(self, lease: Lease) -> Lease:
        """Prolong a lease that is still held; one that ran out is lost even if nobody took it."""
        at = self._clock()
        if at >= lease.expires_at:
            raise LeaseLost(f"the lease {lease.name} ended before the work did")
        client, seconds = self._held(lease)
        try:
            await client.renew()
        except HttpResponseError as error:
            if error.status_code not in _NOT_OURS:
                raise
            raise LeaseLost(f"the lease {lease.name} ended before the work did") from error
        return Lease(lease.name, lease.token, at + timedelta(seconds=seconds))

    async def release(self, lease: Lease) -> None:
        """Give back what is ours, if it still is."""
        client, _ = self._held(lease)
        try:
            await client.release()
        except HttpResponseError as error:
            if error.status_code not in _NOT_OURS:
                raise

    async def _acquire(self, name: str, lease_id: str, seconds: int) -> None:
        blob = self._container.get_blob_client(partition_of(name))
        lease = BlobLeaseClient(blob, lease_id=lease_id)
        try:
            await lease.acquire(lease_duration=seconds)
        except ResourceNotFoundError:
            with suppress(ResourceExistsError):
                await blob.upload_blob(name.encode(), overwrite=False)
            await lease.acquire(lease_duration=seconds)

    def _held(self, lease: Lease) -> tuple[BlobLeaseClient, int]:
        lease_id, _, seconds = lease.token.partition("/")
        blob = self._container.get_blob_client(partition_of(lease.name))
        return BlobLeaseClient(blob, lease_id=lease_id), int(seconds)
