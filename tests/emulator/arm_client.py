"""A bare client of the emulator: a token of one principal, one session, answers as they come."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp

from emulator.address import Address

PRODUCTION = "/subscriptions/9c1d7e42-0b5f-4d38-8a66-1f2e3d4c5b6a"
STAGING = "/subscriptions/2e7a9b10-6c3d-4e5f-b1a2-7d8c9e0f1a2b"
_SERVERS = "providers/Microsoft.DBforPostgreSQL/flexibleServers"
CLOSED = f"{PRODUCTION}/resourceGroups/rg-payments/{_SERVERS}/pg-payments"
INJECTED = f"{PRODUCTION}/resourceGroups/rg-payments/{_SERVERS}/pg-ledger"
OPEN = f"{PRODUCTION}/resourceGroups/rg-partners/{_SERVERS}/pg-partners"
MIXED = f"{STAGING}/resourceGroups/rg-staging/{_SERVERS}/pg-crm-staging"
OLD = f"{STAGING}/resourceGroups/rg-staging/{_SERVERS}/pg-archive"
VERSION = "2025-08-01"
RULE = {"properties": {"startIpAddress": "192.0.2.1", "endIpAddress": "192.0.2.9"}}


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back."""

    status: int
    body: Any
    headers: dict[str, str]

    @property
    def code(self) -> str:
        """The error code."""
        return str(self.body["error"]["code"])

    @property
    def properties(self) -> dict[str, Any]:
        """The resource's properties."""
        found: dict[str, Any] = self.body["properties"]
        return found


class ArmClient:
    """Speaks to ARM as one principal."""

    def __init__(self, session: aiohttp.ClientSession, address: Address, token: str) -> None:
        self._session = session
        self._address = address
        self.headers = {"Authorization": f"Bearer {token}"}

    async def send(self, method: str, path: str, body: Any = None, version: str = VERSION, **headers: str) -> Answered:
        """Send a request; a whole address, and a path with a query, is taken as it is."""
        url = path if path.startswith("https://") else f"{self._address.arm}{path}"
        url += "" if "?" in url else f"?api-version={version}"
        sent = self.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        async with self._session.request(method, url, json=body, headers=sent) as response:
            raw = await response.read()
            answer = await response.json() if raw else None
            return Answered(response.status, answer, dict(response.headers))

    async def get(self, path: str, version: str = VERSION) -> Answered:
        """Send a GET."""
        return await self.send("GET", path, version=version)

    async def put(self, path: str, body: Any) -> Answered:
        """Send a PUT."""
        return await self.send("PUT", path, body)

    async def patch(self, path: str, body: Any) -> Answered:
        """Send a PATCH."""
        return await self.send("PATCH", path, body)

    async def delete(self, path: str) -> Answered:
        """Send a DELETE."""
        return await self.send("DELETE", path)

    async def public_access(self, server: str) -> str:
        """Return the server's publicNetworkAccess."""
        return str((await self.get(server)).properties["network"]["publicNetworkAccess"])


class ControlClient:
    """Speaks to the control API."""

    def __init__(self, session: aiohttp.ClientSession, address: Address) -> None:
        self._session = session
        self._address = address
        self.headers = {"X-Control-Secret": address.control_secret}

    async def send(self, method: str, path: str, body: Any = None) -> Answered:
        """Send a request."""
        url = f"{self._address.control}{path}"
        async with self._session.request(method, url, json=body, headers=self.headers) as response:
            raw = await response.read()
            answer = await response.json() if raw else None
            return Answered(response.status, answer, dict(response.headers))

    async def fault(self, **rule: Any) -> None:
        """Put one fault for calls in force."""
        assert (await self.send("POST", "/faults", {"calls": [rule]})).status == 204

    async def event_fault(self, **rule: Any) -> None:
        """Put one fault for events in force."""
        assert (await self.send("POST", "/faults", {"events": [rule]})).status == 204


@dataclass(frozen=True, slots=True)
class Bench:
    """A running emulator and a session that trusts it."""

    address: Address
    session: aiohttp.ClientSession

    async def token(self, principal: str, resource: str = "https://management.azure.com/") -> str:
        """Return a token of a principal."""
        headers = {"X-IDENTITY-HEADER": self.address.principals[principal]["identity_header"]}
        query = {"api-version": "2019-08-01", "resource": resource}
        async with self.session.get(self.address.identity_endpoint, params=query, headers=headers) as response:
            return str((await response.json())["access_token"])

    async def arm(self, principal: str = "dana") -> ArmClient:
        """Return a client that speaks as a principal."""
        return ArmClient(self.session, self.address, await self.token(principal))

    @property
    def control(self) -> ControlClient:
        """A client of the control API."""
        return ControlClient(self.session, self.address)


@contextlib.asynccontextmanager
async def bench_at(address: Address) -> AsyncIterator[Bench]:
    """Open a session to a running emulator."""
    connector = aiohttp.TCPConnector(ssl=address.tls())
    async with aiohttp.ClientSession(connector=connector) as session:
        yield Bench(address, session)
