"""respond-throttle-connections: addresses with many failed logins are slowed down.

Why      Passwords are guessed by trying many of them; the service can slow an address down that fails too often.
Fix      `connection_throttle.enable` is switched on; of a single server `connection_throttling`. No restart.
Refuses  A Citus cluster, which has no such parameter.
Undo     The value as it was.
"""

from shared.control import (
    Case,
    Change,
    Control,
    Drift,
    Finding,
    Needs,
    NotApplicable,
    Proposal,
    Remediator,
    Severity,
    Source,
)
from shared.responses.response import DOMAIN, Brief, Response
from shared.state import Setting, SettingKind, State, parameter
from shared.target import Kind

# learn.microsoft.com, "Server parameters": flexible server; "Azure Database for PostgreSQL - Single Server".
_NAMES = {Kind.FLEXIBLE: "connection_throttle.enable", Kind.SINGLE: "connection_throttling"}
_OPERATIONS = frozenset({"configurations/write"})

CONTROL = Control(
    id="respond-throttle-connections",
    title="Addresses with many failed logins are slowed down",
    domain=DOMAIN,
    severity=Severity.MEDIUM,
    facets=(parameter(_NAMES[Kind.FLEXIBLE]),),
    operations=_OPERATIONS,
    permissions=_OPERATIONS,
    kinds=frozenset(_NAMES),
    variants={Kind.SINGLE: Needs((parameter(_NAMES[Kind.SINGLE]),), _OPERATIONS, _OPERATIONS)},
)


def detect(state: State, brief: Brief) -> Finding:
    """Find a server that lets passwords be tried without a brake."""
    name = _NAMES.get(state.target.kind, "")
    held = state.parameters.get(name)
    if held is None:
        return NotApplicable("this server has no parameter that throttles connections")
    if held.value.lower() == "on":
        return ()
    setting = Setting(SettingKind.PARAMETER, name)
    return (Drift(CONTROL.id, setting, held.value, "on", f"the alert {brief.said} says that passwords are tried"),)


def plan(case: Case) -> Proposal:
    """Switch it on."""
    return tuple(Change(drift.setting, drift.found, drift.wanted, Source.ALERT) for drift in case.drifts)


RESPONSE = Response(
    Remediator(CONTROL, detect, plan),
    does="slow addresses down that fail to sign in too often",
    undo="the parameter as it was",
    idle="connections are throttled already",
)
