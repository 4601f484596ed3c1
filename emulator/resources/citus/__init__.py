"""Citus clusters, Azure Cosmos DB for PostgreSQL: Microsoft.DBforPostgreSQL/serverGroupsv2 and its children."""

from emulator.arm.call import Answer
from emulator.arm.operations import POSTGRES
from emulator.arm.store import Resource
from emulator.body import Body
from emulator.resources.citus import access, actions, clusters, configurations, nodes
from emulator.resources.citus.kind import CITUS, VERSIONS
from emulator.resources.endpoints import Endpoints


def _links(cluster: Resource) -> list[Body]:
    workers = [f"worker-{place}" for place in range(cluster.properties["nodeCount"])]
    zones = ["privatelink.postgres.cosmos.azure.com"]
    return [
        {"name": name, "properties": {"groupId": name, "requiredMembers": [name], "requiredZoneNames": zones}}
        for name in ("coordinator", *workers)
    ]


def _created(body: Body) -> Answer:
    return Answer(201, body)


TYPES = (
    *clusters.TYPES,
    *actions.TYPES,
    *nodes.TYPES,
    *configurations.TYPES,
    *access.TYPES,
    *Endpoints(CITUS, VERSIONS, POSTGRES, _links, _created).types(),
)
