"""entra-only-auth: nobody signs in with a password.

Why      A password can be guessed, shared and kept by leavers; an Entra identity brings none of that with it.
Fix      Set `authConfig.passwordAuth` to `Disabled` and `activeDirectoryAuth` to `Enabled`, all members together. Every
         application that uses a password is cut off, so a person approves.
Refuses  Without an Entra administrator nobody could sign in any more: a person adds one first.
Undo     Write the members of authConfig as they were.
"""

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
from shared.state import ADMINISTRATORS, SERVER, Server, Setting, SettingKind, State, authentication_value
from shared.target import Kind

CONTROL = Control(
    id="entra-only-auth",
    title="Local (password) authentication is disabled; Entra-only",
    domain="Identity & Access Management / Authentication",
    severity=Severity.HIGH,
    facets=(SERVER, ADMINISTRATORS),
    operations=frozenset({"write"}),
    permissions=frozenset({"write"}),
    fresh=Disposition.APPROVAL,
    first_sight=Disposition.APPROVAL,
    revert=Revert.RISKY,
    kinds=frozenset({Kind.FLEXIBLE, Kind.CITUS}),
    risk=Risk.MAY_CUT_CLIENTS,
    optional=True,
)
_SETTING = Setting(SettingKind.AUTHENTICATION)


def detect(state: State, _: Parameters) -> Finding:
    """Find a server that takes passwords."""
    server = state.server
    if server is None or not (server.entra_auth or server.password_auth):
        return NotApplicable("Azure does not say how people sign in to this server")
    if server.entra_auth and not server.password_auth:
        return ()
    return (
        Drift(
            CONTROL.id,
            _SETTING,
            authentication_value(server.entra_auth, server.password_auth, server.tenant_id),
            authentication_value(True, False, server.tenant_id),
            "whoever has a password can sign in",
            person=_first(state, server),
        ),
    )


def _first(state: State, server: Server) -> str:
    """What a person has to do before passwords can go."""
    if not server.entra_auth:
        return "enable Microsoft Entra authentication first and add an administrator: nobody else could sign in"
    if not state.administrators:
        return "add a Microsoft Entra administrator first: without one nobody could sign in any more"
    return ""


REMEDIATORS = (Remediator(CONTROL, detect),)
