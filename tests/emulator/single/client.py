"""Single servers through a bare client, each path with the api-version that it has."""

from dataclasses import dataclass
from typing import Any

from tests.emulator.arm_client import Answered, ArmClient

_VERSIONS = {"keys": "2020-01-01", "privateEndpointConnections": "2018-06-01", "privateLinkResources": "2018-06-01"}


def version_of(path: str) -> str:
    """The api-version of a path under a single server."""
    kind = next((word for word in _VERSIONS if f"/{word}" in path), "")
    return _VERSIONS.get(kind, "2017-12-01")


@dataclass(frozen=True, slots=True)
class SingleClient:
    """Speaks to single servers as one principal."""

    arm: ArmClient

    async def send(self, method: str, path: str, body: Any = None) -> Answered:
        """Send a request."""
        return await self.arm.send(method, path, body, version=version_of(path))

    async def get(self, path: str) -> Answered:
        """Send a GET."""
        return await self.send("GET", path)

    async def put(self, path: str, properties: dict[str, Any], **more: Any) -> Answered:
        """Send a PUT of properties."""
        return await self.send("PUT", path, {"properties": properties, **more})

    async def patch(self, path: str, **body: Any) -> Answered:
        """Send a PATCH."""
        return await self.send("PATCH", path, body)
