"""Documents of the fleet in the table: one partition per collection, one row per document, its ETag the version.

The row key is the name with `.` for `/`, which no key may hold: `.` is in no name, and sorts where `/` sorts.
(learn.microsoft.com, "Understanding the Table service data model": the forbidden characters.)
"""

import secrets
from contextlib import suppress
from typing import Any

from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.data.tables import UpdateMode
from azure.data.tables.aio import TableClient

from shared.ports import Document
from shared.store.azure_records import first_rows
from shared.store.azure_rows import document_of, packed
from shared.store.documents import conflict, range_of


async def one(table: TableClient, name: str) -> Document | None:
    """The document, or None."""
    try:
        return _document(await table.get_entity(_partition(name), _key(name)))
    except ResourceNotFoundError:
        return None


async def some(table: TableClient, prefix: str, limit: int) -> list[Document]:
    """The first documents with the prefix, by name."""
    start, end = range_of(prefix)
    return [_document(row) for row in await first_rows(table, _partition(prefix), _key(start), _key(end), limit)]


async def write(table: TableClient, name: str, body: bytes, version: str) -> str:
    """Write it over the version, or make it; the new version."""
    stamp = secrets.token_hex(8)
    row = {"PartitionKey": _partition(name), "RowKey": _key(name), "stamp": stamp, **packed(body, f"document {name}")}
    try:
        return await _submit(table, row, version)
    except HttpResponseError as error:
        # 409 it is there already, 404 and 412 it is not the one that was read.
        if error.status_code not in ({404, 412} if version else {409}):
            raise
        return await _version_if_ours(table, name, version, stamp, error)


async def remove(table: TableClient, name: str) -> None:
    """Remove it, if it is there."""
    await table.delete_entity(_partition(name), _key(name))


async def _submit(table: TableClient, row: dict[str, Any], version: str) -> str:
    if not version:
        return str((await table.create_entity(row))["etag"])
    written = await table.update_entity(
        row, mode=UpdateMode.REPLACE, etag=version, match_condition=MatchConditions.IfNotModified
    )
    return str(written["etag"])


async def _version_if_ours(table: TableClient, name: str, version: str, stamp: str, error: HttpResponseError) -> str:
    # An answer that got lost makes the SDK send the write again: then the writer we lost against is ourselves.
    with suppress(ResourceNotFoundError):
        found = await table.get_entity(_partition(name), _key(name))
        if found["stamp"] == stamp:
            return str(found.metadata["etag"])
    raise conflict(name, version) from error


def _document(row: Any) -> Document:
    return Document(row["RowKey"].replace(".", "/"), document_of(row), row.metadata["etag"])


def _partition(name: str) -> str:
    return f"document|{name.partition('/')[0]}"


def _key(name: str) -> str:
    return name.replace("/", ".")
