"""The fleet that is swept, and the Azure that refuses whom asks too much."""

import asyncio
from ssl import create_default_context

import aiohttp
import pytest

from bench.children import fake_azure
from bench.names import server_id, subscription
from bench.sweep import live, policy
from remediators import load_all
from shared.policy_file import load_policy_texts


def test_live_events_come_from_many_subscriptions() -> None:
    servers = live(10_000)

    assert len({subscription(number) for number in servers}) == len(servers) == 250


def test_every_control_is_on() -> None:
    found = load_policy_texts({"policy.yaml": policy().encode()}, catalogue=load_all())

    assert all(found.possible(remediator.control) for remediator in load_all().values())


@pytest.mark.e2e
async def test_the_fake_azure_refuses_too_many_reads_in_one_subscription_and_none_in_the_next() -> None:
    with fake_azure(0, "--limits") as azure:
        environment = azure.environment()
        trust = create_default_context(cafile=environment["SSL_CERT_FILE"])
        connector = aiohttp.TCPConnector(ssl=trust, limit=20)
        async with aiohttp.ClientSession(environment["BENCH_ARM"], connector=connector) as session:

            async def read(number: int) -> int:
                async with session.get(server_id(number)) as answer:
                    return answer.status

            assert 429 in await asyncio.gather(*(read(0) for _ in range(1000)))
            assert await read(20) == 200
        assert azure.counts()["refused"] >= 1
