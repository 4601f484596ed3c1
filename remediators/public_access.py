"""public-network-access-disabled: the server has no public endpoint.

Why      With a public endpoint, one wide firewall rule is all that stands between the data and the internet.
Fix      Set `network.publicNetworkAccess` to `Disabled`; a Citus cluster's coordinator and workers lose their public
         addresses.
Refuses  Servers inside a virtual network have no public endpoint: not applicable. Closing the only door of a server
         that was never seen closed needs a person.
Undo     Set it back to `Enabled`. Firewall rules survive the round trip.
"""

from shared.control import Control, Disposition, Drift, Finding, NotApplicable, Parameters, Remediator, Severity
from shared.state import SERVER, WORKERS, Setting, SettingKind, State
from shared.target import Kind

CONTROL = Control(
    id="public-network-access-disabled",
    title="Public network access is disabled",
    domain="Network Security / Endpoint Localisation",
    severity=Severity.HIGH,
    facets=(SERVER,),
    operations=frozenset({"write"}),
    permissions=frozenset({"write"}),
    kinds=frozenset(Kind),
    fresh=Disposition.AUTO,
    first_sight=Disposition.APPROVAL,
)
_WAYS_IN = {
    Setting(SettingKind.PUBLIC_ACCESS): "the server can be reached from the internet",
    Setting(SettingKind.PUBLIC_ACCESS, WORKERS): "the workers can be reached from the internet",
}


def detect(state: State, _: Parameters) -> Finding:
    """Find a public endpoint that is open."""
    server = state.server
    if server is None or server.public_access is None:
        return NotApplicable("Azure reports no public access setting for this server")
    if server.virtual_network:
        return NotApplicable("the server is inside a virtual network and has no public endpoint")
    return tuple(
        Drift(CONTROL.id, setting, "Enabled", "Disabled", why)
        for setting, why in _WAYS_IN.items()
        if state.value(setting) == "Enabled"
    )


REMEDIATORS = (Remediator(CONTROL, detect),)
