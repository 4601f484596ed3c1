"""Records in the table, newest first, of one target or of all.

Entries live in their target's partition. The partition `records` lists, newest first, which target has which record;
a line is written before the entries are, so a crash leaves at most a line that leads to nothing.
"""

import asyncio
import sys
from collections.abc import Iterable
from itertools import batched, chain
from typing import Any

from azure.data.tables import UpdateMode
from azure.data.tables.aio import TableClient

from shared.journal import Entry
from shared.store.azure_rows import RECORDS, document_of, newest_first, partition_of, record_range
from shared.store.azure_tables import rows_between
from shared.store.documents import read

LIST = "records"
_AT_ONCE = 16
_REMEMBERED = 4096
_ALL = sys.maxsize
# Of no record a row was ever written whose key is longer: Azure takes 512 characters.
_LONGEST_KEY = 512


class Records:
    """Reads records, and keeps the list of them."""

    def __init__(self, table: TableClient) -> None:
        self._table = table
        self._listed: set[str] = set()

    async def enlist(self, target_id: str, entries: Iterable[Entry]) -> None:
        """Put the entries' records on the list, before the entries are written."""
        partition = partition_of(target_id)
        keys = {f"{newest_first(entry.record)}|{partition}": entry.record for entry in entries}
        new = [key for key in keys if key not in self._listed]
        lines = [{"PartitionKey": LIST, "RowKey": key, "record": keys[key], "partition": partition} for key in new]
        await asyncio.gather(*(self._table.upsert_entity(line, mode=UpdateMode.REPLACE) for line in lines))
        if len(self._listed) > _REMEMBERED:
            self._listed.clear()
        self._listed.update(new)

    async def of_target(self, target_id: str, limit: int) -> list[Entry]:
        """A target's entries, newest record first."""
        return await self._entries(partition_of(target_id), *RECORDS, limit)

    async def of_all(self, limit: int) -> list[Entry]:
        """The entries of all targets, newest record first."""
        lines = await first_rows(self._table, LIST, "", "~", limit)
        found: list[Entry] = []
        for some in batched(lines, _AT_ONCE, strict=False):
            records = await asyncio.gather(
                *(self._entries(line["partition"], *record_range(line["record"]), limit) for line in some)
            )
            found += [entry for entries in records for entry in entries]
            if len(found) >= limit:
                break
        return found[:limit]

    async def of_record(self, record: str) -> list[Entry]:
        """All entries of one record, in order; more than one target may have a part in it."""
        key = newest_first(record)
        if len(key) > _LONGEST_KEY:
            return []
        lines = await first_rows(self._table, LIST, f"{key}|", f"{key}}}", _ALL)
        parts = await asyncio.gather(*(self._entries(line["partition"], *record_range(record), _ALL) for line in lines))
        return sorted(chain.from_iterable(parts), key=lambda entry: entry.number)

    async def _entries(self, partition: str, start: str, end: str, limit: int) -> list[Entry]:
        rows = await first_rows(self._table, partition, start, end, limit)
        return [read(Entry, document_of(row)) for row in rows]


async def first_rows(table: TableClient, partition: str, start: str, end: str, limit: int) -> list[Any]:
    """The first `limit` rows of a range."""
    found: list[Any] = []
    if limit < 1:
        return found
    async for row in rows_between(table, partition, start, end, limit):
        found.append(row)
        if len(found) == limit:
            break
    return found
