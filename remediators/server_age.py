"""What has an end: versions of PostgreSQL and ways of deploying it. One row of `ROWS` for each control.

Why      After its end nobody writes security fixes for a version, and Microsoft may stop such a server.
Fix      None: an upgrade is a downtime that cannot be taken back. Holdfast says that the day has come, and what to do.
Refuses  A version whose end nobody knows is not applicable; the policy's `ends` may name it, or correct Microsoft's.
Undo     Nothing was written, so nothing is undone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from pydantic import Field

from shared.control import (
    Control,
    Disposition,
    Drift,
    Finding,
    NotApplicable,
    Parameters,
    Remediator,
    Revert,
    Severity,
)
from shared.state import SERVER, Setting, SettingKind, State
from shared.target import Kind

LOW, HIGH = Severity.LOW, Severity.HIGH
_LATEST = "Underlying OS / Use of Latest Version"
_COMMUNITY = {
    "14": date(2026, 11, 12),
    "15": date(2027, 11, 11),
    "16": date(2028, 11, 9),
    "17": date(2029, 11, 8),
    "18": date(2030, 11, 14),
}
# The last day of standard support: learn.microsoft.com, "Azure Database for PostgreSQL version policy" (January 2026)
# and "Supported database versions in Azure Cosmos DB for PostgreSQL". The page about extended support has since named
# later days for flexible servers (11 to 13: 31 July 2026, 14: 11 December 2026); who counts on them says so in `ends`.
ENDS: Mapping[Kind, Mapping[str, date]] = {
    Kind.FLEXIBLE: dict.fromkeys(("11", "12", "13"), date(2026, 3, 31)) | _COMMUNITY,
    # With the deployment model ended every version that it had left.
    Kind.SINGLE: {
        "9.5": date(2021, 2, 11),
        "9.6": date(2021, 11, 11),
        "10": date(2022, 11, 10),
        "11": date(2025, 3, 28),
    },
    Kind.CITUS: {"11": date(2023, 11, 9), "12": date(2024, 11, 21), "13": date(2025, 11, 13)} | _COMMUNITY,
}
_MOVE = {
    Kind.SINGLE: "migrate it to a flexible server with a version that is in support",
    Kind.CITUS: "upgrade it on its page in the portal (Overview, Upgrade), or move to an elastic cluster",
    Kind.FLEXIBLE: "try the upgrade on a restored copy, plan a downtime, then az postgres flexible-server upgrade: "
    "it cannot be taken back, and pgaudit has to be set up again after it",
}


class Ends(Parameters):
    """`ends`: the last day of support by major version, where it is another than the known one."""

    ends: Mapping[Annotated[str, Field(pattern=r"^\d{1,2}(\.\d)?$")], date] = {}


class Retiring(Parameters):
    """`retiring`: whether a deployment model counts that is on its way out and not retired yet."""

    retiring: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """One control and its judgement."""

    id: str
    title: str
    domain: str
    severity: Severity
    kinds: frozenset[Kind]
    detect: Callable[[State, Any], Finding]
    parameters: type[Parameters] = Parameters


def _version(state: State, wish: Ends) -> Finding:
    found = state.server.facts.get("version") if state.server else None
    if not found:
        return NotApplicable("Azure does not tell the version of this server")
    if state.at is None:
        return NotApplicable("it is not known when the server was read, so nothing can be said of dates")
    ends = {**ENDS[state.target.kind], **wish.ends}
    major, today = _major(found), state.at.date()
    end = ends.get(major)
    if end is None:
        return NotApplicable(f"no end of support is known for PostgreSQL {major}: name it in ends")
    if today <= end:
        return ()
    in_support = sorted((one for one in ends if today <= ends[one]), key=float)
    wanted = f"{in_support[0]} or newer" if in_support else "a version in support"
    setting = Setting(SettingKind.PROPERTY, "version")
    why = f"standard support of PostgreSQL {major} ended on {end}: no more security fixes"
    return (Drift("postgres-version-supported", setting, found, wanted, why, person=_MOVE[state.target.kind]),)


def _major(version: str) -> str:
    """`9.6.24` is 9.6, `16.3` is 16."""
    parts = version.split(".")
    return ".".join(parts[:2]) if parts[0] == "9" else parts[0]


def _deployment(state: State, wish: Retiring) -> Finding:
    if state.server is None:
        return NotApplicable("the server was not read")
    control, setting = "retired-deployment-model", Setting(SettingKind.PROPERTY, "deploymentModel")
    if state.target.kind is Kind.SINGLE:
        why = "single server was retired in March 2025: no more security fixes, and no promise that it runs"
        person = "migrate it to a flexible server (az postgres flexible-server migration create), then delete it"
        return (Drift(control, setting, "single server", "flexible server", why, person=person),)
    if not wish.retiring:
        return NotApplicable("Azure Cosmos DB for PostgreSQL is on its way out, and not retired")
    why = "Azure Cosmos DB for PostgreSQL is on a retirement path and gets limited support"
    person = "plan the move to an elastic cluster of Azure Database for PostgreSQL, and start nothing new on this one"
    return (Drift(control, setting, "Azure Cosmos DB for PostgreSQL", "elastic cluster", why, person=person),)


def _patched(state: State, _: Parameters) -> Finding:
    """It holds wherever there is a server: Microsoft patches the system and takes in minor versions by itself."""
    return NotApplicable("the server was not read") if state.server is None else ()


ROWS = (
    Row(
        "postgres-version-supported",
        "PostgreSQL major version is within standard support",
        _LATEST,
        HIGH,
        frozenset(Kind),
        _version,
        Ends,
    ),
    Row(
        "retired-deployment-model",
        "No server of a retired deployment model is running",
        _LATEST,
        HIGH,
        frozenset({Kind.SINGLE, Kind.CITUS}),
        _deployment,
        Retiring,
    ),
    Row(
        "os-patching-platform-managed",
        "OS and minor-version patching is performed by the platform",
        "Underlying OS / - (patching)",
        LOW,
        frozenset(Kind),
        _patched,
    ),
)


def _remediator(row: Row) -> Remediator:
    control = Control(
        id=row.id,
        title=row.title,
        domain=row.domain,
        severity=row.severity,
        facets=(SERVER,),
        # No write makes anything old.
        operations=frozenset(),
        permissions=frozenset(),
        fresh=Disposition.NOTIFY,
        first_sight=Disposition.NOTIFY,
        revert=Revert.PERSON,
        kinds=row.kinds,
        parameters=row.parameters,
        optional=True,
    )
    return Remediator(control, row.detect)


REMEDIATORS = tuple(map(_remediator, ROWS))
