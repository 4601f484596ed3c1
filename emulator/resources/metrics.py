"""GET RESOURCE/providers/Microsoft.Insights/metrics: numbers of a server over time, of which only the lag of replicas.

learn.microsoft.com, "Metrics - List", "Supported metrics for Microsoft.DBforPostgreSQL/..." and "Monitor a replica". A
replica has the metric of its kind, any other server has no values of it; an unknown name is refused.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from emulator.arm.call import Answer
from emulator.arm.registry import Request, ResourceType
from emulator.arm.store import Resource
from emulator.body import Body
from emulator.clock import stamp
from emulator.errors import ArmError
from emulator.resources.around.scopes import require_scope
from emulator.world import World

_AGGREGATIONS = ("average", "minimum", "maximum", "total", "count")
_MOST_POINTS = 60
_STEP = timedelta(minutes=1)
# By resource type: the metric, its unit, and whose it is.
_METRICS: dict[str, tuple[str, str, str, Callable[[Resource], bool]]] = {
    "microsoft.dbforpostgresql/flexibleservers": (
        "physical_replication_delay_in_seconds",
        "Read Replica Lag",
        "Seconds",
        lambda one: "sourceServerResourceId" in one.properties,
    ),
    "microsoft.dbforpostgresql/servers": (
        "pg_replica_log_delay_in_seconds",
        "Replica Lag",
        "Seconds",
        lambda one: bool(one.properties.get("masterServerId")),
    ),
    "microsoft.dbforpostgresql/servergroupsv2": (
        "replication_lag",
        "Replication lag",
        "MilliSeconds",
        lambda one: bool(one.properties.get("sourceResourceId")),
    ),
}


def _list(request: Request) -> Answer:
    query = request.call.query
    resource = _resource(request)
    since, until = _span(request)
    name, title, unit, has = _metric(resource, query.get("metricnames", ""))
    aggregations = [one.strip().lower() for one in query.get("aggregation", "average").split(",")]
    if query.get("interval", "PT1M") != "PT1M" or not set(aggregations) <= set(_AGGREGATIONS):
        raise _refused("only the interval PT1M and the usual aggregations are emulated")
    value = _value(request.world, resource, name) if has(resource) else None
    points = _points(since, until, aggregations, value)
    metric: Body = {
        "id": f"{resource.id}/providers/Microsoft.Insights/metrics/{name}",
        "type": "Microsoft.Insights/metrics",
        "name": {"value": name, "localizedValue": title},
        "displayDescription": title,
        "unit": unit,
        "timeseries": [{"metadatavalues": [], "data": points}] if points else [],
        "errorCode": "Success",
    }
    body: Body = {
        "cost": len(points),
        "timespan": f"{stamp(since)}/{stamp(until)}",
        "interval": "PT1M",
        "value": [metric],
        "namespace": resource.type,
        "resourceregion": str(resource.body["location"]).replace(" ", "").lower(),
    }
    return Answer(200, body)


def _resource(request: Request) -> Resource:
    found = request.world.store.get(require_scope(request.world, request.path.scope))
    if found is None or found.type.lower() not in _METRICS:
        raise _refused("this resource has no metrics here")
    return found


def _metric(resource: Resource, wanted: str) -> tuple[str, str, str, Callable[[Resource], bool]]:
    known = _METRICS[resource.type.lower()]
    if wanted.lower() != known[0]:
        raise _refused(f"Failed to find metric configuration for provider: {resource.type}, metric: {wanted}")
    return known


def _span(request: Request) -> tuple[datetime, datetime]:
    text = request.call.query.get("timespan", "")
    try:
        since, until = (datetime.fromisoformat(one) for one in text.split("/"))
    except ValueError as error:
        raise _refused(f"the timespan {text!r} is invalid") from error
    if since.tzinfo is None or until.tzinfo is None or since >= until:
        raise _refused(f"the timespan {text!r} is invalid")
    return since, until


def _value(world: World, resource: Resource, name: str) -> float | None:
    """What the test has set, else a replica that keeps up."""
    return world.metrics.get(f"{resource.id}/{name}".lower(), 1.0)


def _points(since: datetime, until: datetime, aggregations: list[str], value: float | None) -> list[Body]:
    """One point for each minute; Azure leaves the members out where it knows nothing."""
    minutes = min(_MOST_POINTS, int((until - since) / _STEP))
    known = {} if value is None else {name: 1.0 if name == "count" else value for name in aggregations}
    return [{"timeStamp": stamp(since + number * _STEP), **known} for number in range(minutes)]


def _refused(why: str) -> ArmError:
    return ArmError(400, "BadRequest", why)  # the code is not verified


TYPES = (
    ResourceType("Microsoft.Insights/metrics", ("2018-01-01", "2019-07-01", "2023-10-01", "2024-02-01"), list=_list),
)
