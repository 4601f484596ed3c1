"""Microsoft.DBforPostgreSQL/flexibleServers: private endpoint connections and link resources.

The refusal of a second decision is recorded from single servers; the operations' names are theirs, too.
"""

from emulator.arm.operations import POSTGRES
from emulator.body import Body
from emulator.resources.endpoints import Endpoints
from emulator.resources.flexible.kind import FLEXIBLE, VERSIONS

LINK: Body = {
    "name": "plr",
    "properties": {
        "groupId": "postgresqlServer",
        "requiredMembers": ["postgresqlServer"],
        "requiredZoneNames": ["privatelink.postgres.database.azure.com"],
    },
}
TYPES = Endpoints(FLEXIBLE, VERSIONS, POSTGRES, (LINK,)).types()
