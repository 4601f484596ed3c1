"""The nodes of a Citus cluster: a coordinator and its workers, which the cluster's properties describe."""

from emulator.arm.call import Answer
from emulator.arm.registry import Request, ResourceType
from emulator.arm.store import Resource
from emulator.body import Body
from emulator.errors import child_not_found
from emulator.resources.answers import page
from emulator.resources.citus.kind import CITUS, CLUSTERS, COORDINATOR, VERSIONS, WORKER, rest_of
from emulator.resources.locations import LOCATIONS

KIND = f"{CLUSTERS}/servers"


def short_names(cluster: Resource) -> list[str]:
    """Return c for the coordinator, and w0, w1 and so on for the workers."""
    return ["c", *(f"w{place}" for place in range(cluster.properties["nodeCount"]))]


def server_names(cluster: Resource) -> list[Body]:
    """Return the nodes as the cluster lists them."""
    rest = rest_of(cluster)
    return [
        {"name": f"{cluster.name}-{name}", "fullyQualifiedDomainName": f"{name}-{rest}"}
        for name in short_names(cluster)
    ]


def role_of(node: str) -> str:
    """Return the role of a node by its name."""
    return COORDINATOR if node.endswith("-c") else WORKER


def _node(cluster: Resource, listed: Body) -> Body:
    its, role = cluster.properties, role_of(listed["name"])
    prefix = "coordinator" if role == COORDINATOR else "node"
    properties = {
        "serverEdition": its[f"{prefix}ServerEdition"],
        "storageQuotaInMb": its[f"{prefix}StorageQuotaInMb"],
        "vCores": its[f"{prefix}VCores"],
        "enableHa": its["enableHa"],
        "enablePublicIpAccess": its[f"{prefix}EnablePublicIpAccess"],
        "isReadOnly": bool(its.get("sourceResourceId")),
        "administratorLogin": "citus",
        "fullyQualifiedDomainName": listed["fullyQualifiedDomainName"],
        "role": role,
        "state": "Stopped" if its.get("stopped") else "Ready",
        "haState": "Healthy" if its["enableHa"] else "NotEnabled",
        "availabilityZone": its["preferredPrimaryZone"],
        "postgresqlVersion": its["postgresqlVersion"],
        "citusVersion": its["citusVersion"],
    }
    name = listed["name"]
    return {"id": f"{cluster.id}/servers/{name}", "name": name, "type": KIND, "properties": properties}


def find(request: Request, name: str) -> Body:
    """Return a node by its name, or refuse with the provider's 404."""
    cluster = CITUS.server(request)
    for listed in server_names(cluster):
        if listed["name"].lower() == name.lower():
            return _node(cluster, listed)
    raise child_not_found(KIND, name)


def _get(request: Request) -> Answer:
    return Answer(200, find(request, request.name))


def _list(request: Request) -> Answer:
    cluster = CITUS.server(request)
    return page([_node(cluster, listed) for listed in server_names(cluster)])


TYPES = (ResourceType(KIND, VERSIONS, get=_get, list=_list, locations=LOCATIONS),)
