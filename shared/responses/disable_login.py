"""respond-disable-login: whoever the alert names cannot sign in to the database, and is not signed in.

Why      A password that was guessed, or an account that was taken over, stays good until somebody says otherwise; and
         who is in stays in until the session ends.
Fix      The role gets NOLOGIN, then its sessions are ended. What it owns and may do is not touched.
Refuses  Roles that the service needs, and our own. Where Holdfast has no access by SQL, a person does it.
Undo     LOGIN is given back; sessions are opened again by their clients.
"""

from collections.abc import Iterator, Mapping

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
from shared.logins import is_azures_own, may_be_azures, own_lineage
from shared.responses.response import DOMAIN, Brief, Response
from shared.sql_rights import WRITES
from shared.state import (
    NO,
    YES,
    Facet,
    FacetKind,
    SettingKind,
    State,
    Value,
    database_role,
    names_in,
    sessions,
)
from shared.target import Kind

CONTROL = Control(
    id="respond-disable-login",
    title="Whoever the alert names cannot sign in to the database",
    domain=DOMAIN,
    severity=Severity.HIGH,
    facets=(Facet(FacetKind.DATABASE_ROLES), Facet(FacetKind.SESSIONS)),
    operations=frozenset(),
    permissions=frozenset(),
    rights=frozenset({WRITES[SettingKind.DATABASE_ROLE], WRITES[SettingKind.SESSION]}),
    risk=Risk.MAY_CUT_CLIENTS,
    kinds=frozenset(Kind),
)


def detect(state: State, brief: Brief) -> Finding:
    """Find roles that an alert names and that can sign in, and their sessions."""
    if FacetKind.DATABASE_ROLES not in state.children:
        return NotApplicable("the roles of the database were not read")
    return tuple(_drifts(state, brief))


def plan(case: Case) -> Proposal:
    """NOLOGIN first: nobody comes back through a door that is being closed."""
    return tuple(Change(drift.setting, drift.found, drift.wanted, Source.ALERT) for drift in case.drifts)


def notes(state: State, brief: Brief) -> tuple[str, ...]:
    """Who is named, and why nothing is done about it."""
    if not brief.logins:
        return ("the alert names no login",)
    named = {name.lower() for name in brief.logins}
    said = [
        f"{name} is a role that {who} needs"
        for name in _roles(state)
        if name.lower() in named and (who := _needed(state, name))
    ]
    roles = {name.lower() for name in _roles(state)}
    if not any(name.lower() in roles for name in brief.logins):
        said.append(f"{', '.join(brief.logins)}: no role of this server")
    return tuple(said)


def _drifts(state: State, brief: Brief) -> Iterator[Drift]:
    logins = {name.lower() for name in brief.logins}
    why = f"the alert {brief.said} names this login"
    for name in _roles(state):
        if name.lower() not in logins or _needed(state, name):
            continue
        setting, ends = database_role(name), sessions(name)
        found, open_ = state.value(setting), state.value(ends)
        if isinstance(found, Mapping) and found.get("login") == YES:
            yield Drift(CONTROL.id, setting, found, _without_login(found), why)
        if open_ is not None:
            yield Drift(CONTROL.id, ends, open_, None, why)


def _needed(state: State, role: str) -> str:
    """Who cannot do without the role: Azure, or Holdfast itself; nobody for any other."""
    if is_azures_own(role) or may_be_azures(role):
        return "the service"
    return "Holdfast" if role in own_lineage(state) else ""


def _without_login(found: Mapping[str, str]) -> Value:
    return {**found, "login": NO}


def _roles(state: State) -> list[str]:
    return ["".join(names_in(name)) for name in state.children.get(FacetKind.DATABASE_ROLES, {})]


RESPONSE = Response(
    Remediator(CONTROL, detect, plan),
    does="disable the login that the alert names, and end its sessions",
    undo="LOGIN is given back",
    idle="no login that the alert names can sign in",
    notes=notes,
)
