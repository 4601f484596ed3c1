"""Single Server: Microsoft.DBforPostgreSQL/servers and its children."""

from emulator.resources.endpoints import POLLS, Endpoints
from emulator.resources.flexible.endpoints import one_link
from emulator.resources.single import administrators, configurations, keys, rules, security_alert_policies, servers
from emulator.resources.single.kind import ENDPOINT_VERSIONS, SINGLE

TYPES = (
    *servers.TYPES,
    *rules.TYPES,
    *configurations.TYPES,
    *administrators.TYPES,
    *security_alert_policies.TYPES,
    *keys.TYPES,
    *Endpoints(SINGLE, ENDPOINT_VERSIONS, POLLS, one_link).types(),
)
