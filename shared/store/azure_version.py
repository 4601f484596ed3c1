"""The store's version in the table: read when a process first uses the store, and by every health check."""

from azure.data.tables.aio import TableClient

from shared.errors import Conflict
from shared.store import azure_documents, version


async def settle(table: TableClient) -> None:
    """Say our version where the store says an older one, or none. Raises StoreUnavailable where it needs a newer
    Holdfast."""
    for _ in range(2):
        found = await azure_documents.one(table, version.DOCUMENT)
        if not version.must_be_told(found.body if found else None, table.table_name):
            return
        try:
            await azure_documents.write(table, version.DOCUMENT, version.current(), found.version if found else "")
        except Conflict:
            # Somebody else was faster; they may be newer.
            continue
        return
