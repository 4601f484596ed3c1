"""Citus clusters through a bare client."""

from dataclasses import dataclass
from typing import Any

from tests.emulator.arm_client import Answered, ArmClient

STABLE, PREVIEW = "2022-11-08", "2023-03-02-preview"


@dataclass(frozen=True, slots=True)
class CitusClient:
    """Speaks to clusters as one principal, with one api-version."""

    arm: ArmClient
    version: str = STABLE

    async def send(self, method: str, path: str, body: Any = None) -> Answered:
        """Send a request."""
        return await self.arm.send(method, path, body, version=self.version)

    async def get(self, path: str) -> Answered:
        """Send a GET."""
        return await self.send("GET", path)

    async def put(self, path: str, properties: dict[str, Any], **more: Any) -> Answered:
        """Send a PUT of properties."""
        return await self.send("PUT", path, {"properties": properties, **more})

    async def patch(self, path: str, **properties: Any) -> Answered:
        """Send a PATCH of properties."""
        return await self.send("PATCH", path, {"properties": properties})
