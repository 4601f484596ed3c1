"""entra-auth-enabled: people and applications can sign in with Microsoft Entra identities.

Why      Entra brings conditional access, multi-factor sign-in and central removal of leavers; passwords bring none.
Fix      Set `authConfig.activeDirectoryAuth` to `Enabled`, keeping the password setting as it is. Azure restarts the
         server when Entra is switched on, so a person approves.
Refuses  When neither the server nor the policy names the tenant.
Undo     Write the three members of authConfig as they were.
"""

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
from shared.state import SERVER, Setting, SettingKind, State, authentication_value


class Tenant(Parameters):
    """`tenant_id`: the Entra tenant to use where the server names none."""

    tenant_id: Annotated[str, Field(pattern=r"^([0-9a-fA-F-]{36})?$")] = ""


CONTROL = Control(
    id="entra-auth-enabled",
    title="Microsoft Entra authentication is enabled",
    domain="Identity & Access Management / Authentication",
    severity=Severity.MEDIUM,
    facets=(SERVER,),
    operations=frozenset({"write"}),
    permissions=frozenset({"write"}),
    fresh=Disposition.APPROVAL,
    first_sight=Disposition.APPROVAL,
    revert=Revert.RESTART,
    risk=Risk.NEEDS_RESTART,
    parameters=Tenant,
)


def detect(state: State, tenant: Tenant) -> Finding:
    """Find a server without Entra sign-in."""
    server = state.server
    if server is None:
        return NotApplicable("the server was not read")
    if server.entra_auth:
        return ()
    tenant_id = server.tenant_id or tenant.tenant_id
    return (
        Drift(
            CONTROL.id,
            Setting(SettingKind.AUTHENTICATION),
            authentication_value(False, server.password_auth, server.tenant_id),
            authentication_value(True, server.password_auth, tenant_id),
            "only passwords open this server",
            person="" if tenant_id else "name the Entra tenant in the policy: parameters.tenant_id",
        ),
    )


REMEDIATORS = (Remediator(CONTROL, detect),)
