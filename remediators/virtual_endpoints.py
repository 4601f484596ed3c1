"""virtual-endpoint-integrity: virtual endpoints lead to the approved servers.

Why      Clients follow the name; whoever turns it elsewhere turns every connection.
Fix      Give the endpoint the members that the policy names, or make it again. Connections move, so a person approves.
Refuses  Not applicable without a list in the policy, and on a replica, whose endpoints are its primary's. An endpoint
         that the policy does not name is reported: deleting it takes a name away from clients.
Undo     Write the members as they were.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Annotated

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
    Risk,
    Severity,
)
from shared.state import SERVER, Facet, FacetKind, Setting, SettingKind, State

type Texts = Mapping[str, str]
type Members = Annotated[tuple[str, ...], Field(min_length=1)]


class Approved(Parameters):
    """`virtual_endpoints`: for each virtual endpoint the servers that it may lead to, by name."""

    virtual_endpoints: Mapping[str, Members] = Field(
        default_factory=dict, examples=[{"pg-payments-main": ["pg-a", "pg-b"]}]
    )


CONTROL = Control(
    id="virtual-endpoint-integrity",
    title="Virtual endpoints (writer/reader) point to the approved servers",
    domain="Resilience & Recovery / Data Resilience (Replication)",
    severity=Severity.LOW,
    facets=(SERVER, Facet(FacetKind.VIRTUAL_ENDPOINTS)),
    operations=frozenset({"virtualendpoints/write", "virtualendpoints/delete"}),
    permissions=frozenset({"virtualendpoints/write", "virtualendpoints/delete"}),
    fresh=Disposition.APPROVAL,
    first_sight=Disposition.NOTIFY,
    revert=Revert.RISKY,
    risk=Risk.MAY_CUT_CLIENTS,
    parameters=Approved,
    optional=True,
)


def detect(state: State, approved: Approved) -> Finding:
    """Find endpoints that lead elsewhere, are missing, or are nobody's."""
    if not approved.virtual_endpoints:
        return NotApplicable("the policy names no virtual endpoints")
    found = state.children.get(FacetKind.VIRTUAL_ENDPOINTS)
    if found is None or state.server is None:
        return NotApplicable("the server and its virtual endpoints were not read")
    if state.server.facts.get("replicationRole", "").endswith("Replica"):
        return NotApplicable("the server is a replica: its virtual endpoints are its primary's")
    wanted = {name.lower(): _members(state, members) for name, members in approved.virtual_endpoints.items()}
    drifts = [_judged(name, value, wanted.get(name.lower()), state) for name, value in found.items()]
    missing = sorted(wanted.keys() - {name.lower() for name in found})
    return (*filter(None, drifts), *(_drift(name, None, wanted[name]) for name in missing))


def _members(state: State, names: Iterable[str]) -> list[str]:
    """As Azure lists them: the primary first, whether or not it was named."""
    here = state.target.name
    return [here, *sorted({name.lower() for name in names} - {here})]


def _judged(name: str, value: Texts, wanted: list[str] | None, state: State) -> Drift | None:
    if wanted is None:
        return _nobodys(name, value)
    return None if _members(state, json.loads(value.get("members") or "[]")) == wanted else _drift(name, value, wanted)


def _drift(name: str, value: Texts | None, members: list[str]) -> Drift:
    wanted = {"endpointType": "ReadWrite", "members": json.dumps(members)}
    why = "the name leads to other servers than the policy says" if value else "a name that clients may use is missing"
    return Drift(CONTROL.id, Setting(SettingKind.VIRTUAL_ENDPOINT, name), value, wanted, why)


def _nobodys(name: str, value: Texts) -> Drift:
    person = "name it in the policy, parameters.virtual_endpoints, or delete it"
    setting = Setting(SettingKind.VIRTUAL_ENDPOINT, name)
    return Drift(CONTROL.id, setting, value, None, "the policy does not name this virtual endpoint", person=person)


REMEDIATORS = (Remediator(CONTROL, detect),)
