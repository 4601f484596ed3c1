"""Waiting for what other processes do: as short as it takes, and never for ever."""

import asyncio
from collections.abc import Awaitable, Callable

PATIENCE_SECONDS = 60.0


async def until[T](look: Callable[[], Awaitable[T]], what: str, seconds: float = PATIENCE_SECONDS) -> T:
    """What `look` finds, as soon as it finds something."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not (found := await look()):
        assert asyncio.get_running_loop().time() < deadline, f"waited {seconds:g} s in vain: {what}"
        await asyncio.sleep(0.01)
    return found
