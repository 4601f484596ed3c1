"""What the host reads at its start: host.json, routes, app settings."""

import json
from pathlib import Path

import pytest

from local_host.app_settings import resolved
from local_host.errors import AppNotLoaded, BadHostJson
from local_host.host_json import HostJson, QueueOptions, read_host_json
from local_host.routes import route


def host_json(folder: Path, content: object) -> HostJson:
    (folder / "host.json").write_text(content if isinstance(content, str) else json.dumps(content))
    return read_host_json(folder)


def test_an_empty_host_json_means_the_real_defaults(tmp_path: Path) -> None:
    read = host_json(tmp_path, {"version": "2.0"})
    assert read.function_timeout_seconds == 1800
    assert read.route_prefix == "api"
    assert read.queues == QueueOptions()


def test_host_json_sets_the_queues(tmp_path: Path) -> None:
    queues = {
        "batchSize": 4,
        "newBatchThreshold": 3,
        "maxDequeueCount": 2,
        "visibilityTimeout": "00:01:30",
        "maxPollingInterval": "00:00:02.5",
        "messageEncoding": "None",
    }
    read = host_json(tmp_path, {"extensions": {"queues": queues}, "functionTimeout": "-1"})
    assert read.queues == QueueOptions(4, 3, 2, 90.0, 2.5, base64=False)
    assert read.function_timeout_seconds is None


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        {"functionTimeout": "5 minutes"},
        {"extensions": {"queues": {"batchSize": 33}}},
        {"extensions": {"queues": {"messageEncoding": "utf-8"}}},
        {"extensions": {"queues": {"visibilityTimeout": 30}}},
        {"extensions": []},
    ],
)
def test_a_bad_host_json_is_refused(tmp_path: Path, content: object) -> None:
    with pytest.raises(BadHostJson, match=r"host\.json"):
        host_json(tmp_path, content)


def test_a_missing_host_json_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadHostJson, match="missing"):
        read_host_json(tmp_path)


@pytest.mark.parametrize(
    ("template", "path", "values"),
    [
        ("api/things", "/api/things", {}),
        ("api/things", "/api/thing", None),
        ("api/{id}", "/api/a", {"id": "a"}),
        ("api/{id}", "/api/a/b", None),
        ("api/{id}", "/api", None),
        ("api/{id?}", "/api", {}),
        ("api/{id:int}", "/api/12", {"id": "12"}),
        ("api/{id:int}", "/api/x", None),
        ("api/{*rest}", "/api/a/b", {"rest": "a/b"}),
        ("api/{*rest}", "/api", {}),
        ("/api/a.b/", "/api/aXb", None),
        ("", "", {}),
    ],
)
def test_a_route_template_fits_a_path(template: str, path: str, values: dict[str, str] | None) -> None:
    assert route(template).values(path) == values


def test_an_unknown_route_constraint_is_refused() -> None:
    with pytest.raises(AppNotLoaded, match="regex"):
        route("api/{id:regex}")


def test_settings_are_put_in() -> None:
    assert resolved("%A%-x-%B%", {"A": "1", "B": "2"}) == "1-x-2"
