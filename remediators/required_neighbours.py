"""What has to stand around the server: one row of `ROWS` for each control.

Why      Without its vault or its identity a server refuses every connection; without the log of the subscription nobody
         knows who took it away.
Fix      Put back what stood there when all was well; else make it: a lock named `holdfast`, a log to the policy's
         workspace.
Refuses  Servers that no key of a vault encrypts: not applicable. A log without a workspace in the policy is left to a
         person.
Undo     Take away what was made.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

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
from shared.state import SERVER, Facet, FacetKind, Setting, State
from shared.target import Kind

type Texts = Mapping[str, str]

_LOCKS, _LOGS = "Microsoft.Authorization/locks", "Microsoft.Insights/diagnosticSettings"
_NO_DELETE = {"level": "CanNotDelete", "notes": "Holdfast keeps this lock"}
_ACTIVITY = ("Administrative", "Alert", "Policy", "Security")
_AUDITS = {"AuditEvent", "audit", "allLogs"}


class Workspace(Parameters):
    """`workspace_id`: the Log Analytics workspace that gets the log where none does (ARM id)."""

    workspace_id: ResourceId | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Something of the row's type that must stand at `host`: what `holds` says is one; `made` is what is made, under
    `name`, where none ever stood. Without `made`, `person` says what is missing."""

    host: str
    holds: Callable[[Texts], bool]
    made: Texts | None
    name: str = "holdfast"
    person: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """Each of what `wants` names must stand. `why` is what is wrong while it does not."""

    id: str
    title: str
    domain: str
    severity: Severity
    facet: FacetKind
    needs: tuple[Facet, ...]
    resource_type: str
    wants: Callable[[State, Any], list[Wanted]]
    why: str
    none: str
    kinds: frozenset[Kind] = frozenset(Kind)
    given: type[Parameters] = Parameters


def _vaults(state: State) -> Mapping[str, Texts]:
    return state.children.get(FacetKind.VAULTS, {})


def _facts(state: State) -> Mapping[str, str]:
    return state.server.facts if state.server else {}


def _locked(thing: Texts) -> bool:
    return thing.get("level") in ("CanNotDelete", "ReadOnly")


def _vault_locks(state: State, _: Parameters) -> list[Wanted]:
    return [Wanted(vault, _locked, _NO_DELETE) for vault in _vaults(state)]


def _identity_locks(state: State, _: Parameters) -> list[Wanted]:
    key = _facts(state).get("dataEncryption.primaryUserAssignedIdentityId", "")
    return [Wanted(key, _locked, _NO_DELETE)] if key else []


def _audited(thing: Texts) -> bool:
    entries = objects_of(thing.get("logs"))
    return any(one.get("enabled") and {one.get("category"), one.get("categoryGroup")} & _AUDITS for one in entries)


def _vault_logs(state: State, given: Workspace) -> list[Wanted]:
    logs = json.dumps([{"categoryGroup": "audit", "enabled": True}])
    made = {"workspaceId": given.workspace_id, "logs": logs} if given.workspace_id else None
    person = "name the workspace in the policy: parameters.workspace_id"
    return [Wanted(vault, _audited, made, person=person) for vault in _vaults(state)]


def _exported(thing: Texts) -> bool:
    entries = objects_of(thing.get("logs"))
    return {one.get("category") for one in entries if one.get("enabled")} >= set(_ACTIVITY)


def _exports(state: State, given: Workspace) -> list[Wanted]:
    logs = json.dumps([{"category": category, "enabled": True} for category in _ACTIVITY])
    made = {"workspaceId": given.workspace_id, "logs": logs} if given.workspace_id else None
    person = "name the workspace in the policy: parameters.workspace_id"
    return [Wanted(f"/subscriptions/{state.target.subscription}", _exported, made, person=person)]


_DEPENDENT, _NO_KEY = "Dependent Services", "no key of a vault encrypts this server"
_VAULTS = Facet(FacetKind.VAULTS)
ROWS = (
    Row(
        "keyvault-delete-lock",
        "The key vault carries a CanNotDelete lock",
        _DEPENDENT,
        Severity.MEDIUM,
        FacetKind.VAULT_LOCKS,
        (_VAULTS,),
        _LOCKS,
        _vault_locks,
        "whoever deletes the vault takes the data with it",
        _NO_KEY,
    ),
    Row(
        "managed-identity-delete-lock",
        "The user-assigned identity used for CMK carries a CanNotDelete lock",
        _DEPENDENT,
        Severity.MEDIUM,
        FacetKind.IDENTITY_LOCKS,
        (SERVER,),
        _LOCKS,
        _identity_locks,
        "whoever deletes the identity takes the server's way to its key",
        "no user-assigned identity reaches a key for this server",
        frozenset({Kind.FLEXIBLE, Kind.CITUS}),
    ),
    Row(
        "keyvault-audit-logs",
        "Key vault AuditEvent logs are sent to the workspace",
        _DEPENDENT,
        Severity.MEDIUM,
        FacetKind.VAULT_DIAGNOSTICS,
        (_VAULTS,),
        _LOGS,
        _vault_logs,
        "nobody sees who used, changed or deleted the key",
        _NO_KEY,
        given=Workspace,
    ),
    Row(
        "activity-log-exported",
        "Subscription Activity Log is exported to the approved workspace",
        "Logging & Monitoring / Alert & Incident Management",
        Severity.MEDIUM,
        FacetKind.ACTIVITY_EXPORTS,
        (),
        _LOGS,
        _exports,
        "who changed what is forgotten after 90 days",
        "",
        given=Workspace,
    ),
)


def _detect(row: Row, state: State, given: Parameters) -> Finding:
    found = state.children.get(row.facet)
    if found is None:
        return NotApplicable("what stands around the server was not read")
    wanted = row.wants(state, given)
    if not wanted:
        return NotApplicable(row.none)
    return tuple(drift for one in wanted for drift in _missing(row, state, found, one))


def _missing(row: Row, state: State, found: Mapping[str, Texts], wanted: Wanted) -> Iterator[Drift]:
    if any(wanted.holds(thing) and _bears_on(name, row.resource_type, wanted.host) for name, thing in found.items()):
        return
    for setting, value in state.remembered(row.facet):
        resource = setting.neighbour[1]
        if wanted.holds(value) and _scope(resource, row.resource_type).startswith(wanted.host.lower()):
            yield Drift(row.id, setting, found.get(resource), value, row.why)
            return
    name = f"{wanted.host}/providers/{row.resource_type}/{wanted.name}"
    setting, person = Setting.outside(row.facet, name), "" if wanted.made else wanted.person
    yield Drift(row.id, setting, found.get(name), wanted.made, row.why, person=person)


def _bears_on(resource: str, kind: str, host: str) -> bool:
    """Whether it was made at the host, above it, or on the key in it."""
    scope, low = _scope(resource, kind), host.lower()
    return low == scope or low.startswith(f"{scope}/") or scope.startswith(f"{low}/")


def _scope(resource: str, kind: str) -> str:
    return resource.lower().rpartition(f"/providers/{kind.lower()}/")[0]


def _remediator(row: Row) -> Remediator:
    operations = frozenset(f"{row.resource_type}/{verb}" for verb in ("write", "delete"))
    control = Control(
        id=row.id,
        title=row.title,
        domain=row.domain,
        severity=row.severity,
        facets=(*row.needs, Facet(row.facet)),
        operations=frozenset(map(str.lower, operations)),
        # Deleting is needed only to take back what was made.
        permissions=operations,
        fresh=Disposition.AUTO,
        first_sight=Disposition.APPROVAL,
        kinds=row.kinds,
        parameters=row.given,
        optional=True,
    )
    return Remediator(control, partial(_detect, row))


REMEDIATORS = tuple(map(_remediator, ROWS))
