"""Microsoft.DBforPostgreSQL/flexibleServers: private endpoint connections and link resources.

The refusal of a second decision is recorded from single servers; the operations' names are theirs, too.
"""

from emulator.arm.operations import POSTGRES
from emulator.arm.store import Resource
from emulator.body import Body
from emulator.resources.endpoints import Endpoints
from emulator.resources.flexible.kind import FLEXIBLE, since

_LINK: Body = {
    "name": "plr",
    "properties": {
        "groupId": "postgresqlServer",
        "requiredMembers": ["postgresqlServer"],
        "requiredZoneNames": ["privatelink.postgres.database.azure.com"],
    },
}


def one_link(_: Resource) -> list[Body]:
    """Return what an endpoint can connect to: the server as a whole."""
    return [_LINK]


TYPES = Endpoints(FLEXIBLE, since("2023-06-01-preview"), POSTGRES, one_link).types()
