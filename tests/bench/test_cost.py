"""The bill is arithmetic on what was measured."""

import pytest

from bench import cost
from bench.operations import kind

_OPERATIONS = {"queue put": 2.0, "queue delete": 2.0, "table write": 3.0, "blob lease": 4.0}
_AT = "http://127.0.0.1:1/devstoreaccount1"


def test_a_function_runs_for_the_event_and_for_each_message() -> None:
    assert cost.executions(_OPERATIONS) == 3


def test_a_busy_instance_is_billed_for_its_time_shared_by_its_events() -> None:
    assert cost.busy(100, _OPERATIONS).time == pytest.approx(0.5 * 0.000026 * 10_000)


def test_an_event_alone_is_billed_for_the_least_there_is() -> None:
    assert cost.alone(_OPERATIONS).time == pytest.approx(3e6 * 0.5 * 0.000026)


def test_each_kind_of_operation_has_its_price() -> None:
    assert cost.storage(_OPERATIONS) == pytest.approx(100 * (4 * 0.004 + 3 * 0.00036 + 4 * 0.004))


@pytest.mark.parametrize(
    ("method", "url", "expected"),
    [
        ("POST", f"{_AT}/holdfast-reconcile/messages", "queue put"),
        ("GET", f"{_AT}/holdfast-reconcile/messages?numofmessages=32", "queue get"),
        ("DELETE", f"{_AT}/holdfast-reconcile/messages/one?popreceipt=x", "queue delete"),
        ("PUT", f"{_AT}/holdfast-reconcile/messages/one?popreceipt=x", "queue update"),
        ("GET", f"{_AT}/holdfast(PartitionKey='a',RowKey='b')", "table read"),
        ("GET", f"{_AT}/holdfast()?$filter=a", "table read"),
        ("POST", f"{_AT}/$batch", "table write"),
        ("PUT", f"{_AT}/holdfast-leases/one?comp=lease", "blob lease"),
        ("PUT", f"{_AT}/holdfast-leases/one", "blob write"),
        ("GET", f"{_AT}/policies/policy.yaml", "blob read"),
    ],
)
def test_a_request_is_called_what_the_price_list_calls_it(method: str, url: str, expected: str) -> None:
    assert kind(method, url) == expected
