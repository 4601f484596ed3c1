"""The Event Grid webhook: the handshakes of both schemas, and unsubscribing."""

import json
from collections.abc import Iterator

import pytest

from tests.local_host.running import Host, running_host, write_app

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    folder = tmp_path_factory.mktemp("handshake")
    write_app(folder)
    with running_host(folder) as host:
        yield host


def test_the_handshake_gives_the_code_back(host: Host) -> None:
    body = [{"id": "v", "data": {"validationCode": "512d38b6"}}]
    answer = host.deliver("on_event", body, kind="SubscriptionValidation")
    assert (answer.status, json.loads(answer.text)) == (200, {"validationResponse": "512d38b6"})


def test_the_handshake_of_a_cloud_events_subscription_has_its_data_as_text(host: Host) -> None:
    body = {"id": "v", "data": json.dumps({"validationCode": "512d38b6"})}
    answer = host.deliver("on_event", body, kind="subscriptionvalidation")
    assert json.loads(answer.text) == {"validationResponse": "512d38b6"}


def test_a_handshake_without_a_code_is_refused(host: Host) -> None:
    assert host.deliver("on_event", [{"data": {}}], kind="SubscriptionValidation").status == 400


@pytest.mark.parametrize(
    ("asking", "allowed"),
    [
        ({"WebHook-Request-Origin": "eventgrid.azure.net"}, "eventgrid.azure.net"),
        ({"WebHook-Request-Origin": "eventgrid.azure.us"}, "eventgrid.azure.us"),
        ({"WebHook-Request-Origin": "elsewhere.example"}, "eventgrid.azure.net"),
        ({}, "eventgrid.azure.net"),
    ],
)
def test_the_cloud_events_handshake_allows_event_grid(host: Host, asking: dict[str, str], allowed: str) -> None:
    answer = host.ask("OPTIONS", "/runtime/webhooks/EventGrid?functionName=on_event", headers=asking)
    assert answer.status == 200
    assert answer.headers["WebHook-Allowed-Origin"] == allowed
    assert answer.headers["WebHook-Allowed-Rate"] == "*"


def test_unsubscribing_is_accepted(host: Host) -> None:
    assert host.deliver("on_event", [], kind="Unsubscribe").status == 202
