"""Citus clusters themselves: made, copied, changed, deleted."""

import copy
from collections.abc import Callable

from emulator.arm.call import Answer
from emulator.arm.registry import Nothing, Outcome, Request, ResourceType
from emulator.arm.store import Resource
from emulator.body import Body, dig, merged
from emulator.clock import long_stamp
from emulator.errors import ArmError, invalid_value
from emulator.ids import group_of
from emulator.resources.answers import item, page, require_group
from emulator.resources.citus import nodes
from emulator.resources.citus.kind import (
    CITUS,
    CLUSTERS,
    NEW,
    NEW_IN_PREVIEW,
    ON_PATCH,
    ON_PREVIEW_PUT,
    ON_PUT,
    PREVIEW,
    VERSIONS,
    gone,
)
from emulator.resources.family import accepted
from emulator.resources.graph_row import graph_row
from emulator.resources.identities import filled
from emulator.resources.locations import LOCATIONS
from emulator.resources.settable import Settable, require_growth
from emulator.world import World

_GROWING = tuple(
    f"properties.{name}"
    for name in ("nodeCount", "coordinatorStorageQuotaInMb", "nodeStorageQuotaInMb", "postgresqlVersion")
)
_INNER = ("stopped",)  # ours, never answered


def replicas_of(world: World, cluster: Resource) -> list[Resource]:
    """Return the read replicas of a cluster."""
    source = cluster.id.lower()
    return [
        one
        for one in world.store.of_type(CLUSTERS)
        if str(one.properties.get("sourceResourceId", "")).lower() == source
    ]


def show(world: World, cluster: Resource, api_version: str) -> Body:
    """Return the cluster as an api-version answers it."""
    properties = copy.deepcopy(cluster.properties)
    running = world.operations.running(cluster.id)
    stopped = properties.pop("stopped", False)
    properties["state"] = running.name if running else ("Stopped" if stopped else "Ready")
    properties |= {
        "provisioningState": "InProgress" if running else "Succeeded",
        "administratorLogin": "citus",
        "serverNames": nodes.server_names(cluster),
        "readReplicas": [one.id for one in replicas_of(world, cluster)],
        "earliestRestoreTime": dig(cluster.body, "systemData.createdAt"),
        "privateEndpointConnections": _connections(world, cluster),
    }
    auth = properties["authConfig"]
    properties |= {"aadAuthEnabled": auth["activeDirectoryAuth"], "passwordEnabled": auth["passwordAuth"]}
    body = item(cluster) | {"properties": properties}
    if "identity" in body:
        body["identity"] = filled(world, cluster.id, body["identity"])
    return body if api_version == PREVIEW else _stable(body)


def _stable(body: Body) -> Body:
    body.pop("identity", None)
    for name in (*NEW_IN_PREVIEW, "aadAuthEnabled", "passwordEnabled"):
        body["properties"].pop(name, None)
    return body


def _connections(world: World, cluster: Resource) -> list[Body]:
    found = [item(one) for one in world.store.children(cluster.id, f"{CLUSTERS}/privateEndpointConnections")]
    for one in found:
        one["properties"].pop("provisioningState", None)
    return found


def row(world: World, cluster: Resource) -> Body:
    """Return the cluster's row in Resource Graph."""
    return graph_row(world, cluster, show(world, cluster, VERSIONS[0]))


def _get(request: Request) -> Answer:
    return Answer(200, show(request.world, CITUS.server(request), request.call.api_version))


def _list(request: Request) -> Answer:
    scope = request.path.scope
    if group_of(scope):
        require_group(request.world, scope)
    found = request.world.store.of_type(CLUSTERS, scope)
    return page([show(request.world, one, request.call.api_version) for one in found])


def _rules(request: Request) -> Settable:
    return ON_PREVIEW_PUT if request.call.api_version == PREVIEW else ON_PUT


def _put(request: Request) -> Outcome:
    group = require_group(request.world, request.path.scope)
    if CITUS.find(request) is not None:
        return _change(request, _rules(request))
    location = request.body.get("location")
    if not isinstance(location, str) or not location:
        raise ArmError(400, "LocationRequired", "The location property is required for this definition.")
    source, fixed = _source(request)
    body = _rules(request).changed(None, merged({"properties": {**NEW, **source}}, request.body))
    body["properties"] = merged(merged(NEW_IN_PREVIEW, source), body["properties"]) | fixed
    now = long_stamp(request.world.clock.now())
    body |= {"location": location, "systemData": {"createdAt": now, "createdByType": "User"}}
    cluster = Resource(f"{group}/providers/{CLUSTERS}/{request.name}", CLUSTERS, body)
    request.world.operations.require_idle(cluster.id)
    return accepted(cluster, "Provisioning", lambda: request.world.store.put(cluster), answer=_made(request, cluster))


def _source(request: Request) -> tuple[Body, Body]:
    """Return what a copy takes from its source, and what only the service sets: a replica remembers its source."""
    wanted = dig(request.body, "properties.sourceResourceId")
    if wanted is None:
        return {}, {}
    source = request.world.store.get(str(wanted))
    if source is None or source.type != CLUSTERS:
        raise invalid_value("sourceResourceId")
    given = {name: value for name, value in source.properties.items() if name not in (*_INNER, "sourceResourceId")}
    if dig(request.body, "properties.pointInTimeUTC") is not None:
        return given, {}
    return given, {"sourceResourceId": source.id, "sourceLocation": source.body["location"]}


def _made(request: Request, cluster: Resource) -> Callable[[], Answer]:
    return lambda: Answer(201, show(request.world, cluster, request.call.api_version))


def _patch(request: Request) -> Outcome:
    return _change(request, ON_PATCH)


def _change(request: Request, rules: Settable) -> Outcome:
    cluster = CITUS.idle(request)
    sent = request.body
    require_growth(cluster.body, rules.changed(cluster.body, sent), *_GROWING)

    def apply() -> None:
        cluster.body = rules.changed(cluster.body, sent)

    answer = _made(request, cluster) if request.call.method == "PUT" else gone
    return accepted(cluster, "Updating", apply, answer=answer)


def _delete(request: Request) -> Outcome:
    require_group(request.world, request.path.scope)
    if CITUS.find(request) is None:
        return Nothing()
    cluster = CITUS.idle(request)

    def apply() -> None:
        for one in replicas_of(request.world, cluster):
            one.properties.pop("sourceResourceId")
        request.world.store.remove(cluster.id)

    return accepted(cluster, "Dropping", apply, answer=gone)


TYPES = (
    ResourceType(
        CLUSTERS,
        VERSIONS,
        get=_get,
        list=_list,
        writes={"PUT": _put, "PATCH": _patch, "DELETE": _delete},
        graph=row,
        locations=LOCATIONS,
    ),
)
