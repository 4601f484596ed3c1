"""respond-close-public-access: the server has no public endpoint while it is attacked.

Why      An attack from the internet ends where there is no way in from the internet.
Fix      Public network access is set to Disabled, of a Citus cluster for its coordinator and its workers.
Refuses  An attack that cannot come that way: the alert names only private addresses, or addresses that no firewall rule
         lets in. Where there is no private endpoint it is the only way in, and a person decides whatever the mode.
Undo     Public access is switched on again; the firewall rules are as they were all along.
"""

from shared.control import (
    Case,
    Change,
    Control,
    Drift,
    Finding,
    NotApplicable,
    Proposal,
    Remediator,
    Risk,
    Severity,
    Source,
)
from shared.responses.reach import reachable
from shared.responses.response import DOMAIN, Brief, Response
from shared.state import FIREWALL_RULES, SERVER, WORKERS, Setting, SettingKind, State
from shared.target import Kind

CONTROL = Control(
    id="respond-close-public-access",
    title="No public endpoint while the server is attacked",
    domain=DOMAIN,
    severity=Severity.HIGH,
    facets=(SERVER, FIREWALL_RULES),
    operations=frozenset({"write", "firewallrules/write"}),
    permissions=frozenset({"write"}),
    risk=Risk.MAY_CUT_CLIENTS,
    kinds=frozenset(Kind),
)
_DOORS = (Setting(SettingKind.PUBLIC_ACCESS), Setting(SettingKind.PUBLIC_ACCESS, WORKERS))


def detect(state: State, brief: Brief) -> Finding:
    """Find a public endpoint through which the attack can come."""
    server = state.server
    if server is None or server.virtual_network:
        return NotApplicable("the server is inside a virtual network and has no public endpoint")
    if not reachable(state, brief):
        return ()
    why = f"the attack of the alert {brief.said} can come through the public endpoint"
    found = ((door, state.value(door)) for door in _DOORS)
    return tuple(Drift(CONTROL.id, door, value, "Disabled", why) for door, value in found if value == "Enabled")


def plan(case: Case) -> Proposal:
    """Close what is open."""
    return tuple(Change(drift.setting, drift.found, drift.wanted, Source.ALERT) for drift in case.drifts)


RESPONSE = Response(
    Remediator(CONTROL, detect, plan),
    does="close public network access",
    undo="public network access is switched on again",
    idle="the attack cannot come through the public endpoint: no firewall rule lets it in, or public access is off",
)
