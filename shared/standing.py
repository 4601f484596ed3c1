"""Keeping standing orders: one document of the store, changed by compare-and-swap, read before every write.

It is small, and one read brings all of it: the kill switch has to work within seconds, also in the middle of a pass.
"""

from collections.abc import Callable

from shared.errors import Conflict
from shared.journal import encode
from shared.orders import Orders
from shared.ports import Document, Store, read_document

_NAME = "orders"
_ATTEMPTS = 20


async def orders_of(store: Store) -> Orders:
    """All standing orders. Raises StoreUnavailable: then nothing may be written."""
    return _read(await store.document(_NAME))


async def change_orders(store: Store, change: Callable[[Orders], Orders]) -> Orders:
    """Change the orders as they are at this moment, and return them. Raises what `change` raises, and Conflict."""
    for _ in range(_ATTEMPTS):
        document = await store.document(_NAME)
        before = _read(document)
        after = change(before)
        if after == before:
            return before
        try:
            await store.write_document(_NAME, encode(after), document.version if document else "")
        except Conflict:
            continue
        return after
    raise Conflict("the standing orders are being changed by too many at once; try again")


def _read(document: Document | None) -> Orders:
    return read_document(Orders, document) if document else Orders()
