"""People and pipelines at work in the emulated Azure, through ARM's own REST interface."""

import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from cli.errors import CommandFailed
from shared.arm.layout import LAYOUTS
from shared.target import PROVIDER, Kind, Target, parse_target

_AUDIENCE, _VAULTS = "https://management.azure.com", "https://vault.azure.net"
_TYPES = ", ".join(f"'{PROVIDER}/{kind}'".lower() for kind in Kind)
_LIST = f"resources | where type in~ ({_TYPES}) | project id"


@dataclass(frozen=True, slots=True)
class Person:
    """A principal of the fleet, by its key there."""

    key: str


def _version(path: str) -> str:
    layout = LAYOUTS[parse_target(path).kind]
    return layout.reads_at or layout.api_version


class Azure:
    """A running emulator. `address` is its first line of output."""

    def __init__(self, address: Mapping[str, Any]) -> None:
        self.address = dict(address)
        self._tokens: dict[tuple[str, str], str] = {}
        self._session: aiohttp.ClientSession | None = None

    @asynccontextmanager
    async def connected(self) -> AsyncIterator["Azure"]:
        """Keep connections while the block runs."""
        trust = ssl.create_default_context(cafile=self.address["ca"])
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trust)) as session:
            self._session = session
            yield self

    async def call(self, person: Person, method: str, path: str, body: object = None, api_version: str = "") -> Any:
        """One ARM call in the person's name; the JSON answer. A server and what is below it need no api-version."""
        headers = {"Authorization": f"Bearer {await self._token(person)}"}
        url = f"{self.address['arm']}{path}?api-version={api_version or _version(path)}"
        async with self._open.request(method, url, json=body, headers=headers) as answer:
            found = await answer.json(content_type=None) if answer.content_length else {}
            if answer.status >= 300:
                raise CommandFailed(f"{person.key}: {method} {path}: {answer.status} {found}")
            return found

    async def vault_call(self, person: Person, method: str, path: str, body: object = None) -> Any:
        """One call of a key vault's data plane, by its path below the emulator: `/vaults/NAME/keys/KEY/rotate`."""
        headers = {"Authorization": f"Bearer {await self._token(person, _VAULTS)}"}
        url = f"{self.address['arm']}{path}?api-version=7.4"
        async with self._open.request(method, url, json=body, headers=headers) as answer:
            found = await answer.json(content_type=None)
            if answer.status >= 300:
                raise CommandFailed(f"{person.key}: {method} {path}: {answer.status} {found}")
            return found

    async def servers(self, person: Person) -> list[Target]:
        """Every server of the fleet."""
        body = {"query": _LIST, "options": {"resultFormat": "objectArray"}}
        path = "/providers/Microsoft.ResourceGraph/resources"
        found = await self.call(person, "POST", path, body, api_version="2024-04-01")
        return sorted(parse_target(row["id"]) for row in found["data"])

    async def control(self, method: str, path: str, body: object = None) -> Any:
        """One call of the emulator's control interface."""
        headers = {"X-Control-Secret": self.address["control_secret"]}
        url = f"{self.address['control']}{path}"
        async with self._open.request(method, url, json=body, headers=headers) as answer:
            if answer.status >= 300:
                raise CommandFailed(f"emulator: {method} {path}: {answer.status} {await answer.text()}")
            return await answer.json() if answer.content_type == "application/json" else None

    async def subscribe(self, endpoint: str) -> None:
        """Have Event Grid deliver everything to this webhook."""
        await self.control("POST", "/subscriptions", {"name": "holdfast", "endpoint": endpoint})

    async def export_alerts(self, endpoint: str, function_key: str) -> None:
        """Have Defender stream its alerts to this door of a local host, as continuous export does to an event hub."""
        await self.control("POST", "/hub", {"url": endpoint, "headers": {"x-functions-key": function_key}})

    async def raise_alert(self, target: Target, kind: str, **given: object) -> dict[str, Any]:
        """Have Defender raise an alert about a server: `BruteForce`, `SuspiciousIpAnomaly`, ...; the alert as Azure
        shows it, with the record that is streamed as `exported`. `given` is what differs from the usual one."""
        found: dict[str, Any] = await self.control("POST", "/alerts", {"server": target.id, "kind": kind, **given})
        return found

    async def _token(self, person: Person, audience: str = _AUDIENCE) -> str:
        if (person.key, audience) not in self._tokens:
            header = self.address["principals"][person.key]["identity_header"]
            url = f"{self.address['identity_endpoint']}?api-version=2019-08-01&resource={audience}"
            async with self._open.get(url, headers={"X-IDENTITY-HEADER": header}) as answer:
                self._tokens[person.key, audience] = (await answer.json())["access_token"]
        return self._tokens[person.key, audience]

    @property
    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise CommandFailed("not connected to the emulator")
        return self._session
