"""read-replica-present, replica-promotion-event: the read replicas are there, and stay replicas.

Why      A replica in another region is what is left when a region is lost. One that was promoted follows nobody any
         more: it is a second, writable copy of the data, and the first has lost its spare.
Fix      None: a replica costs as much as a server, and a promotion cannot be taken back.
Refuses  A replica has no replicas of its own, and a burstable server can have none. Which servers are replicas, the
         policy says: Holdfast cannot tell a promotion that was planned from one that was not. Where a Citus cluster's
         replicas are, Azure does not tell.
Undo     Nothing was written, so nothing is undone.
"""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

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
from shared.state import SERVER, Facet, FacetKind, Server, Setting, SettingKind, State
from shared.target import Kind

_DOMAIN = "Resilience & Recovery / Data Resilience (Replication)"
_ROLES = frozenset({"asyncreplica", "geoasyncreplica", "replica"})


def _short(region: str) -> str:
    """Azure writes regions as `West Europe` and as `westeurope`."""
    return region.replace(" ", "").lower()


class Wanted(Parameters):
    """`minimum`, `maximum`: how many read replicas a server has. `regions`: at least one is in one of these (empty:
    anywhere)."""

    minimum: Annotated[int, Field(ge=0, le=30)] = 1
    maximum: Annotated[int, Field(ge=0, le=30)] = 5
    regions: tuple[Annotated[str, Field(pattern=r"^[A-Za-z0-9 ]{3,40}$"), AfterValidator(_short)], ...] = ()

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.maximum < self.minimum:
            raise ValueError(f"at most {self.maximum} and at least {self.minimum} replicas cannot both be")
        return self


class Roles(Parameters):
    """`replicas`: the names of the servers that are read replicas; all others are not."""

    replicas: tuple[Annotated[str, Field(min_length=1), AfterValidator(str.lower)], ...] = ()


PRESENT = Control(
    id="read-replica-present",
    title="Required read replicas exist (other region for DR), at most five",
    domain=_DOMAIN,
    severity=Severity.MEDIUM,
    facets=(SERVER, Facet(FacetKind.REPLICAS)),
    operations=frozenset({"write"}),
    permissions=frozenset(),
    fresh=Disposition.NOTIFY,
    first_sight=Disposition.NOTIFY,
    revert=Revert.PERSON,
    kinds=frozenset(Kind),
    parameters=Wanted,
    optional=True,
)
PROMOTED = Control(
    id="replica-promotion-event",
    title="Replication role changes (promotion, stop replication) happen only through the process",
    domain=_DOMAIN,
    severity=Severity.HIGH,
    facets=(SERVER,),
    operations=frozenset({"write"}),
    permissions=frozenset(),
    fresh=Disposition.NOTIFY,
    first_sight=Disposition.NOTIFY,
    revert=Revert.PERSON,
    kinds=frozenset(Kind),
    variants={Kind.CITUS: Needs((SERVER,), frozenset({"write", "promote/action"}), frozenset())},
    parameters=Roles,
    optional=True,
)


def detect_missing(state: State, wanted: Wanted) -> Finding:
    """Find too few replicas, too many, or none where one has to be."""
    server, regions = state.server, _regions(state)
    if server is None or regions is None:
        return NotApplicable("the replicas were not read")
    if _follows(server):
        return NotApplicable("the server is a read replica itself")
    if server.facts.get("sku.tier") == "Burstable":
        return NotApplicable("a burstable server can have no read replicas")
    count, known = len(regions), {_short(region) for region in regions if region}
    elsewhere = bool(wanted.regions and known and not known & set(wanted.regions))
    if wanted.minimum <= count <= wanted.maximum and not elsewhere:
        return ()
    place = f" in {' or '.join(wanted.regions)}" if wanted.regions else ""
    person = (
        "ask its owner which read replica is not needed, and delete it"
        if count > wanted.maximum
        else f"create a read replica{place} (portal: Replication); it costs as much as a server"
    )
    there = f" in {', '.join(sorted(known))}" if known else ""
    return (
        Drift(
            PRESENT.id,
            Setting(SettingKind.PROPERTY, "replicas"),
            f"{count}{there}",
            f"{wanted.minimum} to {wanted.maximum}{', one' + place if place else ''}",
            "when the server or its region is lost, nothing is there to take over"
            if count < wanted.minimum or elsewhere
            else "each read replica is a copy of the data that has to be guarded",
            person=person,
        ),
    )


def detect_promoted(state: State, roles: Roles) -> Finding:
    """Find a replica that follows nobody any more, and one that the policy does not know."""
    server, name = state.server, state.target.name
    if not roles.replicas:
        return NotApplicable("the policy names no read replicas")
    if server is None or not server.facts:
        return NotApplicable("Azure does not tell the role of this server")
    setting, follows = Setting(SettingKind.PROPERTY, "replicationRole"), _follows(server)
    if (name in roles.replicas) is follows:
        return ()
    if follows:
        why = "a copy of the data was made that the policy does not know"
        person = "find out who created this read replica and why; add it to replicas in the policy, or delete it"
        return (Drift(PROMOTED.id, setting, "a read replica", "a server of its own", why, person=person),)
    why = "the read replica was promoted: it takes writes now, and its primary has lost it"
    person = (
        "find out who promoted it and why; if it was meant, take it from replicas in the policy; else keep "
        "applications from writing to it, and create a new read replica of its primary: no promotion can be taken back"
    )
    return (Drift(PROMOTED.id, setting, "a server of its own", "a read replica", why, person=person),)


def _follows(server: Server) -> bool:
    role = server.facts.get("replicationRole") or server.facts.get("replica.role") or ""
    return role.lower() in _ROLES or bool(server.facts.get("sourceResourceId"))


def _regions(state: State) -> tuple[str, ...] | None:
    """The region of each replica, empty where it is not known; None: not read."""
    replicas = state.children.get(FacetKind.REPLICAS)
    return None if replicas is None else tuple(one.get("location", "") for one in replicas.values())


REMEDIATORS = (Remediator(PRESENT, detect_missing), Remediator(PROMOTED, detect_promoted))
