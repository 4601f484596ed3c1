"""Microsoft's own SDKs, pointed at the emulator."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from azure.core.pipeline.transport import AioHttpTransport
from azure.identity.aio import ManagedIdentityCredential

from tests.emulator.arm_client import PRODUCTION, Bench


@contextlib.asynccontextmanager
async def sdk_client[C: contextlib.AbstractAsyncContextManager[Any]](
    make: Callable[..., C], bench: Bench, monkeypatch: pytest.MonkeyPatch, principal: str = "pipeline"
) -> AsyncIterator[C]:
    """Open a client of an SDK that speaks to the emulator as a principal."""
    for name, value in bench.address.environment(principal).items():
        monkeypatch.setenv(name, value)
    transport = AioHttpTransport(connection_verify=bench.address.ca)
    async with ManagedIdentityCredential() as credential:
        client = make(
            credential,
            PRODUCTION.rpartition("/")[2],
            base_url=bench.address.arm,
            credential_scopes=["https://management.azure.com/.default"],
            polling_interval=0.01,
            transport=transport,
        )
        async with client:
            yield client
    await asyncio.sleep(0)  # lets aiohttp close its connections
