"""The lag of replicas, as Azure Monitor tells it."""

from typing import Any
from urllib.parse import urlencode

import pytest

from tests.emulator.arm_client import OPEN, Answered, ArmClient, Bench

_COPY = OPEN.replace("pg-partners", "pg-copy")
_LAG = "physical_replication_delay_in_seconds"
_SPAN = "2026-11-26T06:00:00Z/2026-11-26T06:10:00Z"


async def _metric(arm: ArmClient, server: str, name: str = _LAG, **query: str) -> Answered:
    wanted = {"metricnames": name, "timespan": _SPAN, "interval": "PT1M", "aggregation": "Maximum"} | query
    asked = urlencode({"api-version": "2018-01-01", **wanted})
    return await arm.get(f"{server}/providers/Microsoft.Insights/metrics?{asked}")


def _data(answer: Answered) -> list[dict[str, Any]]:
    return [point for series in answer.body["value"][0]["timeseries"] for point in series["data"]]


@pytest.fixture
async def replica(dana: ArmClient) -> str:
    body = {"location": "northeurope", "properties": {"createMode": "Replica", "sourceServerResourceId": OPEN}}
    assert (await dana.put(_COPY, body)).status == 202
    return _COPY


async def test_a_replica_tells_its_lag_minute_by_minute(dana: ArmClient, replica: str) -> None:
    points = _data(await _metric(dana, replica))
    assert len(points) == 10
    assert points[0] == {"timeStamp": "2026-11-26T06:00:00.000Z", "maximum": 1.0}


async def test_other_servers_have_no_lag(dana: ArmClient, replica: str) -> None:
    assert not any("maximum" in point for point in _data(await _metric(dana, OPEN)))


@pytest.mark.parametrize("value", [42.5, None])
async def test_the_lag_can_be_set(dana: ArmClient, replica: str, bench: Bench, value: float | None) -> None:
    await bench.control.send("POST", "/metrics", {"resource": replica, "name": _LAG, "value": value})
    (last,) = _data(await _metric(dana, replica))[-1:]
    assert last.get("maximum") == value


@pytest.mark.parametrize(
    "query", [{"name": "cpu"}, {"timespan": "yesterday"}, {"timespan": "2026-11-26T06:00:00Z"}, {"interval": "PT7M"}]
)
async def test_what_it_cannot_answer_is_refused(dana: ArmClient, replica: str, query: dict[str, str]) -> None:
    assert (await _metric(dana, replica, **query)).status == 400
