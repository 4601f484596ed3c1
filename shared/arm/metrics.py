"""How far a replica lags behind, as Azure Monitor tells it. Api-version 2018-01-01.

learn.microsoft.com, "Metrics - List", and "Supported metrics" of each kind: `physical_replication_delay_in_seconds`
("Read Replica Lag") of flexible servers, `pg_replica_log_delay_in_seconds` ("Replica Lag") of single servers. The
metric of Citus clusters, `replication_lag`, was not checked against that page. Azure Monitor is minutes behind.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.arm.answers import elements, members
from shared.arm.client import Call, Pipeline
from shared.errors import Retry, Stop
from shared.ports import Lag
from shared.target import Kind, Target

API_VERSION = "2018-01-01"
PERMISSION = "Microsoft.Insights/metrics/read"
_METRICS = {
    Kind.FLEXIBLE: "physical_replication_delay_in_seconds",
    Kind.SINGLE: "pg_replica_log_delay_in_seconds",
    Kind.CITUS: "replication_lag",
}
# What is older says nothing about now.
_WINDOW = timedelta(minutes=15)
_IN_SECONDS = {"seconds": 1.0, "milliseconds": 0.001}


class Metrics:
    """Reads the lag of replicas."""

    def __init__(self, client: Pipeline, clock: Callable[[], datetime]) -> None:
        self._client, self._clock = client, clock

    async def lag(self, replica: Target) -> Lag:
        """The newest lag, or why it is not known: what cannot be seen is never no lag."""
        name, until = _METRICS[replica.kind], self._clock()
        try:
            body = (await self._client.send(_call(replica, name, until))).body
        except (Stop, Retry) as error:
            return Lag(why=str(error))
        metrics = elements(members(body, PERMISSION).get("value"), PERMISSION)
        found = [point for metric in metrics for point in _points(members(metric, PERMISSION))]
        if not found:
            minutes = int(_WINDOW.total_seconds() // 60)
            return Lag(why=f"Azure Monitor has no value of {name} for the last {minutes} minutes")
        at, seconds = max(found)
        return Lag(seconds, at)


def _call(replica: Target, name: str, until: datetime) -> Call:
    query = {
        "metricnames": name,
        "timespan": f"{_moment(until - _WINDOW)}/{_moment(until)}",
        "interval": "PT1M",
        "aggregation": "Maximum",
    }
    path = f"{replica.id}/providers/Microsoft.Insights/metrics"
    return Call("GET", path, API_VERSION, PERMISSION, replica.id, query=query)


def _points(metric: Mapping[str, Any]) -> list[tuple[datetime, float]]:
    """The points that have a value, in seconds. A unit that is not known gives none: a guess would be worse."""
    factor = _IN_SECONDS.get(str(metric.get("unit")).lower())
    if factor is None:
        return []
    series = [members(one, PERMISSION) for one in elements(metric.get("timeseries") or [], PERMISSION)]
    points = [members(point, PERMISSION) for one in series for point in elements(one.get("data") or [], PERMISSION)]
    known = [point for point in points if isinstance(point.get("maximum"), int | float)]
    return [(_read(str(point.get("timeStamp"))), point["maximum"] * factor) for point in known]


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _read(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
