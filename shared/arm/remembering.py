"""The same question asked once: for who reads many servers in a row, around which stand the same things.

A subscription's Defender plan, its alerts, a vault or a workspace would otherwise be read anew for each server.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.arm.client import Answer, Call, Pipeline
from shared.errors import Retry

# What was read says when; a minute is as exact as anybody needs it of what stands outside.
_FRESH = timedelta(minutes=1)
_MANY = 500


@dataclass(frozen=True, slots=True)
class _Asked:
    until: datetime
    answer: asyncio.Future[Answer]


class Remembering:
    """A client for reads. An answer counts for a minute, a refusal too; what may be otherwise soon is asked again."""

    def __init__(self, client: Pipeline, clock: Callable[[], datetime]) -> None:
        self._client, self._clock = client, clock
        self._asked: dict[str, _Asked] = {}

    async def send(self, call: Call) -> Answer:
        """Send one request, or give the answer to the same one."""
        return await self._once(f"{call.method} {call.address} {call.body}", lambda: self._client.send(call))

    async def follow(self, url: str, call: Call) -> Answer:
        """The same for an address that ARM itself gave us."""
        return await self._once(url, lambda: self._client.follow(url, call))

    async def _once(self, key: str, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        asked = self._asked.get(key)
        if asked is None or self._clock() >= asked.until:
            self._forget()
            asked = self._asked[key] = _Asked(self._clock() + _FRESH, asyncio.ensure_future(ask()))
            asked.answer.add_done_callback(_heard)
        try:
            # One who gives up waiting must not take the answer from the others.
            return await asyncio.shield(asked.answer)
        except Retry:
            if self._asked.get(key) is asked:
                del self._asked[key]
            raise

    def _forget(self) -> None:
        if len(self._asked) >= _MANY:
            at = self._clock()
            self._asked = {key: one for key, one in self._asked.items() if at < one.until}


def _heard(answer: asyncio.Future[Answer]) -> None:
    """Whoever waits hears of a failure; that nobody waits any more is none."""
    if not answer.cancelled():
        answer.exception()
