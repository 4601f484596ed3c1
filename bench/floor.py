"""The floor: a bare aiohttp client that makes the calls of one fix and nothing else.

Read the rules, write the rule, look at the operation, read the rules again, publish one message.
"""

import asyncio
import json
import os
import ssl
import sys

import aiohttp

from bench.load import Result, measured
from bench.names import GOOD, server_id

_VERSION = {"api-version": "2025-08-01"}


async def run(events: int, at_once: int) -> Result:
    """Measure the floor against the running fake."""
    arm, control = os.environ["BENCH_ARM"], os.environ["BENCH_CONTROL"]
    trust = ssl.create_default_context(cafile=os.environ["SSL_CERT_FILE"])
    connector = aiohttp.TCPConnector(ssl=trust, limit=100)
    async with aiohttp.ClientSession(connector=connector) as session:
        async with session.get(f"{control}/msi/token?resource=arm") as answer:
            token = (await answer.json())["access_token"]
        session.headers["Authorization"] = f"Bearer {token}"

        async def handle(number: int) -> None:
            rules = f"{arm}{server_id(number)}/firewallRules"
            await _ask(session, "GET", rules)
            async with session.put(f"{rules}/app", params=_VERSION, json={"properties": GOOD}) as answer:
                await answer.read()
                operation = answer.headers["Azure-AsyncOperation"]
            async with session.get(operation) as answer:
                await answer.json()
            await _ask(session, "GET", rules)
            async with session.post(f"{arm}/topic/api/events", json=[{"id": str(number)}]) as answer:
                await answer.read()

        async def calls() -> int:
            async with session.get(f"{control}/_calls") as answer:
                return int((await answer.json())["calls"])

        await handle(events)
        await session.post(f"{control}/_drift")
        return await measured(handle, events, at_once, calls)


async def _ask(session: aiohttp.ClientSession, method: str, url: str) -> object:
    async with session.request(method, url, params=_VERSION) as answer:
        return await answer.json()


if __name__ == "__main__":
    print(json.dumps(asyncio.run(run(int(sys.argv[1]), int(sys.argv[2]))).as_json()))
