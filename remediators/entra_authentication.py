"""entra-auth-enabled: people and applications can sign in with Microsoft Entra identities.

Why      Entra brings conditional access, multi-factor sign-in and central removal of leavers; passwords bring none.
Fix      Set `authConfig.activeDirectoryAuth` to `Enabled`, keeping the password setting as it is. Azure restarts a
         flexible server when Entra is switched on, so a person approves. On a single server Entra is on as long as
         there is an Entra administrator: the last good one comes back, else the one that the policy names.
Refuses  When neither the server nor the policy names the tenant, or nobody is named who could be the administrator.
Undo     Write the members of authConfig, or the administrator, as they were.
"""

from typing import Annotated

from pydantic import Field

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
    Risk,
    Severity,
)
from shared.state import (
    ADMINISTRATORS,
    SERVER,
    Administrator,
    FacetKind,
    Setting,
    SettingKind,
    State,
    administrator_value,
    authentication_value,
)
from shared.target import Kind

Guid = Annotated[str, Field(pattern=r"^([0-9a-fA-F-]{36})?$")]
_WRITE = frozenset({"write"})
_ADMINISTRATORS = frozenset({"administrators/write", "administrators/delete"})
_WHY = "only passwords open this server"


class SignIn(Parameters):
    """`tenant_id`: the Entra tenant to use where the server names none. `administrator_id` and `administrator_name`:
    which group, user or application becomes the Entra administrator of a single server without one."""

    tenant_id: Guid = ""
    administrator_id: Guid = ""
    administrator_name: Annotated[str, Field(max_length=128)] = ""


CONTROL = Control(
    id="entra-auth-enabled",
    title="Microsoft Entra authentication is enabled",
    domain="Identity & Access Management / Authentication",
    severity=Severity.MEDIUM,
    facets=(SERVER,),
    operations=_WRITE,
    permissions=_WRITE,
    fresh=Disposition.APPROVAL,
    first_sight=Disposition.APPROVAL,
    revert=Revert.RESTART,
    risk=Risk.NEEDS_RESTART,
    kinds=frozenset(Kind),
    variants={
        Kind.SINGLE: Needs((ADMINISTRATORS,), _ADMINISTRATORS, frozenset({"administrators/write"}), Revert.IN_PLACE),
        Kind.CITUS: Needs((SERVER,), _WRITE, _WRITE, Revert.IN_PLACE),
    },
    parameters=SignIn,
)


def detect(state: State, policy: SignIn) -> Finding:
    """Find a server without Entra sign-in."""
    if state.target.kind is Kind.SINGLE:
        return _without_administrator(state, policy)
    server = state.server
    if server is None:
        return NotApplicable("the server was not read")
    if server.entra_auth:
        return ()
    # A Citus cluster takes the tenant of its subscription.
    named = state.target.kind is Kind.CITUS
    tenant_id = "" if named else server.tenant_id or policy.tenant_id
    return (
        Drift(
            CONTROL.id,
            Setting(SettingKind.AUTHENTICATION),
            authentication_value(False, server.password_auth, server.tenant_id),
            authentication_value(True, server.password_auth, tenant_id),
            _WHY,
            person="" if tenant_id or named else "name the Entra tenant in the policy: parameters.tenant_id",
        ),
    )


def _without_administrator(state: State, policy: SignIn) -> Finding:
    """The drift of a single server on which Entra is off for want of an administrator."""
    if state.administrators is None:
        return NotApplicable("the administrators were not read")
    if state.administrators:
        return ()
    known = dict(state.remembered(FacetKind.ADMINISTRATORS))
    if policy.tenant_id and policy.administrator_id and policy.administrator_name:
        wanted = administrator_value(
            Administrator(policy.administrator_id.lower(), policy.administrator_name, "Unknown", policy.tenant_id)
        )
        known.setdefault(Setting(SettingKind.ADMINISTRATOR, policy.administrator_id.lower()), wanted)
    for setting, value in known.items():
        return (Drift(CONTROL.id, setting, None, value, _WHY),)
    parameters = "parameters.tenant_id, administrator_id and administrator_name"
    person = f"make a group the Entra administrator, or name one in the policy: {parameters}"
    return (Drift(CONTROL.id, Setting(SettingKind.ADMINISTRATOR), None, None, _WHY, person=person),)


REMEDIATORS = (Remediator(CONTROL, detect),)
