"""Microsoft.DBforPostgreSQL/flexibleServers: private endpoint connections and link resources.

The refusal of a second decision is recorded from single servers; the operations' names are theirs, too.
"""

from emulator.arm.operations import POSTGRES
from emulator.body import Body
from emulator.resources.endpoints import Endpoints
from emulator.resources.family import Family
from emulator.resources.flexible import SERVERS, VERSIONS

KIND = f"{SERVERS}/privateEndpointConnections"
LINK: Body = {
    "name": "plr",
    "properties": {
        "groupId": "postgresqlServer",
        "requiredMembers": ["postgresqlServer"],
        "requiredZoneNames": ["privatelink.postgres.database.azure.com"],
    },
}
TYPES = Endpoints(Family(SERVERS), VERSIONS, POSTGRES, (LINK,)).types()
