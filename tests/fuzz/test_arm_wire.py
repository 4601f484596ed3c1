"""Azure's answers as bytes: whatever status, headers and body come, the client answers or fails in our own words, and
goes nowhere else."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import cached_property

import pytest
import trustme
from azure.core.credentials import AccessToken
from hypothesis import strategies as st

from shared.arm.client import ArmClient, Call
from shared.errors import HoldfastError
from tests.fuzz.amount import law
from tests.fuzz.hostile import anything, as_bytes, mutated, text
from tests.fuzz.log import nobody_forges_a_line

CALL = Call("GET", "/subscriptions/s", "2024-01-01", "x/read", "/subscriptions/s")
ERROR = {"error": {"code": "ServerIsBusy", "message": "wait"}}
NAMES = ["Retry-After", "Location", "WWW-Authenticate", "Content-Type", "Content-Encoding", "Transfer-Encoding"]
VALUES = text | st.sampled_from(
    [
        "gzip",
        "chunked",
        "nan",
        "-1",
        "1e400",
        "https://evil.example/",
        'Bearer claims="e30=", error="insufficient_claims"',
    ]
)
HEADERS = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=2)
STATUSES = st.sampled_from([200, 201, 202, 204, 301, 302, 307, 308, 400, 401, 403, 404, 408, 409, 429, 500, 503, 999])


class Credential:
    """Gives a token that nobody accepts."""

    async def get_token(self, *scopes: str, **options: object) -> AccessToken:
        return AccessToken("secret-token", 2**40)

    async def close(self) -> None:
        pass


@dataclass
class Wire:
    """A server that sends exactly these bytes and hangs up."""

    sent: bytes = b""
    asked: int = 0
    address: str = ""

    @cached_property
    def tls(self) -> tuple[ssl.SSLContext, ssl.SSLContext]:
        authority = trustme.CA()
        server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
        authority.issue_cert("localhost").configure_cert(server)
        authority.configure_trust(client)
        return server, client

    @asynccontextmanager
    async def client(self) -> AsyncIterator[ArmClient]:
        server = await asyncio.start_server(self._answer, "localhost", 0, ssl=self.tls[0])
        self.address = f"https://localhost:{server.sockets[0].getsockname()[1]}"
        client = ArmClient(self.address, "https://arm", Credential(), self.tls[1])  # type: ignore[arg-type]
        try:
            yield client
        finally:
            await client.close()
            server.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.asked += 1
        writer.write(self.sent)
        writer.close()


WIRE = Wire()


@pytest.mark.filterwarnings("ignore")  # what aiohttp says about a connection that broke off is its own affair
@law("ARM on the wire", 2, STATUSES, HEADERS, as_bytes(mutated(ERROR) | anything), st.integers(0, 100))
def test_any_bytes_are_answered_in_our_own_words(status: int, headers: dict[str, str], body: bytes, cut: int) -> None:
    lines = [f"HTTP/1.1 {status} X", *(f"{name}: {value}" for name, value in headers.items()), "Connection: close"]
    WIRE.sent = "\r\n".join(lines).encode("utf-8", "replace") + b"\r\n\r\n" + body[: cut * 100]
    WIRE.asked = 0

    async def run() -> None:
        async with asyncio.timeout(30), WIRE.client() as client:
            with suppress(HoldfastError):
                json.dumps((await client.send(CALL)).body)

    with nobody_forges_a_line():
        asyncio.run(run())
    assert WIRE.asked <= 2
