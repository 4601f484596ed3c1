"""replica-config-parity, restored-server-config-parity: a copy is configured as the server it was made from.

Why      A replica or a restored server holds all the data of its source, and Azure gives it little of what protects
         that: a copy with a wider firewall, without logs and alerts, is the easy way to the same data.
Fix      Bring the copy in step with its source: what is missing is added, what differs is corrected. What only the
         copy has is told where it lets somebody in; `extras` removes all of it, or keeps it. The source is only read.
Refuses  What cannot be copied is said: private endpoints, the kind of key, high availability, what the copy's version
         or kind does not have. What the source's own controls object to is not spread; its last good value is copied,
         or nothing. What another control forbids on the copy is not made there. No copy is opened to the public for
         the sake of parity, and passwords are never read.
Undo     Put the copy back as it was.
"""

from dataclasses import dataclass
from functools import partial

from shared.control import (
    Case,
    Change,
    Control,
    Disposition,
    Finding,
    Needs,
    NotApplicable,
    Parameters,
    Proposal,
    Remediator,
    Severity,
    Source,
    put_back,
)
from shared.copies import followed_by
from shared.parity import Aspect, Extras, Pair, differences
from shared.state import ORIGINAL, SERVER, State
from shared.target import Kind

_FACETS = (SERVER, ORIGINAL)
_EVERYWHERE = frozenset(
    {
        "write",
        "firewallRules/write",
        "firewallRules/delete",
        "Microsoft.Insights/diagnosticSettings/write",
        "Microsoft.Insights/diagnosticSettings/delete",
        "Microsoft.Insights/metricAlerts/write",
        "Microsoft.Insights/metricAlerts/delete",
        "Microsoft.Authorization/locks/write",
        "Microsoft.Authorization/locks/delete",
        "Microsoft.Resources/tags/write",
    }
)
_ADMINISTRATORS = frozenset({"administrators/write", "administrators/delete"})
_OWN = {
    Kind.FLEXIBLE: frozenset({"configurations/write", "advancedThreatProtectionSettings/write"}),
    Kind.SINGLE: frozenset(
        {
            "configurations/write",
            "securityAlertPolicies/write",
            "virtualNetworkRules/write",
            "virtualNetworkRules/delete",
            *_ADMINISTRATORS,
        }
    ),
    Kind.CITUS: frozenset(
        {"coordinatorConfigurations/write", "nodeConfigurations/write", "roles/write", "roles/delete"}
    ),
}
# What else takes away what a copy has.
_ENDED_BY = frozenset(
    {
        "microsoft.security/advancedthreatprotectionsettings/write",
        "updateconfigurations/action",
        "privateendpointconnections/delete",
    }
)


class Parity(Parameters):
    """`without`: what copies are not compared in. `extras`: what is done about what only the copy has: `told` tells of
    firewall rules, virtual network rules and administrators, `removed` takes them away and puts parameters that were
    set on the copy alone back to what the source has, `kept` is silent."""

    without: tuple[Aspect, ...] = ()
    extras: Extras = Extras.TOLD


@dataclass(frozen=True, slots=True)
class Row:
    """One control: for replicas, or for servers that were restored from another."""

    id: str
    title: str
    domain: str
    fresh: Disposition
    replicas: bool


ROWS = (
    Row(
        "replica-config-parity",
        "Replicas have the same security configuration as the primary (firewall, VNet rules, TLS, parameters, ATP, "
        "diagnostics)",
        "Resilience & Recovery / Data Resilience (Replication)",
        Disposition.AUTO,
        replicas=True,
    ),
    Row(
        "restored-server-config-parity",
        "A restored server has the same configuration as its source",
        "Resilience & Recovery / Data Resilience (back-up)",
        Disposition.APPROVAL,
        replicas=False,
    ),
)


def _detect(row: Row, state: State, given: Parity) -> Finding:
    if state.server is None:
        return NotApplicable("the server was not read")
    follows = bool(followed_by(state.server))
    if follows is not row.replicas:
        return NotApplicable("the server is a replica" if follows else "the server is no replica")
    if state.original is None:
        return NotApplicable("the server that it was copied from was not read" if follows else "it is no known copy")
    return differences(Pair(row.id, state, state.original, follows, given.extras), given.without)


def _plan(case: Case) -> Proposal:
    proposal = put_back(case)
    if not isinstance(proposal, tuple):
        return proposal
    return tuple(Change(one.setting, one.before, one.after, Source.ORIGINAL) for one in proposal)


def _needs(row: Row, kind: Kind) -> Needs:
    # A flexible replica shows its primary's administrators, and takes no others.
    people = _ADMINISTRATORS if kind is Kind.FLEXIBLE and not row.replicas else frozenset()
    permissions = _EVERYWHERE | _OWN[kind] | people
    return Needs(_FACETS, frozenset(map(str.lower, permissions)) | _ENDED_BY, permissions)


def _remediator(row: Row) -> Remediator:
    needs = _needs(row, Kind.FLEXIBLE)
    control = Control(
        id=row.id,
        title=row.title,
        domain=row.domain,
        severity=Severity.HIGH,
        facets=needs.facets,
        operations=needs.operations,
        permissions=needs.permissions,
        fresh=row.fresh,
        first_sight=Disposition.APPROVAL,
        kinds=frozenset(Kind),
        variants={kind: _needs(row, kind) for kind in (Kind.SINGLE, Kind.CITUS)},
        parameters=Parity,
        optional=True,
    )
    return Remediator(control, partial(_detect, row), _plan)


REMEDIATORS = tuple(map(_remediator, ROWS))
