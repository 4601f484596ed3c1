"""What key vaults tell Event Grid of their keys and rights.

The data is that of Microsoft's sample, with its odd names (`ObjectName ` with a blank) and its dates as texts. Whether
a date that is set within the last 30 days is told of at once is not documented; here it is.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from emulator.arm.store import Resource
from emulator.body import Body
from emulator.clock import Clock
from emulator.grid.happenings import GridEvent

_NEAR = timedelta(days=30)
_LONGEST_WAIT_SECONDS = 10 * 365 * 24 * 3600.0


class News:
    """The events of all vaults. While the fleet is being made nobody is told; `open` begins."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._publish: Callable[[GridEvent], None] | None = None

    def open(self, publish: Callable[[GridEvent], None], dated: Iterator[tuple[Resource, str, Resource]]) -> None:
        """Tell from now on; `dated` are the newest versions of all keys, whose dates are waited for."""
        self._publish = publish
        for vault, key, version in dated:
            self.dated(vault, key, version)

    def close(self) -> None:
        """Tell nobody any more."""
        self._publish = None

    def new_version(self, vault: Resource, key: str, version: Resource) -> None:
        """A key has a new version."""
        self._tell("KeyNewVersionCreated", vault, key, version)
        self.dated(vault, key, version)

    def rights_changed(self, vault: Resource) -> None:
        """Somebody changed the access policies of a vault, or whether it goes by them."""
        self._send("VaultAccessPolicyChanged", vault, vault.name, {"VaultName": vault.name, "ObjectType": "Vault"})

    def dated(self, vault: Resource, key: str, version: Resource) -> None:
        """Wait for the dates of a version."""
        expiry = version.properties["attributes"].get("exp")
        if expiry is None or self._publish is None:
            return
        at = datetime.fromtimestamp(expiry, UTC)
        self._later(at - _NEAR, expiry, lambda: self._tell("KeyNearExpiry", vault, key, version), version)
        self._later(at, expiry, lambda: self._tell("KeyExpired", vault, key, version), version)

    def _later(self, at: datetime, expiry: int, tell: Callable[[], None], version: Resource) -> None:
        def due() -> None:
            # the date may have been changed since
            if version.properties["attributes"].get("exp") == expiry:
                tell()

        seconds = max(0.0, (at - self._clock.now()).total_seconds())
        if seconds < _LONGEST_WAIT_SECONDS:
            self._clock.call_later(seconds, due)

    def _tell(self, what: str, vault: Resource, key: str, version: Resource) -> None:
        dates = {name.upper(): version.properties["attributes"].get(name) for name in ("nbf", "exp")}
        data: Body = {
            "Id": f"https://{vault.name.lower()}.vault.azure.net/keys/{key}/{version.name}",
            "VaultName": vault.name,
            "ObjectType": "Key",
            "ObjectName ": key,
            " Version": version.name,
            **{name: None if date is None else str(date) for name, date in dates.items()},
        }
        self._send(what, vault, key, data)

    def _send(self, what: str, vault: Resource, subject: str, data: Body) -> None:
        if self._publish is not None:
            self._publish(GridEvent(vault.id, subject, f"Microsoft.KeyVault.{what}", self._clock.now(), data, "1"))
