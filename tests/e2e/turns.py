"""Whether servers still wait for their turn in a sweep, as the queue shows it."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from typing import Any

from azure.storage.queue.aio import QueueClient

from shared.ports import SWEEP_QUEUE

# What is left for 330 s in case a worker dies is the fleet's own message, no server's.
_SERVERS = "SELECT count(*) FROM queue_messages WHERE queue = ? AND body LIKE '%/providers/%'"


async def turns_wait(line: Mapping[str, Any]) -> bool:
    """In a file the messages that are being handled count too; in a storage account only those that are to be seen."""
    if line.get("storage"):
        async with QueueClient.from_connection_string(line["storage"], SWEEP_QUEUE) as queue:
            return bool(await queue.peek_messages())
    with closing(sqlite3.connect(line["store"].removeprefix("sqlite:"), timeout=5)) as connection:
        (waiting,) = connection.execute(_SERVERS, (SWEEP_QUEUE,)).fetchone()
    return bool(waiting)
