"""respond-remove-administrator: whoever the alert names is no Entra administrator of the server.

Why      Who administers the server can read and change everything in it; a taken-over account keeps that until it is
         taken away.
Fix      The administrator whose object id or name the alert names is removed.
Refuses  To remove the last administrator. A group is not removed for one of its members: that the member goes is the
         work of whoever owns the group.
Undo     The administrator as it was.
"""

from shared.control import (
    Case,
    Change,
    Control,
    Drift,
    Finding,
    Needs,
    Proposal,
    Refusal,
    Remediator,
    Risk,
    Severity,
    Source,
)
from shared.responses.response import DOMAIN, Brief, Response
from shared.state import ADMINISTRATORS, Administrator, Setting, SettingKind, State, administrator_value
from shared.target import Kind

CONTROL = Control(
    id="respond-remove-administrator",
    title="Whoever the alert names is no Entra administrator",
    domain=DOMAIN,
    severity=Severity.HIGH,
    facets=(ADMINISTRATORS,),
    operations=frozenset({"administrators/write"}),
    permissions=frozenset({"administrators/write", "administrators/delete"}),
    risk=Risk.MAY_CUT_CLIENTS,
    kinds=frozenset(Kind),
    variants={
        Kind.CITUS: Needs((ADMINISTRATORS,), frozenset({"roles/write"}), frozenset({"roles/write", "roles/delete"}))
    },
)


def detect(state: State, brief: Brief) -> Finding:
    """Find administrators that an alert names."""
    why = f"the alert {brief.said} names this administrator"
    return tuple(
        Drift(CONTROL.id, Setting(SettingKind.ADMINISTRATOR, one.object_id), administrator_value(one), None, why)
        for one in _named(state, brief)
    )


def plan(case: Case) -> Proposal:
    """Remove them, as long as somebody remains."""
    if len(case.drifts) == len(case.state.administrators or ()):
        return Refusal("it would remove the last administrator: add another one, then this one is removed")
    return tuple(Change(drift.setting, drift.found, None, Source.ALERT) for drift in case.drifts)


def notes(state: State, brief: Brief) -> tuple[str, ...]:
    """Who is named, and why nobody is removed."""
    if not brief.logins:
        return ("the alert names nobody",)
    if _named(state, brief):
        return ()
    groups = [one.name for one in state.administrators or () if one.principal_type == "Group"]
    member = f"; whether a member of {' or '.join(groups)}, the owner of that group knows" if groups else ""
    return (f"{', '.join(brief.logins)}: no administrator of this server{member}",)


def _named(state: State, brief: Brief) -> list[Administrator]:
    logins = {one.lower() for one in brief.logins}
    return [one for one in state.administrators or () if {one.object_id.lower(), one.name.lower()} & logins]


RESPONSE = Response(
    Remediator(CONTROL, detect, plan),
    does="remove the administrator whom the alert names",
    undo="the administrator as it was",
    idle="nobody whom the alert names is an administrator",
    notes=notes,
)
