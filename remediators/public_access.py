"""public-network-access-disabled: the server has no public endpoint.

Why      With a public endpoint, one wide firewall rule is all that stands between the data and the internet.
Fix      Set `network.publicNetworkAccess` to `Disabled`.
Refuses  Servers inside a virtual network have no public endpoint: not applicable. Closing the only door of a server
         that was never seen closed needs a person.
Undo     Set it back to `Enabled`. Firewall rules survive the round trip.
"""

from shared.control import Control, Disposition, Drift, Finding, NotApplicable, Parameters, Remediator, Severity
from shared.state import SERVER, Setting, SettingKind, State

CONTROL = Control(
    id="public-network-access-disabled",
    title="Public network access is disabled",
    domain="Network Security / Endpoint Localisation",
    severity=Severity.HIGH,
    facets=(SERVER,),
    operations=frozenset({"write"}),
    permissions=frozenset({"write"}),
    fresh=Disposition.AUTO,
    first_sight=Disposition.APPROVAL,
)
_SETTING = Setting(SettingKind.PUBLIC_ACCESS)


def detect(state: State, _: Parameters) -> Finding:
    """Find a public endpoint that is open."""
    server = state.server
    if server is None or server.public_access is None:
        return NotApplicable("Azure reports no public access setting for this server")
    if server.virtual_network:
        return NotApplicable("the server is inside a virtual network and has no public endpoint")
    if not server.public_access:
        return ()
    return (Drift(CONTROL.id, _SETTING, "Enabled", "Disabled", "the server can be reached from the internet"),)


REMEDIATORS = (Remediator(CONTROL, detect),)
