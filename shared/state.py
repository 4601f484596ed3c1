"""What Holdfast sees of a server: facets, and the settings in them.

A **facet** is what one ARM read gives. A **setting** is one value inside a facet that can be written on its own.
Reading, comparing, planning, undoing and simulating all speak of settings, so a plan is plain data:
this setting, from this value, to that value.
"""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache

from shared.target import Target

# A rule is judged many times in one pass, and fleets share few addresses.
_number = lru_cache(maxsize=8192)(lambda text: int(ipaddress.IPv4Address(text)))

type Value = str | Mapping[str, str] | None
"""A setting's value: text, a few named texts (a firewall rule's two addresses), or None for "does not exist"."""


class SettingKind(StrEnum):
    """Everything that can be written; the value is the path ARM uses below the server."""

    PUBLIC_ACCESS = "network.publicNetworkAccess"
    AUTHENTICATION = "authConfig"
    FIREWALL_RULE = "firewallRules"
    PARAMETER = "configurations"
    ADMINISTRATOR = "administrators"


@dataclass(frozen=True, slots=True, order=True)
class Setting:
    """One value that can be written on its own; `name` is empty where there is only one of its kind."""

    kind: SettingKind
    name: str = ""

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}" if self.name else self.kind.value

    @classmethod
    def parse(cls, text: str) -> "Setting":
        """The reverse of `str()`."""
        kind, _, name = text.partition("/")
        return cls(SettingKind(kind), name)

    @property
    def facet(self) -> "Facet":
        """The facet whose read shows this setting."""
        match self.kind:
            case SettingKind.PARAMETER:
                return Facet(FacetKind.PARAMETER, self.name)
            case SettingKind.FIREWALL_RULE:
                return Facet(FacetKind.FIREWALL_RULES)
            case SettingKind.ADMINISTRATOR:
                return Facet(FacetKind.ADMINISTRATORS)
            case SettingKind.PUBLIC_ACCESS | SettingKind.AUTHENTICATION:
                return Facet(FacetKind.SERVER)


class FacetKind(StrEnum):
    """The reads that exist."""

    SERVER = "server"
    FIREWALL_RULES = "firewallRules"
    PARAMETER = "configurations"
    ADMINISTRATORS = "administrators"


@dataclass(frozen=True, slots=True, order=True)
class Facet:
    """One ARM read; `name` is the parameter's name where the read is of one parameter."""

    kind: FacetKind
    name: str = ""

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}" if self.name else self.kind.value


SERVER = Facet(FacetKind.SERVER)
FIREWALL_RULES = Facet(FacetKind.FIREWALL_RULES)
ADMINISTRATORS = Facet(FacetKind.ADMINISTRATORS)


def parameter(name: str) -> Facet:
    """The facet of one server parameter."""
    return Facet(FacetKind.PARAMETER, name)


@dataclass(frozen=True, slots=True)
class Server:
    """The server resource, as far as controls judge it.

    `public_access` is None where the service reports none. `approved_endpoints` counts private endpoint connections
    in state Approved.
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
    """A server parameter. `pending_restart`: stored, but the running server still has the old value."""

    name: str
    value: str
    default: str = ""
    allowed: str = ""
    dynamic: bool = True
    read_only: bool = False
    pending_restart: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Administrator:
    """A Microsoft Entra administrator of the server; `object_id` names it in ARM."""

    object_id: str
    name: str
    principal_type: str
    tenant_id: str


@dataclass(frozen=True, slots=True)
class State:
    """What was read of a target. A facet that was not read is None; a parameter that the server lacks maps to None."""

    target: Target
    server: Server | None = None
    firewall_rules: tuple[FirewallRule, ...] | None = None
    parameters: Mapping[str, Parameter | None] = field(default_factory=dict)
    administrators: tuple[Administrator, ...] | None = None

    def settings(self) -> dict[Setting, Value]:
        """Every setting that was read, with its value."""
        found: dict[Setting, Value] = {}
        if self.server is not None:
            found |= _server_settings(self.server)
        for rule in self.firewall_rules or ():
            found[Setting(SettingKind.FIREWALL_RULE, rule.name)] = rule_value(rule.start, rule.end)
        for name, held in self.parameters.items():
            if held is not None:
                found[Setting(SettingKind.PARAMETER, name)] = held.value
        for admin in self.administrators or ():
            found[Setting(SettingKind.ADMINISTRATOR, admin.object_id)] = administrator_value(admin)
        return found

    def value(self, setting: Setting) -> Value:
        """The setting's value, None when it does not exist."""
        return self.settings().get(setting)

    def facets(self) -> frozenset[Facet]:
        """The facets that were read."""
        read = {parameter(name) for name in self.parameters}
        if self.server is not None:
            read.add(SERVER)
        if self.firewall_rules is not None:
            read.add(FIREWALL_RULES)
        if self.administrators is not None:
            read.add(ADMINISTRATORS)
        return frozenset(read)

    def with_value(self, setting: Setting, value: Value) -> "State":
        """The state as it would be after the setting was written; used to check a plan before anything is sent."""
        match setting.kind:
            case SettingKind.PUBLIC_ACCESS | SettingKind.AUTHENTICATION:
                return replace(self, server=_server_with(self.server, setting, value))
            case SettingKind.FIREWALL_RULE:
                return replace(self, firewall_rules=_rules_with(self.firewall_rules, setting.name, value))
            case SettingKind.PARAMETER:
                return replace(self, parameters=_parameters_with(self.parameters, setting.name, value))
            case SettingKind.ADMINISTRATOR:
                return replace(self, administrators=_administrators_with(self.administrators, setting.name, value))


def rule_value(start: str, end: str) -> dict[str, str]:
    """A firewall rule's value, in ARM's own property names."""
    return {"startIpAddress": start, "endIpAddress": end}


def administrator_value(admin: Administrator) -> dict[str, str]:
    """An administrator's value, in ARM's own property names."""
    return {"principalName": admin.name, "principalType": admin.principal_type, "tenantId": admin.tenant_id}


def authentication_value(entra: bool, password: bool, tenant_id: str) -> dict[str, str]:
    """The three members of authConfig, which are always sent together."""
    value = {"activeDirectoryAuth": _on(entra), "passwordAuth": _on(password)}
    return value | ({"tenantId": tenant_id} if tenant_id else {})


def _on(flag: bool) -> str:
    return "Enabled" if flag else "Disabled"


def _server_settings(server: Server) -> dict[Setting, Value]:
    found: dict[Setting, Value] = {
        Setting(SettingKind.AUTHENTICATION): authentication_value(
            server.entra_auth, server.password_auth, server.tenant_id
        )
    }
    if server.public_access is not None:
        found[Setting(SettingKind.PUBLIC_ACCESS)] = _on(server.public_access)
    return found


def _server_with(server: Server | None, setting: Setting, value: Value) -> Server | None:
    if server is None:
        return None
    if setting.kind is SettingKind.PUBLIC_ACCESS:
        return replace(server, public_access=value == "Enabled")
    members = value if isinstance(value, Mapping) else {}
    return replace(
        server,
        entra_auth=members.get("activeDirectoryAuth") == "Enabled",
        password_auth=members.get("passwordAuth") == "Enabled",
        tenant_id=members.get("tenantId", ""),
    )


def _rules_with(rules: tuple[FirewallRule, ...] | None, name: str, value: Value) -> tuple[FirewallRule, ...]:
    kept = [rule for rule in rules or () if rule.name != name]
    if isinstance(value, Mapping):
        kept.append(FirewallRule(name, value["startIpAddress"], value["endIpAddress"]))
    return tuple(sorted(kept))


def _parameters_with(
    parameters: Mapping[str, Parameter | None], name: str, value: Value
) -> dict[str, Parameter | None]:
    held = parameters.get(name) or Parameter(name, "")
    return {**parameters, name: replace(held, value=str(value), pending_restart=not held.dynamic)}


def _administrators_with(
    administrators: tuple[Administrator, ...] | None, object_id: str, value: Value
) -> tuple[Administrator, ...]:
    kept = [admin for admin in administrators or () if admin.object_id != object_id]
    if isinstance(value, Mapping):
        kept.append(Administrator(object_id, value["principalName"], value["principalType"], value.get("tenantId", "")))
    return tuple(sorted(kept))
