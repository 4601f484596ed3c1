"""The real parts: the app's own, with the person's sign-in, and never with an effect on which policy is in force."""

from typing import TYPE_CHECKING

from cli.connection import Connection
from cli.whoami import person_at
from remediators import load_all
from shared.journal import Actor
from shared.parts import Parts
from shared.settings import Settings

if TYPE_CHECKING:
    from shared.arm.client import ArmClient
    from shared.arm.security_alerts import SecurityAlerts
    from shared.control import Catalogue
    from shared.engine import Engine
    from shared.policy import Policy
    from shared.ports import Arm, Store


class RealParts:
    """What the settings of the connection name."""

    def __init__(self, connection: Connection, settings: Settings) -> None:
        self._connection, self._settings = connection, settings
        self._parts = Parts(settings, load_all, adopts=False)

    @property
    def settings(self) -> Settings:
        """Where things are."""
        return self._settings

    @property
    def client(self) -> "ArmClient":
        """Azure Resource Manager itself, in the person's name."""
        return self._parts.client

    @property
    def store(self) -> "Store":
        """The store."""
        return self._parts.store

    @property
    def arm(self) -> "Arm":
        """Azure, in the person's name."""
        return self._parts.arm

    @property
    def alerts(self) -> "SecurityAlerts":
        """Defender's alerts, in the person's name."""
        return self._parts.alerts

    async def subscriptions(self) -> tuple[str, ...]:
        """The subscriptions of the fleet."""
        return await self._parts.subscriptions()

    @property
    def catalogue(self) -> "Catalogue":
        """Every control."""
        return self._parts.catalogue

    @property
    def engine(self) -> "Engine":
        """What looks at servers."""
        return self._parts.engine

    async def policy(self) -> "Policy":
        """The policy in force."""
        return await self._parts.policies.current()

    async def person(self) -> Actor:
        """Who sits at the terminal."""
        return await person_at(self._connection, self._settings, self._parts)

    async def close(self) -> None:
        """Let go of what was opened."""
        await self._parts.close()
