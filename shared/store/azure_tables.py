"""What is kept of targets, in the table: memory, triggers, outbox. A commit is one entity-group transaction.

The transaction is fenced by the memory row: its ETag is the version that the writer has read.
(learn.microsoft.com, "Performing entity group transactions": 100 rows of one partition, 4 MiB.)
"""

import secrets
from collections.abc import AsyncIterator
from contextlib import suppress
from itertools import batched
from typing import Any

from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.data.tables import TableTransactionError, UpdateMode
from azure.data.tables.aio import TableClient

from shared.errors import LeaseLost, StoreUnavailable
from shared.journal import Entry, Notice, Trigger, encode
from shared.memory import Memory
from shared.ports import Commit, Dossier
from shared.store.azure_rows import (
    DOSSIER,
    MEMORY,
    Row,
    document_of,
    document_row,
    entry_row,
    notice_key,
    partition_of,
    trigger_key,
)
from shared.store.documents import in_outbox_order, oldest_first, read

type _Operation = tuple[str, dict[str, Any], dict[str, Any]]

MOST_OPERATIONS = 100
_REPLACE = {"mode": UpdateMode.REPLACE}


async def remember(table: TableClient, trigger: Trigger) -> None:
    """Keep a trigger, once."""
    with suppress(ResourceExistsError):
        await table.create_entity(document_row(trigger.target, trigger_key(trigger.id), encode(trigger)))


async def load(table: TableClient, target_id: str) -> Dossier:
    """All about a target but its records."""
    memory, version = Memory(), ""
    triggers: list[Trigger] = []
    outbox: list[Notice] = []
    async for row in rows_between(table, partition_of(target_id), *DOSSIER):
        key, document = row["RowKey"], document_of(row)
        if key == MEMORY:
            memory, version = read(Memory, document), row.metadata["etag"]
        elif key.startswith("dossier|trigger|"):
            triggers.append(read(Trigger, document))
        else:
            outbox.append(read(Notice, document))
    return Dossier(memory, version, oldest_first(triggers), in_outbox_order(outbox))


async def commit(table: TableClient, target_id: str, version: str, work: Commit) -> str:
    """Apply a commit: memory, entries and notices at once, with as many handled triggers as fit; the rest follows."""
    stamp = secrets.token_hex(8)
    core = [_memory_operation(target_id, version, work.memory, stamp), *_additions(target_id, work)]
    if len(core) > MOST_OPERATIONS:
        raise StoreUnavailable(
            f"{target_id}: a commit of {len(core) - 1} entries and notices, at most {MOST_OPERATIONS - 1} fit"
        )
    deletions = _deletions(target_id, work.handled)
    room = MOST_OPERATIONS - len(core)
    new_version = await _submit_fenced(table, core, deletions[:room], stamp)
    for some in batched(deletions[room:], MOST_OPERATIONS, strict=False):
        await _submit(table, [], list(some))
    return new_version


async def update_notice(table: TableClient, target_id: str, notice: Notice) -> None:
    """Replace a notice that still waits."""
    row = document_row(target_id, notice_key(notice.id), encode(notice))
    with suppress(ResourceNotFoundError):
        await table.update_entity(row, mode=UpdateMode.REPLACE)


async def finish_notice(table: TableClient, target_id: str, notice: Notice, entry: Entry) -> None:
    """Move a notice from the outbox to the record; only once."""
    removal = {"PartitionKey": partition_of(target_id), "RowKey": notice_key(notice.id)}
    try:
        await table.submit_transaction([("delete", removal), ("upsert", entry_row(target_id, entry), _REPLACE)])
    except TableTransactionError as error:
        if not (error.status_code == 404 and error.index == 0):
            raise


def rows_between(table: TableClient, partition: str, start: str, end: str, page: int = 1000) -> AsyncIterator[Any]:
    """The rows of a partition from `start` up to but without `end`, `page` at a time."""
    return table.query_entities(
        "PartitionKey eq @partition and RowKey ge @start and RowKey lt @end",
        parameters={"partition": partition, "start": start, "end": end},
        results_per_page=max(1, min(page, 1000)),
    )


def _memory_operation(target_id: str, version: str, memory: Memory, stamp: str) -> _Operation:
    row = document_row(target_id, MEMORY, encode(memory)) | {"stamp": stamp}
    if not version:
        return "create", row, {}
    return "update", row, _REPLACE | {"etag": version, "match_condition": MatchConditions.IfNotModified}


def _additions(target_id: str, work: Commit) -> list[_Operation]:
    rows = [document_row(target_id, notice_key(notice.id), encode(notice)) for notice in work.notices]
    rows += [entry_row(target_id, entry) for entry in work.entries]
    # A row may appear only once in a transaction.
    return [("upsert", row, _REPLACE) for row in {row["RowKey"]: row for row in rows}.values()]


def _deletions(target_id: str, handled: tuple[str, ...]) -> list[_Operation]:
    partition = partition_of(target_id)
    return [
        ("delete", {"PartitionKey": partition, "RowKey": trigger_key(trigger_id)}, {})
        for trigger_id in dict.fromkeys(handled)
    ]


async def _submit_fenced(table: TableClient, core: list[_Operation], deletions: list[_Operation], stamp: str) -> str:
    try:
        return await _submit(table, core, deletions)
    except TableTransactionError as error:
        if error.index != 0 or error.status_code not in {404, 409, 412}:
            raise
        return await _version_if_ours(table, core[0][1], stamp, error)


async def _submit(table: TableClient, core: list[_Operation], deletions: list[_Operation]) -> str:
    """Submit both; a trigger that is not there any more needs no deletion. The ETag of the first row."""
    left = list(deletions)
    while core or left:
        try:
            return str((await table.submit_transaction([*core, *left]))[0].get("etag", ""))
        except TableTransactionError as error:
            if error.status_code != 404 or error.index < len(core):
                raise
            del left[error.index - len(core)]
    return ""


async def _version_if_ours(table: TableClient, memory: Row, stamp: str, error: HttpResponseError) -> str:
    # An answer that got lost makes the SDK send the transaction again: then the writer we lost against is ourselves.
    with suppress(ResourceNotFoundError):
        found = await table.get_entity(memory["PartitionKey"], MEMORY)
        if found["stamp"] == stamp:
            return str(found.metadata["etag"])
    raise LeaseLost(f"{memory['target']}: another worker has written since the dossier was read") from error
