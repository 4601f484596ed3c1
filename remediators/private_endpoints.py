"""private-endpoint-approved, private-endpoint-allowlist: the private ways in are there, and no others.

Why      Without a private endpoint everybody has to come in by the public address; one in somebody else's network is a
         way in that no firewall rule shows.
Fix      Approve a connection again that was approved before and waits now (a person agrees, since it lets somebody in).
         Delete the connection of an endpoint that the policy does not name; clients behind it are cut off.
Refuses  To approve what was never approved here. A deleted or rejected connection is made again at the endpoint, by a
         person. Servers inside a virtual network have no private endpoints: not applicable.
Undo     Give the connection the state it had. What was deleted is made again at the endpoint, by a person.
"""

from collections.abc import Mapping

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
from shared.references import ResourceId
from shared.state import SERVER, Facet, FacetKind, Setting, SettingKind, State
from shared.target import Kind

type Connections = Mapping[str, Mapping[str, str]]

_DOMAIN = "Network Security / Endpoint Localisation"
_CONNECTIONS = Facet(FacetKind.PRIVATE_ENDPOINTS)
_STATUS, _ENDPOINT = "privateLinkServiceConnectionState.status", "privateEndpoint.id"
_WRITES = frozenset({"privateendpointconnections/write", "privateendpointconnectionsapproval/action"})


class Approved(Parameters):
    """`approved_endpoints`: ARM ids of the private endpoints that may be connected. `approved_subscriptions`:
    subscriptions all of whose private endpoints may be."""

    approved_endpoints: tuple[ResourceId, ...] = ()
    approved_subscriptions: tuple[str, ...] = Field(default=(), examples=[("9c1d7e42-0b5f-4d38-8a66-1f2e3d4c5b6a",)])


PRESENT = Control(
    id="private-endpoint-approved",
    title="At least one approved private endpoint connection exists (public-access-mode servers)",
    domain=_DOMAIN,
    severity=Severity.MEDIUM,
    facets=(SERVER, _CONNECTIONS),
    operations=_WRITES | {"privateendpointconnections/delete"},
    permissions=frozenset({"privateEndpointConnections/write"}),
    fresh=Disposition.APPROVAL,
    first_sight=Disposition.APPROVAL,
    revert=Revert.RISKY,
    kinds=frozenset(Kind),
    optional=True,
)
NAMED = Control(
    id="private-endpoint-allowlist",
    title="Only approved private endpoints are connected",
    domain=_DOMAIN,
    severity=Severity.HIGH,
    facets=(_CONNECTIONS,),
    operations=_WRITES,
    permissions=frozenset({"privateEndpointConnections/delete"}),
    fresh=Disposition.APPROVAL,
    first_sight=Disposition.APPROVAL,
    kinds=frozenset(Kind),
    parameters=Approved,
    optional=True,
)


def _present(state: State, _: Parameters) -> Finding:
    found = state.children.get(FacetKind.PRIVATE_ENDPOINTS)
    if found is None or state.server is None:
        return NotApplicable("the server and its private endpoint connections were not read")
    if state.server.virtual_network:
        return NotApplicable("the server is inside a virtual network and cannot have private endpoints")
    if any(_is(connection, "approved") for connection in found.values()):
        return ()
    return (_missing(state, found),)


def _missing(state: State, found: Connections) -> Drift:
    why, was = "no private endpoint leads to the server", state.remembered(FacetKind.PRIVATE_ENDPOINTS)
    before = {setting.name: connection for setting, connection in was if _is(connection, "approved")}
    waiting = {name: connection for name, connection in found.items() if _is(connection, "pending")}
    for name in before:
        if name in waiting:
            wanted = {**waiting[name], _STATUS: "Approved"}
            return Drift(PRESENT.id, Setting(SettingKind.PRIVATE_ENDPOINT, name), waiting[name], wanted, why)
    name = next(iter([*before, *waiting]), "")
    person = (
        f"approve the connection {name}, if it is yours"
        if name in waiting
        else "make a private endpoint for the server"
    )
    setting = Setting(SettingKind.PRIVATE_ENDPOINT, name)
    return Drift(PRESENT.id, setting, found.get(name), before.get(name), why, person=person)


def _named(state: State, approved: Approved) -> Finding:
    endpoints = {one.lower() for one in approved.approved_endpoints}
    subscriptions = {one.lower() for one in approved.approved_subscriptions}
    if not endpoints and not subscriptions:
        return NotApplicable("the policy names neither approved endpoints nor approved subscriptions")
    found = state.children.get(FacetKind.PRIVATE_ENDPOINTS)
    if found is None:
        return NotApplicable("the private endpoint connections were not read")
    return tuple(
        Drift(
            NAMED.id,
            Setting(SettingKind.PRIVATE_ENDPOINT, name),
            connection,
            None,
            f"the policy does not name the private endpoint {connection.get(_ENDPOINT, 'behind it')}",
        )
        for name, connection in found.items()
        if _is(connection, "approved") and not _may(connection.get(_ENDPOINT, "").lower(), endpoints, subscriptions)
    )


def _may(endpoint: str, endpoints: set[str], subscriptions: set[str]) -> bool:
    parts = endpoint.split("/")
    return endpoint in endpoints or (len(parts) > 2 and parts[2] in subscriptions)


def _is(connection: Mapping[str, str], status: str) -> bool:
    return connection.get(_STATUS, "").lower() == status


REMEDIATORS = (Remediator(PRESENT, _present), Remediator(NAMED, _named))
