"""Dropping old records in the table: the entries first, then the line that leads to them.

The list of records sorts newest first, so what is old is one range at its end.
"""

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import batched
from typing import Any

from azure.core.exceptions import ResourceNotFoundError
from azure.data.tables import TableTransactionError
from azure.data.tables.aio import TableClient

from shared.journal import Entry, Notice, first_id
from shared.memory import Memory
from shared.ports import Pruned
from shared.store.azure_records import LIST, first_rows
from shared.store.azure_rows import MEMORY, NOTICES, document_of, newest_first, record_range
from shared.store.azure_tables import MOST_OPERATIONS, rows_between
from shared.store.documents import over_before, read

_AT_ONCE = 16


async def records(table: TableClient, before: datetime, now: datetime, limit: int, after: str) -> Pruned:
    """Remove old records that are not open. `after` is the key of a line."""
    # Ids that tell no time sort anywhere: those that look newer than tomorrow are looked at as well.
    newer, older = ("", newest_first(first_id(now + timedelta(days=1)))), (newest_first(first_id(before)), "~")
    # No key holds what sorts before `!`: this is the next one.
    behind = f"{after}!" if after else ""
    lines: list[Any] = []
    for start, end in (newer, older):
        lines += await first_rows(table, LIST, max(start, behind), end, limit - len(lines))
    partitions = {line["partition"] for line in lines}
    opened: dict[str, frozenset[str]] = {}
    for some in batched(sorted(partitions), _AT_ONCE, strict=False):
        opened |= dict(zip(some, await asyncio.gather(*(_open_records(table, one) for one in some)), strict=True))
    candidates = [line for line in lines if line["record"] not in opened[line["partition"]]]
    removed = 0
    for batch in batched(candidates, _AT_ONCE, strict=False):
        removed += sum(await asyncio.gather(*(_drop(table, line, before) for line in batch)))
    return Pruned(removed, lines[-1]["RowKey"] if len(lines) == limit else "")


async def _open_records(table: TableClient, partition: str) -> frozenset[str]:
    told_of = [read(Notice, document_of(row)).report.record async for row in rows_between(table, partition, *NOTICES)]
    try:
        memory = read(Memory, document_of(await table.get_entity(partition, MEMORY)))
    except ResourceNotFoundError:
        return frozenset(told_of)
    return memory.open_records | frozenset(told_of)


async def _drop(table: TableClient, line: Any, before: datetime) -> bool:
    rows = [row async for row in rows_between(table, line["partition"], *record_range(line["record"]))]
    if not over_before((read(Entry, document_of(row)) for row in rows), before):
        return False
    for some in batched(rows, MOST_OPERATIONS, strict=False):
        try:
            await table.submit_transaction(_deletions(some))
        except TableTransactionError as error:
            # Somebody else drops the same record, and sees to the rest.
            if error.status_code != 404:
                raise
            return False
    await table.delete_entity(LIST, line["RowKey"])
    return True


def _deletions(rows: Iterable[Any]) -> list[tuple[str, dict[str, Any]]]:
    return [("delete", {"PartitionKey": row["PartitionKey"], "RowKey": row["RowKey"]}) for row in rows]
