"""diagnostic-settings-logs, diagnostic-settings-metrics, diagnostic-settings-destination: what is logged, and where to.

Why      What is not sent away cannot be looked at after an incident, and what is sent elsewhere is read by others.
Fix      Put the diagnostic setting back as it was; else add what is missing to one that sends to the workspace, or
         make one named `holdfast`. What a setting sends already stays. A sink that the policy does not name is taken
         out; a setting that has no other is deleted, and a person approves that.
Refuses  When neither a setting nor the policy names a workspace. Destinations are not applicable without a list in the
         policy.
Undo     Write the setting as it was.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from shared.condition import objects_of
from shared.control import (
    Control,
    Disposition,
    Drift,
    Finding,
    NotApplicable,
    Parameters,
    Remediator,
    Severity,
)
from shared.references import ResourceId
from shared.state import Facet, FacetKind, Setting, SettingKind, State
from shared.target import Kind

type Texts = Mapping[str, str]
type Entry = Mapping[str, object]

_DOMAIN = "Logging & Monitoring / Service Monitoring"
_FACETS = (Facet(FacetKind.DIAGNOSTIC_SETTINGS),)
_WRITES = frozenset({"Microsoft.Insights/diagnosticSettings/write", "Microsoft.Insights/diagnosticSettings/delete"})
_OPERATIONS = frozenset(operation.lower() for operation in _WRITES)
_OURS = "holdfast"
# Azure Monitor's resource log categories. One setting cannot name both categories and groups of them.
_CATEGORIES = {
    Kind.FLEXIBLE: (
        "PostgreSQLLogs",
        "PostgreSQLFlexSessions",
        "PostgreSQLFlexQueryStoreRuntime",
        "PostgreSQLFlexQueryStoreWaitStats",
        "PostgreSQLQueryStoreSqlText",
        "PostgreSQLFlexTableStats",
        "PostgreSQLFlexDatabaseXacts",
        "PostgreSQLFlexPGBouncer",
    ),
    Kind.SINGLE: ("PostgreSQLLogs", "QueryStoreRuntimeStatistics", "QueryStoreWaitStatistics"),
    Kind.CITUS: ("PostgreSQLLogs",),
}
_AUDIT = "PostgreSQLLogs"
_METRICS = "AllMetrics"
_SINKS = ("workspaceId", "storageAccountId", "eventHubAuthorizationRuleId", "marketplacePartnerId", "serviceBusRuleId")


class Workspace(Parameters):
    """`workspace_id`: the Log Analytics workspace that must get it (ARM id); without one, any workspace will do."""

    workspace_id: ResourceId | None = None


class Logs(Workspace):
    """`categories`: the log categories that must be sent; those that a kind of server lacks are passed over."""

    categories: tuple[str, ...] = (_AUDIT,)


class Destinations(Parameters):
    """`approved_destinations`: ARM ids of the workspaces, storage accounts, event hub rules and partner solutions that
    may get logs and metrics."""

    approved_destinations: tuple[ResourceId, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """What a setting must send: the list `member`, and what is wrong while it does not."""

    id: str
    title: str
    severity: Severity
    first_sight: Disposition
    member: str
    parameters: type[Workspace]
    why: str


ROWS = (
    Row(
        "diagnostic-settings-logs",
        "A diagnostic setting sends the PostgreSQL logs to Log Analytics",
        Severity.HIGH,
        Disposition.APPROVAL,
        "logs",
        Logs,
        "the server's logs are not sent to Log Analytics",
    ),
    Row(
        "diagnostic-settings-metrics",
        "Metrics are sent to the workspace (AllMetrics)",
        Severity.LOW,
        Disposition.AUTO,
        "metrics",
        Workspace,
        "the server's metrics are not sent to Log Analytics",
    ),
)
_DESTINATION = Control(
    id="diagnostic-settings-destination",
    title="The diagnostic destination equals the approved workspace / storage / event hub",
    domain=_DOMAIN,
    severity=Severity.HIGH,
    facets=_FACETS,
    operations=_OPERATIONS,
    permissions=_WRITES,
    kinds=frozenset(Kind),
    parameters=Destinations,
    optional=True,
)


def _detect(row: Row, state: State, wanted: Workspace) -> Finding:
    found = state.children.get(FacetKind.DIAGNOSTIC_SETTINGS)
    if found is None:
        return NotApplicable("the diagnostic settings were not read")
    missing = _missing(row, state.target.kind, found, wanted)
    if not missing:
        return ()
    name, value = _way_back(row, state, wanted, missing)
    setting = Setting(SettingKind.DIAGNOSTIC_SETTING, name)
    person = "" if value else "name the workspace in the policy: parameters.workspace_id"
    return (Drift(row.id, setting, found.get(name), value, row.why, person=person),)


def _missing(row: Row, kind: Kind, settings: Mapping[str, Texts], wanted: Workspace) -> frozenset[str]:
    """What no workspace gets of all that one must get; the shortest list, where several get something."""
    required = _required(kind, wanted)
    sent: dict[str, set[str]] = {}
    for value in settings.values():
        if _right(value, wanted):
            sent.setdefault(value["workspaceId"].lower(), set()).update(_sends(value, row.member))
    left = [frozenset() if "allLogs" in some else required - some for some in sent.values()]
    return min(left, key=lambda some: (len(some), sorted(some)), default=required)


def _required(kind: Kind, wanted: Workspace) -> frozenset[str]:
    if not isinstance(wanted, Logs):
        return frozenset({_METRICS})
    return frozenset(wanted.categories) & frozenset(_CATEGORIES[kind])


def _right(value: Texts, wanted: Workspace) -> bool:
    workspace = value.get("workspaceId", "").lower()
    return bool(workspace) and workspace == (wanted.workspace_id or workspace).lower()


def _sends(value: Texts, member: str) -> Iterator[str]:
    """The categories and groups that are on; the group `audit` is the server's own log."""
    for entry in _entries(value, member):
        if entry.get("enabled"):
            yield str(entry.get("category") or entry.get("categoryGroup"))
            if entry.get("categoryGroup") == "audit":
                yield _AUDIT


def _way_back(row: Row, state: State, wanted: Workspace, missing: frozenset[str]) -> tuple[str, Texts | None]:
    """The setting that mends it with what it becomes: one that did before, one that sends there, or a new one."""
    found = state.children[FacetKind.DIAGNOSTIC_SETTINGS]
    for setting, value in state.remembered(FacetKind.DIAGNOSTIC_SETTINGS):
        after = {**found, setting.name: value}
        if value != found.get(setting.name) and not _missing(row, state.target.kind, after, wanted):
            return setting.name, value
    for name, value in sorted(found.items()):
        if _right(value, wanted):
            return name, _with(row, value, missing)
    if wanted.workspace_id is None:
        return _OURS, None
    name = next(name for name in _names(row) if "workspaceId" not in found.get(name, {}))
    return name, _with(row, {**found.get(name, {}), "workspaceId": wanted.workspace_id}, missing)


def _names(row: Row) -> Iterator[str]:
    yield from (_OURS, f"{_OURS}-{row.member}")
    # Five settings are the most that Azure lets hang on one resource.
    yield from (f"{_OURS}-{row.member}-{number}" for number in range(2, 8))


def _with(row: Row, value: Texts, missing: frozenset[str]) -> Texts:
    """The setting with what is missing; what is there stays."""
    entries = _entries(value, row.member)
    if row.member == "logs" and (not entries or any("categoryGroup" in entry for entry in entries)):
        kept = [entry for entry in entries if entry.get("categoryGroup") != "allLogs"]
        return {**value, row.member: _text([*kept, {"categoryGroup": "allLogs", "enabled": True}])}
    kept = [entry for entry in entries if entry.get("category") not in missing]
    added = [{"category": category, "enabled": True} for category in missing]
    return {**value, row.member: _text([*kept, *added])}


def _entries(value: Texts, member: str) -> list[Entry]:
    return list(objects_of(value.get(member)))


def _text(entries: list[Entry]) -> str:
    return json.dumps(sorted(entries, key=json.dumps), sort_keys=True)


def _strangers(state: State, approved: Destinations) -> Finding:
    if not approved.approved_destinations:
        return NotApplicable("the policy names no approved destinations")
    found = state.children.get(FacetKind.DIAGNOSTIC_SETTINGS)
    if found is None:
        return NotApplicable("the diagnostic settings were not read")
    known = {one.lower() for one in approved.approved_destinations}
    drifts = []
    for name, value in found.items():
        foreign = [sink for sink in _SINKS if value.get(sink) and value[sink].lower() not in known]
        if foreign:
            why = f"logs go to {', '.join(value[sink] for sink in foreign)}, which the policy does not name"
            setting = Setting(SettingKind.DIAGNOSTIC_SETTING, name)
            drifts.append(Drift(_DESTINATION.id, setting, value, _without(value, foreign), why))
    return tuple(drifts)


def _without(value: Texts, foreign: list[str]) -> Texts | None:
    """The setting without these sinks; nothing, when no other is left."""
    gone = {*foreign, *(("eventHubName",) if "eventHubAuthorizationRuleId" in foreign else ())}
    left = {name: text for name, text in value.items() if name not in gone}
    return left if any(left.get(sink) for sink in _SINKS) else None


def _remediator(row: Row) -> Remediator:
    control = Control(
        id=row.id,
        title=row.title,
        domain=_DOMAIN,
        severity=row.severity,
        facets=_FACETS,
        operations=_OPERATIONS,
        permissions=_WRITES,
        first_sight=row.first_sight,
        kinds=frozenset(Kind),
        parameters=row.parameters,
        optional=True,
    )
    return Remediator(control, partial(_detect, row))


REMEDIATORS = (*map(_remediator, ROWS), Remediator(_DESTINATION, _strangers))
