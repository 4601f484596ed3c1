"""What stands around servers through a bare client, each type with the api-version that it has."""

from dataclasses import dataclass
from typing import Any

from tests.emulator.arm_client import Answered, ArmClient

_VERSIONS = {
    "Microsoft.Authorization/locks": "2020-05-01",
    "Microsoft.Authorization/role": "2022-04-01",
    "Microsoft.DataProtection": "2025-07-01",
    "Microsoft.DBforPostgreSQL/flexibleServers": "2025-08-01",
    "Microsoft.DBforPostgreSQL/serverGroupsv2": "2022-11-08",
    "Microsoft.DBforPostgreSQL/servers/": "2017-12-01",
    "Microsoft.Insights/activityLogAlerts": "2020-10-01",
    "Microsoft.Insights/diagnosticSettings": "2021-05-01-preview",
    "Microsoft.Insights/metricAlerts": "2018-03-01",
    "Microsoft.KeyVault": "2023-07-01",
    "Microsoft.ManagedIdentity": "2023-01-31",
    "Microsoft.Network": "2024-05-01",
    "Microsoft.OperationalInsights": "2023-09-01",
    "Microsoft.Security/advancedThreatProtectionSettings": "2019-01-01",
    "Microsoft.Security/alertsSuppressionRules": "2019-01-01-preview",
    "Microsoft.Security/pricings": "2024-01-01",
    "Microsoft.Security/securityContacts": "2023-12-01-preview",
}


def version_of(path: str) -> str:
    """The api-version of the type that a path ends with."""
    last = path.partition("?")[0].rpartition("/providers/")[2]
    if "/privateEndpointConnections" in last and "/servers/" in last:
        return "2018-06-01"
    return next(version for kind, version in _VERSIONS.items() if f"{last}/".startswith(kind))


@dataclass(frozen=True, slots=True)
class AroundClient:
    """Speaks to ARM as one principal."""

    arm: ArmClient

    async def send(self, method: str, path: str, body: Any = None) -> Answered:
        """Send a request."""
        return await self.arm.send(method, path, body, version=version_of(path))

    async def get(self, path: str) -> Answered:
        """Send a GET."""
        return await self.send("GET", path)

    async def listed(self, path: str) -> list[Any]:
        """Return the items of a list."""
        answer = await self.get(path)
        assert answer.status == 200, answer
        found: list[Any] = answer.body["value"]
        return found

    async def names(self, path: str) -> list[str]:
        """Return the names of a list."""
        return [one["name"] for one in await self.listed(path)]

    async def filtered(self, path: str, text: str) -> Answered:
        """Send a GET of a list with a filter."""
        return await self.arm.send("GET", f"{path}?api-version={version_of(path)}&$filter={text}")

    async def put(self, path: str, properties: dict[str, Any], **more: Any) -> Answered:
        """Send a PUT of properties."""
        return await self.send("PUT", path, {"properties": properties, **more})

    async def patch(self, path: str, **properties: Any) -> Answered:
        """Send a PATCH of properties."""
        return await self.send("PATCH", path, {"properties": properties})

    async def delete(self, path: str) -> Answered:
        """Send a DELETE."""
        return await self.send("DELETE", path)
