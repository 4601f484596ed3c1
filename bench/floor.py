"""The floor: a bare aiohttp client that makes the same calls and nothing else.

    python -m bench.floor SERVERS AT_ONCE

The pass asks what Holdfast was seen to ask of one server (BENCH_ASKED), at once, 64 servers at a time. An event is:
read the rules, write the rule, look at the operation, read the rules again, publish one message.
"""

import asyncio
import json
import os
import ssl
import sys
from typing import Any

import aiohttp

from bench.load import Pass, Result, first_done, measured
from bench.names import GOOD, server_id

_VERSION = {"api-version": "2025-08-01"}
_AT_ONCE = 64


class Floor:
    """The bare client."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session
        self._arm, self._control = os.environ["BENCH_ARM"], os.environ["BENCH_CONTROL"]
        self._asked: list[str] = json.loads(os.environ.get("BENCH_ASKED", "[]"))

    async def sign_in(self) -> None:
        """Fetch a token."""
        found = await self._get(f"{self._control}/msi/token?resource=arm")
        self._session.headers["Authorization"] = f"Bearer {found['access_token']}"

    async def mend(self, number: int) -> None:
        """The calls of one event."""
        rules = f"{self._arm}{server_id(number)}/firewallRules"
        await self._get(rules)
        async with self._session.put(f"{rules}/app", params=_VERSION, json={"properties": GOOD}) as answer:
            await answer.read()
            operation = answer.headers["Azure-AsyncOperation"]
        await self._get(operation)
        await self._get(rules)
        async with self._session.post(f"{self._arm}/topic/api/events", json=[{"id": str(number)}]) as answer:
            await answer.read()

    async def look(self, number: int) -> None:
        """The calls of one look."""
        asked = [path.replace(server_id(0), server_id(number)) for path in self._asked]
        await asyncio.gather(*(self._get(self._arm + path) for path in asked))

    async def calls(self) -> int:
        """How many calls the fake Azure has counted."""
        return int((await self._get(f"{self._control}/_calls"))["calls"])

    async def all_open(self) -> None:
        """Have every server opened, and the count begin."""
        async with self._session.post(f"{self._control}/_drift") as answer:
            answer.raise_for_status()

    async def _get(self, url: str) -> dict[str, Any]:
        async with self._session.get(url, params=None if "?" in url else _VERSION) as answer:
            found: dict[str, Any] = await answer.json()
            return found


async def run(servers: int, at_once: int) -> tuple[Pass | None, Result]:
    """Measure the floor against the running fake."""
    trust = ssl.create_default_context(cafile=os.environ["SSL_CERT_FILE"])
    connector = aiohttp.TCPConnector(ssl=trust, limit=100)
    async with aiohttp.ClientSession(connector=connector) as session:
        floor = Floor(session)
        await floor.sign_in()
        await floor.mend(servers)
        first, looked = first_done(), None
        if os.environ.get("BENCH_ASKED"):
            await floor.all_open()
            done = await measured(floor.look, servers, _AT_ONCE, floor.calls)
            looked = Pass(servers, done.per_second, done.cpu_ms, done.arm_calls, done.rss_mb)
        await floor.all_open()
        return looked, await measured(floor.mend, servers, at_once, floor.calls, first)


if __name__ == "__main__":
    found, events = asyncio.run(run(int(sys.argv[1]), int(sys.argv[2])))
    print(json.dumps({"pass": found.as_json() if found else None, "events": events.as_json()}))
