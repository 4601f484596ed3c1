"""The store in an Azure storage account: a table, three queues, and blob leases.

Nothing spans the three services in one transaction, so the order is the guarantee: first what must not be lost,
then the wake-up. Whoever is interrupted in between has not finished handling its own message, which comes back.
"""

import asyncio
import math
from collections.abc import Callable
from datetime import datetime

from shared.journal import DeadLetter, Entry, Notice, Trigger, now
from shared.ports import DELIVER_QUEUE, RECONCILE_QUEUE, SWEEP_QUEUE, Commit, Document, Dossier, Lease, Pruned
from shared.store import azure_documents, azure_letters, azure_prune, azure_tables, azure_version
from shared.store.azure_clients import AzureClients, AzureSettings, answering
from shared.store.azure_leases import AzureLeases
from shared.store.azure_records import Records
from shared.store.documents import allowed_delay, checked_name, checked_prefix, wake_message
from shared.target import Subject, Target

_FOR_EVER = -1


class AzureStore:
    """`Store` in a storage account. `prefix` (lower-case letters and digits) keeps several stores in one account.

    Tables, queues and container are made by the first call. `clock` says when our own leases end, and what is old.
    """

    def __init__(self, settings: AzureSettings, prefix: str = "", clock: Callable[[], datetime] = now) -> None:
        self._clients, self._clock = AzureClients(settings, prefix), clock
        self._table = self._clients.table
        self._leases = AzureLeases(self._clients.leases, clock)
        self._records = Records(self._table)

    @answering()
    async def remember(self, trigger: Trigger) -> None:
        """Keep the trigger, then wake its target."""
        await self._clients.ready()
        await azure_tables.remember(self._table, trigger)
        await self._send(RECONCILE_QUEUE, trigger.target)

    @answering()
    async def keep(self, trigger: Trigger) -> None:
        """Keep the trigger."""
        await self._clients.ready()
        await azure_tables.remember(self._table, trigger)

    @answering()
    async def wake_sweep(self, target: Subject, after_seconds: float = 0) -> None:
        """Have the sweep look at the target."""
        await self._clients.ready()
        await self._send(SWEEP_QUEUE, target.id, after_seconds)

    @answering()
    async def wake(self, target: Target, after_seconds: float = 0) -> None:
        """Have the target looked at."""
        await self._clients.ready()
        await self._send(RECONCILE_QUEUE, target.id, after_seconds)

    @answering()
    async def wake_delivery(self, target: Subject, after_seconds: float = 0) -> None:
        """Have the target's outbox emptied."""
        await self._clients.ready()
        await self._send(DELIVER_QUEUE, target.id, after_seconds)

    @answering()
    async def acquire(self, name: str, seconds: float) -> Lease | None:
        """Take the lease, or None."""
        await self._clients.ready()
        return await self._leases.acquire(name, seconds)

    @answering()
    async def renew(self, lease: Lease) -> Lease:
        """Prolong the lease."""
        return await self._leases.renew(lease)

    @answering()
    async def release(self, lease: Lease) -> None:
        """Give the lease back."""
        await self._leases.release(lease)

    @answering()
    async def load(self, target: Subject) -> Dossier:
        """Read the target's present."""
        await self._clients.ready()
        return await azure_tables.load(self._table, target.id)

    @answering()
    async def commit(self, target: Subject, version: str, commit: Commit) -> str:
        """Apply the commit, then wake the delivery for its notices."""
        await self._clients.ready()
        await self._records.enlist(target.id, commit.entries)
        new_version = await azure_tables.commit(self._table, target.id, version, commit)
        if commit.notices:
            await self._send(DELIVER_QUEUE, target.id)
        return new_version

    @answering()
    async def update_notice(self, target: Subject, notice: Notice) -> None:
        """Replace a waiting notice."""
        await self._clients.ready()
        await azure_tables.update_notice(self._table, target.id, notice)

    @answering()
    async def finish_notice(self, target: Subject, notice: Notice, entry: Entry) -> None:
        """Move a notice from the outbox to the record; only once."""
        await self._clients.ready()
        await self._records.enlist(target.id, [entry])
        await azure_tables.finish_notice(self._table, target.id, notice, entry)

    @answering()
    async def document(self, name: str) -> Document | None:
        """Read a document of the fleet."""
        await self._clients.ready()
        return await azure_documents.one(self._table, checked_name(name))

    @answering()
    async def documents(self, prefix: str, limit: int = 1000) -> list[Document]:
        """List a collection, or a part of it."""
        await self._clients.ready()
        return await azure_documents.some(self._table, checked_prefix(prefix), limit)

    @answering()
    async def write_document(self, name: str, body: bytes, version: str = "") -> str:
        """Compare and swap."""
        await self._clients.ready()
        return await azure_documents.write(self._table, checked_name(name), body, version)

    @answering()
    async def remove_document(self, name: str) -> None:
        """Remove a document."""
        await self._clients.ready()
        await azure_documents.remove(self._table, checked_name(name))

    @answering()
    async def record(self, record: str) -> list[Entry]:
        """One record."""
        await self._clients.ready()
        return await self._records.of_record(record)

    @answering()
    async def history(self, target: Subject | None = None, limit: int = 100) -> list[Entry]:
        """Record entries."""
        await self._clients.ready()
        if target is None:
            return await self._records.of_all(limit)
        return await self._records.of_target(target.id, limit)

    @answering()
    async def prune_records(self, before: datetime, limit: int, after: str = "") -> Pruned:
        """Drop old records that are not open."""
        await self._clients.ready()
        return await azure_prune.records(self._table, before, self._clock(), limit, after)

    @answering()
    async def prune_letters(self, before: datetime, limit: int) -> int:
        """Drop old dead letters."""
        await self._clients.ready()
        return await azure_letters.prune(self._table, before, limit)

    @answering()
    async def bury(self, letter: DeadLetter) -> None:
        """Keep a dead letter."""
        await self._clients.ready()
        await azure_letters.bury(self._table, letter)

    @answering()
    async def dead_letters(self, limit: int = 100) -> list[DeadLetter]:
        """The dead letters."""
        await self._clients.ready()
        return await azure_letters.newest(self._table, limit)

    @answering()
    async def unbury(self, letter_id: str) -> None:
        """Remove a dead letter."""
        await self._clients.ready()
        await azure_letters.remove(self._table, letter_id)

    @answering()
    async def ping(self) -> None:
        """Write a row, ask the queues and the container, and see that the store may still be used."""
        await self._clients.ready()
        await asyncio.gather(
            azure_version.settle(self._table),
            self._table.upsert_entity({"PartitionKey": "ping", "RowKey": "ping"}),
            self._clients.leases.get_container_properties(),
            *(queue.get_queue_properties() for queue in self._clients.queues.values()),
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._clients.close()

    async def _send(self, queue: str, target_id: str, after_seconds: float = 0) -> None:
        await self._clients.queues[queue].send_message(
            wake_message(target_id),
            visibility_timeout=math.ceil(allowed_delay(after_seconds)),
            time_to_live=_FOR_EVER,
        )
