"""HTTP functions: routes, keys, and what a request looks like to the function."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.local_host.running import Host, running_host, write_app

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    folder = tmp_path_factory.mktemp("http")
    write_app(folder)
    with running_host(folder, "--function-key", "fk", "--master-key", "mk") as host:
        yield host


def test_a_function_sees_the_request(host: Host) -> None:
    headers = {"X-Asked": "yes", "x-functions-key": "fk"}
    answer = host.ask("POST", "/api/things/7/wheel?a=1&a=2&empty=", "body", headers)
    assert answer.status == 201
    assert answer.headers["Content-Type"] == "application/json"
    assert json.loads(answer.text) == {
        "method": "POST",
        "params": {"a": "1,2"},
        "route": {"id": "7", "part": "wheel"},
        "header": "yes",
        "body": "body",
    }


def test_an_optional_part_of_the_route_may_be_missing(host: Host) -> None:
    answer = host.ask("GET", "/API/Things/7?code=fk")
    assert json.loads(answer.text)["route"] == {"id": "7"}


@pytest.mark.parametrize("path", ["/api/things/seven", "/api/things", "/things/7", "/api/nothing", "/"])
def test_what_no_route_fits_is_not_found(host: Host, path: str) -> None:
    assert host.ask("GET", f"{path}?code=fk").status == 404


def test_a_method_the_function_does_not_have_is_not_found(host: Host) -> None:
    assert host.ask("DELETE", "/api/things/7?code=fk").status == 404


@pytest.mark.parametrize(
    ("path", "key", "status"),
    [
        ("/api/open", "", 200),
        ("/api/things/1", "", 401),
        ("/api/things/1", "wrong", 401),
        ("/api/things/1", "fk", 201),
        ("/api/things/1", "mk", 201),
        ("/api/masters", "", 401),
        ("/api/masters", "fk", 401),
        ("/api/masters", "mk", 200),
    ],
)
def test_keys_open_what_they_are_for(host: Host, path: str, key: str, status: int) -> None:
    assert host.ask("GET", path, headers={"x-functions-key": key}).status == status
    assert host.ask("GET", f"{path}?code={key}").status == status


def test_a_text_is_the_answer(host: Host) -> None:
    answer = host.ask("GET", "/api/open")
    assert (answer.text, answer.headers["Content-Type"]) == ("welcome", "text/plain; charset=utf-8")


def test_a_failing_function_is_500_and_its_error_is_logged_once(host: Host) -> None:
    answer = host.ask("GET", "/api/broken")
    assert (answer.status, answer.text) == (500, "")
    (line,) = [line for line in host.log() if "broken on purpose" in json.dumps(line)]
    assert line["function"] == "broken"
    assert line["invocation"]
    assert "RuntimeError: broken on purpose" in line["trace"]


def test_the_route_prefix_of_host_json_is_used(tmp_path: Path) -> None:
    write_app(tmp_path, extensions={"http": {"routePrefix": ""}})
    with running_host(tmp_path) as host:
        assert host.ask("GET", "/open").status == 200
        assert host.ask("GET", "/api/open").status == 404


def test_a_function_that_takes_too_long_fails_and_the_host_goes_on(tmp_path: Path) -> None:
    write_app(tmp_path, functionTimeout="00:00:01")
    with running_host(tmp_path) as host:
        assert host.ask("GET", "/api/never").status == 500
        assert any("functionTimeout" in line["message"] for line in host.log())
        assert host.ask("GET", "/api/open").status == 200
