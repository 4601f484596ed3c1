"""Where a server's databases are, and as whom Holdfast knocks."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from shared.errors import BadSettings

# What Azure lets everybody in Entra connect to, and where it keeps its functions about Entra.
ADMINISTRATION = "postgres"
_PORT = 5432


@dataclass(frozen=True, slots=True)
class Door:
    """`host` is the name that the certificate has to have; `address` is where to connect, empty for what DNS says.

    `holdfast` is the role of Holdfast itself, which may be another than a person's who looks. `roots` is a file with
    the root certificates that count, empty for the public ones. `label` is what the server's own log calls the session.
    """

    host: str
    user: str
    holdfast: str
    database: str = ADMINISTRATION
    address: str = ""
    port: int = _PORT
    roots: str = ""
    label: str = "holdfast"

    def to(self, database: str) -> "Door":
        """The same for another database."""
        return replace(self, database=database or ADMINISTRATION)

    def __str__(self) -> str:
        return f"{self.database} on {self.host}"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Servers that are not where DNS says, by host name, and roots that are not public: for runs without Azure."""

    known: Mapping[str, tuple[str, int]]
    roots: str = ""

    @classmethod
    def read(cls, text: str, roots: str = "") -> "Addresses":
        """From `HOST=ADDRESS:PORT`, separated by commas. Raises BadSettings."""
        known = {}
        for item in filter(None, (part.strip() for part in text.split(","))):
            host, _, there = item.partition("=")
            address, _, port = there.rpartition(":")
            if not (host and address and port.isdecimal()):
                raise BadSettings(f"HOLDFAST_SQL_ADDRESSES: found {item[:80]!r}, wanted HOST=ADDRESS:PORT")
            known[host.lower()] = address, int(port)
        return cls(known, roots)

    def door(self, host: str, user: str, holdfast: str = "") -> Door:
        """The door of this server."""
        address, port = self.known.get(host.lower(), ("", _PORT))
        return Door(host, user, holdfast or user, address=address, port=port, roots=self.roots)

    def knows(self, host: str) -> bool:
        """Whether a setting says where this host is."""
        return host.lower() in self.known
