"""Properties of the server that must hold a value: one row of `ROWS` for each control.

Why      Each row says it: what is not kept cannot be restored, what runs once stops when it breaks.
Fix      Write the last good value, else the one that the policy names, in one PATCH of the server.
Refuses  Copies that take the property from their source, and servers that Azure does not let have it: not applicable,
         or a person is told what has to come first.
Undo     Write the value as it was.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import Field

from shared.condition import Between, Condition, OneOf
from shared.control import (
    Control,
    Disposition,
    Drift,
    Finding,
    Needs,
    NotApplicable,
    Parameters,
    Remediator,
    Revert,
    Severity,
)
from shared.state import SERVER, Server, Setting, SettingKind, State
from shared.target import Kind

_PRIMARIES = ("", "none", "primary", "master")
_WRITE = frozenset({"write"})


class Retention(Parameters):
    """`minimum_days`: for how many days backups must be kept at least."""

    minimum_days: Annotated[int, Field(ge=7, le=35)] = 7


class Availability(Parameters):
    """`modes`: the accepted modes of a flexible server; the first is what is put in place."""

    modes: Annotated[tuple[Literal["ZoneRedundant", "SameZone"], ...], Field(min_length=1)] = (
        "ZoneRedundant",
        "SameZone",
    )


def _never(_: Server) -> str:
    return ""


def _nobody(_: Server, __: str) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Row:
    """The property `name` must meet the condition of the server's kind; `given` are the control's parameters.

    `why` is what is wrong while it does not. `fixed` names the kinds on which the platform holds the control by itself.
    `exempt` says why the control says nothing about a server; `person` what somebody has to do first, given the value
    that was found.
    """

    id: str
    title: str
    domain: str
    severity: Severity
    name: str
    condition: Mapping[Kind, Callable[[Any], Condition]]
    why: str
    fresh: Disposition
    first_sight: Disposition
    given: type[Parameters] = Parameters
    fixed: frozenset[Kind] = field(default_factory=frozenset)
    exempt: Callable[[Server], str] = _never
    person: Callable[[Server, str], str] = _nobody
    revert: Revert = Revert.IN_PLACE

    @property
    def kinds(self) -> frozenset[Kind]:
        """The kinds of server it speaks about."""
        return frozenset(self.condition) | self.fixed


def _copy(server: Server) -> str:
    role = server.facts.get("replicationRole", "").lower()
    is_copy = role not in _PRIMARIES or "sourceResourceId" in server.facts
    return "a replica takes this from its source" if is_copy else ""


def _no_growth(server: Server) -> str:
    if "cluster.clusterSize" in server.facts:
        return "elastic clusters have no storage auto-grow"
    storage = server.facts.get("storage.type", "Premium_LRS")
    return "" if storage == "Premium_LRS" else f"storage of type {storage} has no auto-grow"


def _before_availability(server: Server, found: str) -> str:
    if server.facts.get("sku.tier") == "Burstable":
        return "move the server to a General Purpose or Memory Optimized size first: a Burstable one has no standby"
    if found in ("ZoneRedundant", "SameZone"):
        return f"switch high availability off first: Azure does not go from {found} to another mode in one step"
    return ""


ROWS = (
    Row(
        "backup-retention-days",
        "Backup retention equals the approved number of days (7-35)",
        "Resilience & Recovery / Data Resilience (back-up)",
        Severity.MEDIUM,
        "backup.retentionDays",
        dict.fromkeys(
            (Kind.FLEXIBLE, Kind.SINGLE), lambda given: Between(given.minimum_days, 35, wanted=given.minimum_days)
        ),
        "backups are gone before somebody can need them",
        Disposition.AUTO,
        Disposition.APPROVAL,
        given=Retention,
        # Azure keeps the backups of a cluster for 35 days, and nobody can change that.
        fixed=frozenset({Kind.CITUS}),
        exempt=_copy,
    ),
    Row(
        "storage-auto-grow",
        "Storage auto-grow is enabled",
        "Resilience & Recovery / Compute High Availability",
        Severity.LOW,
        "storage.autoGrow",
        dict.fromkeys((Kind.FLEXIBLE, Kind.SINGLE), lambda _: OneOf(("Enabled",), bad="Disabled")),
        "a full disk makes the server read-only",
        Disposition.AUTO,
        Disposition.AUTO,
        exempt=_no_growth,
    ),
    Row(
        "high-availability-enabled",
        "High availability is enabled (zone-redundant where available)",
        "Resilience & Recovery / Compute High Availability",
        Severity.MEDIUM,
        "highAvailability.mode",
        {
            Kind.FLEXIBLE: lambda given: OneOf(given.modes, bad="Disabled"),
            Kind.CITUS: lambda _: OneOf(("true",), bad="false"),
        },
        "no standby takes over when the server or its zone fails",
        # A standby about doubles the cost.
        Disposition.APPROVAL,
        Disposition.APPROVAL,
        given=Availability,
        exempt=_copy,
        person=_before_availability,
        revert=Revert.RISKY,
    ),
)


def _detect(row: Row, state: State, given: Parameters) -> Finding:
    server = state.server
    if server is None:
        return NotApplicable("the server was not read")
    exempt = row.exempt(server)
    if exempt:
        return NotApplicable(exempt)
    if state.target.kind in row.fixed:
        return ()
    found = server.facts.get(row.name)
    if found is None:
        return NotApplicable(f"Azure reports no {row.name} for this server")
    condition = row.condition[state.target.kind](given)
    if condition.holds(found):
        return ()
    setting = Setting(SettingKind.PROPERTY, row.name)
    return (Drift(row.id, setting, found, condition.mended(found), row.why, person=row.person(server, found)),)


def _remediator(row: Row) -> Remediator:
    control = Control(
        id=row.id,
        title=row.title,
        domain=row.domain,
        severity=row.severity,
        facets=(SERVER,),
        operations=_WRITE,
        permissions=_WRITE,
        fresh=row.fresh,
        first_sight=row.first_sight,
        revert=row.revert,
        kinds=row.kinds,
        parameters=row.given,
        variants={kind: Needs((SERVER,), _WRITE, frozenset(), Revert.CREATE_TIME) for kind in row.fixed},
        optional=True,
    )
    return Remediator(control, partial(_detect, row))


REMEDIATORS = tuple(map(_remediator, ROWS))
