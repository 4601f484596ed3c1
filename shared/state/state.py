"""What was read of a server, as settings that can be compared, planned and simulated."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from shared.errors import Stop
from shared.state.inside import texts_with, value_of
from shared.state.things import Administrator, FirewallRule, Parameter, Server
from shared.state.vocabulary import (
    ADMINISTRATORS,
    COLLECTIONS,
    FIREWALL_RULES,
    INSIDE,
    NEIGHBOURS,
    ORIGINAL,
    PIECEWISE,
    RUNNING,
    SERVER,
    STOPPED,
    WORKERS,
    Facet,
    FacetKind,
    Setting,
    SettingKind,
    Value,
    kind_of,
    parameter,
)
from shared.target import Kind, Target

# The server's own properties that can be written, in the words of all kinds of server. What is not here is a fact.
PROPERTIES = frozenset(
    {
        "backup.retentionDays",
        "highAvailability.mode",
        "storage.autoGrow",
        "tls.enforcement",
        "tls.minimumVersion",
    }
)
_KEY_MEMBERS = ("serverKeyType", "uri")
_STANDS_STILL = ("stopped", "stopping")
# Objects whose members are sent together, so that each is one setting: its value are the members that can be written.
OBJECTS = {
    "dataEncryption": (
        "type",
        "primaryKeyURI",
        "primaryUserAssignedIdentityId",
        "geoBackupKeyURI",
        "geoBackupUserAssignedIdentityId",
    ),
    "identity": ("type", "userAssignedIdentities"),
    "maintenanceWindow": ("customWindow", "dayOfWeek", "startHour", "startMinute"),
}


@dataclass(frozen=True, slots=True)
class State:
    """What was read of a target. A facet that was not read is None; a parameter that the server lacks maps to None.

    `children` holds every other facet that was read: its resources by name, each as named texts. `at` is when it was
    read, where that is known. `recalled` are the last known good values: what is gone has no other name. `ourselves`
    are our own ids in Entra, known where role assignments were read. `unread` are neighbours that Azure does not show
    us, and what is in a database that does not let us in, with the reason: only what looks at them is blind.
    `guarded` are the names of the parameters that the policy's controls are about.
    """

    target: Target
    server: Server | None = None
    firewall_rules: tuple[FirewallRule, ...] | None = None
    parameters: Mapping[str, Parameter | None] = field(default_factory=dict)
    administrators: tuple[Administrator, ...] | None = None
    children: Mapping[FacetKind, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    at: datetime | None = field(default=None, compare=False)
    recalled: Mapping[Setting, Value] = field(default_factory=dict, compare=False)
    ourselves: frozenset[str] = field(default=frozenset(), compare=False)
    unread: Mapping[Facet, Stop] = field(default_factory=dict, compare=False)
    guarded: frozenset[str] = field(default=frozenset(), compare=False)
    original: "State | None" = field(default=None, compare=False)
    withheld: Mapping[Setting, str] = field(default_factory=dict, compare=False)
    # What judges have found in it, kept by them: judging is pure, and one look asks them several times.
    judged: dict[int, tuple[object, object]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def settings(self) -> dict[Setting, Value]:
        """Every setting that was read, with its value."""
        found: dict[Setting, Value] = {}
        if self.server is not None:
            found |= _server_settings(self.server, self.target.kind)
        for rule in self.firewall_rules or ():
            found[Setting(SettingKind.FIREWALL_RULE, rule.name)] = rule_value(rule.start, rule.end)
        for name, held in self.parameters.items():
            if held is not None:
                found[Setting(SettingKind.PARAMETER, name)] = held.value
        for admin in self.administrators or ():
            found[Setting(SettingKind.ADMINISTRATOR, admin.object_id)] = administrator_value(admin)
        for key in self.children.get(FacetKind.SERVER_KEYS, {}).values():
            found[Setting(SettingKind.SERVER_KEY)] = {name: key.get(name, "") for name in _KEY_MEMBERS}
        for facet, things in self.children.items():
            found |= _thing_settings(facet, things)
        return found

    def value(self, setting: Setting) -> Value:
        """The setting's value, None when it does not exist."""
        if setting.kind is SettingKind.TAG:
            # Tags are nobody's configuration, so they are no part of `settings`.
            return _tag(self.server, setting.name)
        if setting.kind is SettingKind.PARAMETER:
            held = self.parameters.get(setting.name)
            return held.value if held is not None else None
        if setting.kind is SettingKind.NEIGHBOUR or setting.kind in COLLECTIONS:
            # A state may hold thousands of things; one is asked for.
            neighbour = setting.kind is SettingKind.NEIGHBOUR
            facet, name = setting.neighbour[:2] if neighbour else (COLLECTIONS[setting.kind], setting.name)
            thing = self.children.get(facet, {}).get(name)
            return None if thing is None else _thing_settings(facet, {name: thing}).get(setting)
        return self.settings().get(setting)

    def remembered(self, facet: FacetKind) -> list[tuple[Setting, Mapping[str, str]]]:
        """The resources of the facet that stood there when all was well, in order, each with its texts."""
        settings = sorted(setting for setting in self.recalled if setting.facet.kind is facet)
        pairs = ((setting, self.recalled[setting]) for setting in settings)
        return [(setting, value) for setting, value in pairs if isinstance(value, Mapping)]

    def facets(self) -> frozenset[Facet]:
        """The facets that were read."""
        read = {parameter(name) for name in self.parameters}
        if self.server is not None:
            read.add(SERVER)
        if self.firewall_rules is not None:
            read.add(FIREWALL_RULES)
        if self.administrators is not None:
            read.add(ADMINISTRATORS)
        if self.original is not None:
            read.add(ORIGINAL)
        return frozenset(read | {Facet(kind) for kind in self.children})

    def with_value(self, setting: Setting, value: Value) -> "State":
        """The state as it would be after the setting was written; used to check a plan before anything is sent."""
        match setting.kind:
            case _ if setting.on_server:
                return replace(self, server=_server_with(self.server, setting, value))
            case SettingKind.FIREWALL_RULE:
                return replace(self, firewall_rules=_rules_with(self.firewall_rules, setting.name, value))
            case SettingKind.PARAMETER:
                return replace(self, parameters=_parameters_with(self.parameters, setting.name, value))
            case SettingKind.ADMINISTRATOR:
                others = () if self._replaces_the_only_one(value) else self.administrators
                return replace(self, administrators=_administrators_with(others, setting.name, value))
            case SettingKind.SERVER_KEY:
                keys = {str(value["uri"]): value} if isinstance(value, Mapping) else {}
                return replace(self, children={**self.children, FacetKind.SERVER_KEYS: keys})
            case SettingKind.NEIGHBOUR:
                return replace(self, children=_neighbours_with(self.children, setting, value))
            case _:
                return replace(self, children=_children_with(self.children, setting, value))

    def _replaces_the_only_one(self, value: Value) -> bool:
        """Whether writing this administrator takes the place of another: a single server has one at most."""
        return self.target.kind is Kind.SINGLE and value is not None


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


def _tag(server: Server | None, name: str) -> str | None:
    """Azure compares names of tags without regard to case."""
    tags = server.tags if server is not None else {}
    return next((text for tag, text in tags.items() if tag.lower() == name.lower()), None)


def _server_settings(server: Server, kind: Kind) -> dict[Setting, Value]:
    found: dict[Setting, Value] = {}
    if kind is not Kind.SINGLE:
        # There Entra is on as long as there is an administrator, passwords always are, and nobody can stop one.
        found[Setting(SettingKind.AUTHENTICATION)] = authentication_value(
            server.entra_auth, server.password_auth, server.tenant_id
        )
        found[Setting(SettingKind.POWER)] = STOPPED if server.state.lower() in _STANDS_STILL else RUNNING
    if server.public_access is not None:
        found[Setting(SettingKind.PUBLIC_ACCESS)] = _on(server.public_access)
    if server.worker_access is not None:
        found[Setting(SettingKind.PUBLIC_ACCESS, WORKERS)] = _on(server.worker_access)
    for name in PROPERTIES & server.facts.keys():
        found[Setting(SettingKind.PROPERTY, name)] = server.facts[name]
    for name, members in OBJECTS.items():
        value = {one: server.facts[f"{name}.{one}"] for one in members if f"{name}.{one}" in server.facts}
        if value:
            found[Setting(SettingKind.PROPERTY, name)] = value
    return found


def _server_with(server: Server | None, setting: Setting, value: Value) -> Server | None:
    if server is None:
        return None
    if setting == Setting(SettingKind.PUBLIC_ACCESS, WORKERS):
        return replace(server, worker_access=value == "Enabled")
    if setting.kind is SettingKind.PUBLIC_ACCESS:
        return replace(server, public_access=value == "Enabled")
    if setting.kind is SettingKind.POWER:
        return replace(server, state="Stopped" if value == STOPPED else "Ready")
    if setting.kind is SettingKind.TAG:
        kept = {tag: text for tag, text in server.tags.items() if tag.lower() != setting.name.lower()}
        return replace(server, tags=kept if value is None else {**kept, setting.name: str(value)})
    if setting.kind is SettingKind.PROPERTY:
        return replace(server, facts=_facts_with(server.facts, setting.name, value))
    if setting.kind is SettingKind.REPLICATION:
        return replace(server, facts=_without_source(server.facts))
    members = value if isinstance(value, Mapping) else {}
    return replace(
        server,
        entra_auth=members.get("activeDirectoryAuth") == "Enabled",
        password_auth=members.get("passwordAuth") == "Enabled",
        tenant_id=members.get("tenantId", ""),
    )


def _facts_with(facts: Mapping[str, str], name: str, value: Value) -> dict[str, str]:
    written = {name, *(f"{name}.{one}" for one in OBJECTS.get(name, ()))}
    kept = {other: text for other, text in facts.items() if other not in written}
    if isinstance(value, Mapping):
        return kept | {f"{name}.{one}": text for one, text in value.items()}
    return kept if value is None else {**kept, name: value}


def _without_source(facts: Mapping[str, str]) -> dict[str, str]:
    """The facts of a server that follows nobody any more."""
    gone = ("replica.", "replicationRole", "sourceServerResourceId", "masterServerId", "sourceResourceId")
    return {name: text for name, text in facts.items() if not name.startswith(gone)}


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


def _children_with(
    children: Mapping[FacetKind, Mapping[str, Mapping[str, str]]], setting: Setting, value: Value
) -> dict[FacetKind, Mapping[str, Mapping[str, str]]]:
    facet = COLLECTIONS[setting.kind]
    found = children.get(facet, {})
    kept = {name: thing for name, thing in found.items() if name != setting.name}
    if setting.kind in INSIDE and value is not None:
        kept[setting.name] = texts_with(setting.kind, found.get(setting.name, {}), value)
    elif isinstance(value, Mapping):
        kept[setting.name] = value
    return {**children, facet: dict(sorted(kept.items()))}


def _thing_settings(facet: FacetKind, things: Mapping[str, Mapping[str, str]]) -> dict[Setting, Value]:
    kind = kind_of(facet)
    if kind is not None:
        # What is inherited is written elsewhere; a subscription may have thousands of role assignments.
        found: dict[Setting, Value] = {
            Setting(kind, name): value_of(kind, thing) if kind in INSIDE else thing for name, thing in things.items()
        }
        return {setting: value for setting, value in found.items() if not setting.inherited}
    if facet not in NEIGHBOURS:
        return {}
    if facet not in PIECEWISE:
        return {Setting.outside(facet, name): texts for name, texts in things.items()}
    return {
        Setting.outside(facet, name, member): text for name, texts in things.items() for member, text in texts.items()
    }


def _neighbours_with(
    children: Mapping[FacetKind, Mapping[str, Mapping[str, str]]], setting: Setting, value: Value
) -> dict[FacetKind, Mapping[str, Mapping[str, str]]]:
    facet, name, member = setting.neighbour
    kept = {other: thing for other, thing in children.get(facet, {}).items() if other != name}
    if member:
        texts = {other: text for other, text in children.get(facet, {}).get(name, {}).items() if other != member}
        kept[name] = texts | ({member: str(value)} if value is not None else {})
    elif isinstance(value, Mapping):
        kept[name] = value
    return {**children, facet: dict(sorted(kept.items()))}
