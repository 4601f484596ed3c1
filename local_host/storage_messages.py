"""Reading what Storage sends: messages, their base64, and its errors."""

import base64
import contextlib
from collections.abc import AsyncIterator
from datetime import datetime

from azure.core.exceptions import AzureError, HttpResponseError
from azure.storage.queue import QueueMessage as StoredMessage

from local_host.errors import QueueUnavailable
from shared.store.sqlite_queue import QueueMessage

_TAKEN_OVER = frozenset({"MessageNotFound", "PopReceiptMismatch"})


def decoded(content: str) -> str | None:
    try:
        return base64.b64decode(content, validate=True).decode()
    except ValueError:
        return None


def read_message(queue: str, stored: StoredMessage, body: str) -> QueueMessage:
    return QueueMessage(
        queue=queue,
        id=str(stored.id),
        body=body,
        dequeue_count=stored.dequeue_count or 0,
        inserted_at=epoch(stored.inserted_on),
        visible_at=epoch(stored.next_visible_on),
        expires_at=epoch(stored.expires_on),
        pop_receipt=str(stored.pop_receipt),
    )


def epoch(moment: datetime | None) -> float:
    return 0.0 if moment is None else moment.timestamp()


def raise_unless_taken_over(error: HttpResponseError) -> None:
    if getattr(error, "error_code", None) not in _TAKEN_OVER:
        raise error


@contextlib.asynccontextmanager
async def translated(queue: str) -> AsyncIterator[None]:
    try:
        yield
    except AzureError as error:
        raise QueueUnavailable(f"{queue}: {error}") from error
