"""Which client for ARM? The calls of one fix through each candidate: import, first event, CPU, throughput.

`python -m bench.clients` prints the table of docs/decisions/0001. The official SDK waits for the operation itself.
"""

import argparse
import asyncio
import json
import os
import ssl
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

from bench.load import measured
from bench.names import GOOD, server_id, subscription

type Handle = Callable[[int], Awaitable[None]]
_CANDIDATES = ("aiohttp", "pipeline", "sdk")


class _Token:
    """A credential that always has its token."""

    async def get_token(self, *_: str, **__: Any) -> Any:
        from azure.core.credentials import AccessToken

        return AccessToken("h.e30.s", int(time.time()) + 86400)

    async def close(self) -> None:
        """Nothing is open."""

    async def __aenter__(self) -> "_Token":
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing is open."""


async def aiohttp(stack: AsyncExitStack) -> Handle:
    """Bare aiohttp."""
    import aiohttp as library

    session = await stack.enter_async_context(
        library.ClientSession(connector=library.TCPConnector(ssl=_trust()), headers={"Authorization": "Bearer x"})
    )

    async def handle(number: int) -> None:
        rules = f"{os.environ['BENCH_ARM']}{server_id(number)}/firewallRules"
        version = {"api-version": "2025-08-01"}
        async with session.get(rules, params=version) as answer:
            await answer.json()
        async with session.put(f"{rules}/app", params=version, json={"properties": GOOD}) as answer:
            await answer.read()
            operation = answer.headers["Azure-AsyncOperation"]
        async with session.get(operation) as answer:
            await answer.json()
        async with session.get(rules, params=version) as answer:
            await answer.json()

    return handle


async def pipeline(stack: AsyncExitStack) -> Handle:
    """Holdfast's own: azure-core's pipeline with few policies."""
    from shared.arm.azure import AzureArm
    from shared.arm.client import ArmClient
    from shared.control import Change, Source
    from shared.state import FIREWALL_RULES, Setting, SettingKind
    from shared.target import parse_target

    arm = AzureArm(ArmClient(os.environ["BENCH_ARM"], "https://management.azure.com", _Token(), _trust()))
    stack.push_async_callback(arm.close)
    change = Change(Setting(SettingKind.FIREWALL_RULE, "app"), None, GOOD, Source.POLICY)

    async def handle(number: int) -> None:
        target = parse_target(server_id(number))
        await arm.observe(target, {FIREWALL_RULES})
        accepted = await arm.write(target, (change,), "00000000-0000-0000-0000-000000000000")
        await arm.progress(accepted.operation)
        await arm.observe(target, {FIREWALL_RULES})

    return handle


async def sdk(stack: AsyncExitStack) -> Handle:
    """The official management SDK, asyncio."""
    from azure.mgmt.postgresqlflexibleservers.aio import PostgreSQLManagementClient
    from azure.mgmt.postgresqlflexibleservers.models import FirewallRule, FirewallRuleProperties

    client = await stack.enter_async_context(
        PostgreSQLManagementClient(_Token(), subscription(0), base_url=os.environ["BENCH_ARM"], polling_interval=0)
    )
    rule = FirewallRule(
        properties=FirewallRuleProperties(start_ip_address=GOOD["startIpAddress"], end_ip_address=GOOD["endIpAddress"])
    )

    async def handle(number: int) -> None:
        group, name = f"rg-{number % 7}", f"pg-{number:05d}"
        [each async for each in client.firewall_rules.list_by_server(group, name)]
        poller = await client.firewall_rules.begin_create_or_update(group, name, "app", rule)
        await poller.result()
        [each async for each in client.firewall_rules.list_by_server(group, name)]

    return handle


def _trust() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=os.environ["SSL_CERT_FILE"])


async def _child(name: str, events: int, at_once: int) -> None:
    async with AsyncExitStack() as stack:
        handle = await globals()[name](stack)
        await handle(0)
        first = time.process_time() * 1000

        async def no_calls() -> int:
            return 0

        result = await measured(handle, events, at_once, no_calls)
    print(json.dumps({"first": first, **result.as_json()}))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--child", nargs=3)
    given = parser.parse_args()
    if given.child:
        asyncio.run(_child(given.child[0], int(given.child[1]), int(given.child[2])))
        return
    print("| client | CPU to first event done, ms | CPU per event, ms | events/s at 64, 40 ms ARM | peak memory, MB |")
    print("|---|---|---|---|---|")
    for name in _CANDIDATES:
        alone, many = _run(name, 200, 1, 0), _run(name, 960, 64, 40)
        figures = f"{alone['first']:.0f} | {alone['cpu_ms']:.2f} | {many['per_second']:.0f} | {many['rss_mb']:.0f}"
        print(f"| {name} | {figures} |")


def _run(name: str, events: int, at_once: int, latency_ms: int) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.fake_arm", f"--latency-ms={latency_ms}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as fake:
        try:
            address = json.loads(fake.stdout.readline())  # type: ignore[union-attr]  # PIPE was asked for
            environment = {**os.environ, "BENCH_ARM": address["arm"], "SSL_CERT_FILE": address["ca"]}
            command = [sys.executable, "-m", "bench.clients", "--child", name, str(events), str(at_once)]
            ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
            if ran.returncode:
                raise SystemExit(ran.stderr[-3000:])
            found: dict[str, float] = json.loads(ran.stdout)
            return found
        finally:
            fake.terminate()


if __name__ == "__main__":
    main()
