"""What the tests of careful questions share: somebody else who acts in Azure, and the control interface."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from emulator.address import Address

VERSION = "2025-08-01"
EXEMPTIONS = "2022-07-01-preview"
CONTOSO = "/providers/Microsoft.Management/managementGroups/mg-contoso/providers/Microsoft.Authorization"
PUBLIC_ACCESS, TLS, MIN_TLS = (
    "5e1de0e3-42cb-4ebc-a86d-61d0c619ca48",
    "c29c38cb-74a7-4505-9a06-e588ab86620a",
    "a43d5475-c569-45ce-a268-28fa79f4e87a",
)
"""The built-in definitions in Contoso's initiative."""


@dataclass(frozen=True, slots=True)
class AzureSide:
    """Azure as its other users and the test see it."""

    address: Address
    session: aiohttp.ClientSession

    async def act(
        self, who: str, method: str, path: str, body: Any = None, version: str = VERSION, correlation_id: str = ""
    ) -> int:
        """Somebody calls ARM; the status of the answer."""
        headers = {"Authorization": f"Bearer {await self._token(who)}"}
        if correlation_id:
            headers["x-ms-correlation-request-id"] = correlation_id
        url = f"{self.address.arm}{path}?api-version={version}"
        async with self.session.request(method, url, json=body, headers=headers) as answer:
            await answer.read()
            return answer.status

    async def control(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the control interface."""
        headers = {"X-Control-Secret": self.address.control_secret}
        url = f"{self.address.control}{path}"
        async with self.session.request(method, url, json=body, headers=headers) as answer:
            assert answer.status < 300, await answer.text()
            return await answer.json() if answer.status == 200 else None

    async def fault(self, path: str, **rule: Any) -> None:
        """Let calls of Holdfast on such a path suffer."""
        await self.control("POST", "/faults", {"calls": [{"path": path, "principal": "holdfast", **rule}]})

    async def calls(self) -> list[str]:
        """The operations Holdfast asked for, in order."""
        last: list[Mapping[str, str]] = (await self.control("GET", "/calls"))["last"]
        return [call["operation"] for call in last if call["principal"] == "holdfast"]

    async def exempt(self, scope: str, name: str, **properties: Any) -> int:
        """Ada, who may, exempts a scope from Contoso's assignment."""
        given = {"policyAssignmentId": f"{CONTOSO}/policyAssignments/contoso-postgres", "exemptionCategory": "Waiver"}
        path = f"{scope}/providers/Microsoft.Authorization/policyExemptions/{name}"
        return await self.act("ada", "PUT", path, {"properties": given | properties}, EXEMPTIONS)

    async def _token(self, who: str) -> str:
        headers = {"X-IDENTITY-HEADER": self.address.principals[who]["identity_header"]}
        query = {"api-version": "2019-08-01", "resource": "https://management.azure.com/"}
        async with self.session.get(self.address.identity_endpoint, params=query, headers=headers) as answer:
            return str((await answer.json())["access_token"])


@asynccontextmanager
async def azure_side(address: Address) -> AsyncIterator[AzureSide]:
    """Open a session to a running emulator."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=address.tls())) as session:
        yield AzureSide(address, session)
