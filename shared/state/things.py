"""What a facet's read gives, as controls judge it."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

# A rule is judged many times in one pass, and fleets share few addresses.
_number = lru_cache(maxsize=8192)(lambda text: int(ipaddress.IPv4Address(text)))


@dataclass(frozen=True, slots=True)
class Server:
    """The server resource, as far as controls judge it.

    `public_access` is None where the service reports none; of a Citus cluster it is the coordinator's, and
    `worker_access` that of its workers. `approved_endpoints` counts private endpoint connections in state Approved.
    `facts` are all other properties as text, by name: `backup.retentionDays`, `sku.name`; lists are JSON. Those that
    can be written are settings of kind PROPERTY, members of `OBJECTS` together.
    """

    public_access: bool | None
    virtual_network: bool
    approved_endpoints: int
    entra_auth: bool
    password_auth: bool
    tenant_id: str
    state: str = "Ready"
    version: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    worker_access: bool | None = None

    @property
    def closed(self) -> bool:
        """Whether nothing of it has a public endpoint, so that its firewall rules are not in force."""
        return self.public_access is False and not self.worker_access


@dataclass(frozen=True, slots=True, order=True)
class FirewallRule:
    """An IPv4 range that may connect, both ends included."""

    name: str
    start: str
    end: str

    @property
    def first(self) -> int:
        """The start address as a number."""
        return _number(self.start)

    @property
    def last(self) -> int:
        """The end address as a number."""
        return _number(self.end)

    @property
    def size(self) -> int:
        """How many addresses the rule admits; 0.0.0.0 alone is Azure's own traffic, counted as one."""
        return max(0, self.last - self.first + 1)

    @property
    def azure_services(self) -> bool:
        """Whether this is "Allow access to Azure services": not a range but all of Azure, other tenants included."""
        return self.start == self.end == "0.0.0.0"  # noqa: S104 - an address in a rule, not a bind


@dataclass(frozen=True, slots=True)
class Parameter:
    """A server parameter. `pending_restart`: stored, but the running server still has the old value. `chosen`: somebody
    set it, it is not what the service gave."""

    name: str
    value: str
    default: str = ""
    allowed: str = ""
    dynamic: bool = True
    read_only: bool = False
    pending_restart: bool = False
    chosen: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Administrator:
    """A Microsoft Entra administrator of the server; `object_id` names it in ARM."""

    object_id: str
    name: str
    principal_type: str
    tenant_id: str
