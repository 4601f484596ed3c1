"""Microsoft.DBforPostgreSQL/flexibleServers: backups that the service makes and customers ask for; databases."""

from emulator.arm.registry import Request
from emulator.arm.store import Resource
from emulator.body import Body, dig
from emulator.clock import long_stamp
from emulator.resources.children import Child, Operations
from emulator.resources.flexible.kind import FLEXIBLE, SERVERS, VERSIONS
from emulator.world import World

_NEW_DATABASE = "UpsertServerDatabaseManagementOperation"
# names not verified
_DATABASES = Operations(_NEW_DATABASE, _NEW_DATABASE, "DropServerDatabaseManagementOperation")
_BACKUPS = Operations(
    "CreateOnDemandBackupManagementOperation",
    "CreateOnDemandBackupManagementOperation",
    "DropOnDemandBackupManagementOperation",
)


def fill(world: World, server: Resource) -> None:
    """Give a new server what it has from the start: the system's databases and a first backup."""
    for name in ("azure_maintenance", "postgres", "azure_sys"):
        properties = {"charset": "UTF8", "collation": "en_US.utf8"}
        world.store.put(Resource(f"{server.id}/databases/{name}", f"{SERVERS}/databases", {"properties": properties}))
    made = world.clock.now()
    properties = {"backupType": "Full", "completedTime": long_stamp(made), "source": "Automatic"}
    name = f"backup_{int(made.timestamp() * 10_000_000)}"
    world.store.put(Resource(f"{server.id}/backups/{name}", f"{SERVERS}/backups", {"properties": properties}))


def _database(request: Request, _: Resource) -> Body:
    charset, collation = (dig(request.body, f"properties.{name}") for name in ("charset", "collation"))
    return {"properties": {"charset": charset or "UTF8", "collation": collation or "en_US.utf8"}}


def _backup(request: Request, _: Resource) -> Body:
    completed = long_stamp(request.world.clock.now())
    # the word of `source` is not verified
    return {
        "properties": {"backupType": "Customer On-Demand", "completedTime": completed, "source": "Customer Initiated"}
    }


TYPES = (
    Child(FLEXIBLE, "databases", VERSIONS, _DATABASES, _database).type(),
    Child(FLEXIBLE, "backups", VERSIONS, _BACKUPS, _backup).type(),
)
