"""What one does to a whole Citus cluster: start it, stop it, restart it, promote it."""

from collections.abc import Callable

from emulator.arm.registry import Outcome, Request, ResourceType
from emulator.arm.store import Resource
from emulator.errors import ArmError
from emulator.resources.citus.kind import CITUS, CLUSTERS, VERSIONS, gone
from emulator.resources.family import accepted
from emulator.resources.locations import LOCATIONS

# words of the refusals are not verified
_NO_REPLICA = "Cluster '{}' is not a read replica."
_NOT_SO = "Cluster '{}' is {}."


def _start(_: Request, cluster: Resource) -> None:
    cluster.properties.pop("stopped", None)


def _stop(_: Request, cluster: Resource) -> None:
    cluster.properties["stopped"] = True


def _restart(request: Request, cluster: Resource) -> None:
    for one in request.world.store.children(cluster.id, f"{CLUSTERS}/configurations"):
        for values in one.properties["roles"].values():
            values["waits"] = False


def _promote(_: Request, cluster: Resource) -> None:
    cluster.properties.pop("sourceResourceId")
    cluster.properties.pop("sourceLocation", None)


def _check(word: str, cluster: Resource) -> None:
    stopped = bool(cluster.properties.get("stopped"))
    if word == "promote" and not cluster.properties.get("sourceResourceId"):
        raise ArmError(400, "ClusterIsNotReadReplica", _NO_REPLICA.format(cluster.name))
    if stopped != (word == "start"):
        state = "stopped" if stopped else "running"
        raise ArmError(400, "ClusterStateNotAllowed", _NOT_SO.format(cluster.name, state))


def _action(word: str, state: str, change: Callable[[Request, Resource], None]) -> ResourceType:
    def act(request: Request) -> Outcome:
        cluster = CITUS.idle(request)
        _check(word, cluster)
        return accepted(cluster, state, lambda: change(request, cluster), answer=gone)

    return ResourceType(f"{CLUSTERS}/{word}", VERSIONS, action=act, locations=LOCATIONS)


TYPES = (
    _action("start", "Starting", _start),
    _action("stop", "Stopping", _stop),
    _action("restart", "Restarting", _restart),
    _action("promote", "Updating", _promote),
)
