"""A check's words, and what all checks may look at."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from shared.arm.client import Pipeline
from shared.control import Catalogue
from shared.policy import Policy
from shared.ports import Store
from shared.settings import Settings
from shared.target import Target


class Client(Pipeline, Protocol):
    """Azure Resource Manager, and what our token says of us."""

    async def claims(self) -> dict[str, Any]:
        """The token's claims. Raises Forbidden."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line. Without `found` all is well, and `wanted` says what holds; `mend` is a command."""

    check: str
    wanted: str
    found: str = ""
    mend: str = ""

    @property
    def well(self) -> bool:
        """Whether nothing is to be mended."""
        return not self.found

    def plain(self) -> Mapping[str, object]:
        """The same for programs."""
        return {"check": self.check, "well": self.well, "found": self.found, "wanted": self.wanted, "mend": self.mend}


@dataclass(frozen=True, slots=True)
class Patient:
    """What can be looked at. `identity` is the object id of the app's identity; empty: whoever asks is the app."""

    settings: Settings
    store: Store
    policy: Callable[[], Awaitable[Policy]]
    catalogue: Callable[[], Catalogue]
    servers: Callable[[], AsyncIterator[Target]]
    client: Callable[[], Client]
    at: datetime
    identity: str = ""


type Check = Callable[[Patient], Awaitable[list[Finding]]]
