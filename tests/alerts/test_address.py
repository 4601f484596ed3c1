"""Which server an alert leads to."""

from datetime import timedelta

import pytest

from shared.alerts.address import Homeless, addressed
from shared.alerts.reading import Ignored
from shared.errors import MalformedEvent
from shared.events import read_event
from shared.journal import Origin, Trigger
from shared.target import parse_target
from tests.alerts.shapes import CAPTURES, ID, SERVER, SHAPES, an_export, read
from tests.builders import NOON
from tests.shared.test_events import an_event

VM = (
    "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/v"
)


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_is_a_reason_to_look_at_its_server(shape: str) -> None:
    alert = read(CAPTURES[shape])
    trigger = addressed(alert, NOON)
    assert isinstance(trigger, Trigger)
    assert trigger.id == f"alert:{ID}:{alert.status}"
    assert trigger.target == parse_target(SERVER).id
    assert (trigger.operation, trigger.child, trigger.origin) == ("", "", Origin.ALERT)
    assert (trigger.alert, trigger.received_at, trigger.actor, trigger.authentic) == (alert, NOON, None, False)


def test_an_alert_about_a_database_is_about_its_server() -> None:
    trigger = addressed(read(an_export(AzureResourceId=f"{SERVER}/databases/app")), NOON)
    assert isinstance(trigger, Trigger)
    assert trigger.target == parse_target(SERVER).id


def test_an_alert_of_the_future_is_dated_now() -> None:
    trigger = addressed(read(CAPTURES["export"]), NOON - timedelta(days=1))
    assert isinstance(trigger, Trigger)
    assert trigger.at == NOON - timedelta(days=1)


@pytest.mark.parametrize("kind", ["SQL.PostgreSQL_BruteForce", "VM_EICAR", ""])
def test_an_alert_about_something_else_is_ignored(kind: str) -> None:
    alert = read(an_export(AlertType=kind, AzureResourceId=VM, ResourceIdentifiers=None))
    assert isinstance(addressed(alert, NOON), Ignored)


@pytest.mark.parametrize(
    ("resource", "reason"),
    [
        (None, "found no resource id"),
        ("pg-payments", "found pg-payments"),
        (
            "/subscriptions/11111111-1111-4111-8111-111111111111",
            "found /subscriptions/11111111-1111-4111-8111-111111111111",
        ),
        (f"{SERVER}/../x", f"not an ARM resource id: '{SERVER}/../x'"),
    ],
)
def test_an_alert_about_postgresql_that_names_no_server_is_for_people(resource: str | None, reason: str) -> None:
    alert = read(an_export(AzureResourceId=resource, ResourceIdentifiers=None))
    found = addressed(alert, NOON)
    assert isinstance(found, Homeless)
    assert found.reason == reason


def test_an_alert_about_nothing_at_all_is_ignored() -> None:
    alert = read(an_export(AlertType="VM_EICAR", AzureResourceId=None, ResourceIdentifiers=None))
    assert isinstance(addressed(alert, NOON), Ignored)


def test_no_event_can_take_the_place_of_an_alert() -> None:
    with pytest.raises(MalformedEvent, match="ids that begin with alert: are Holdfast's own"):
        read_event(an_event() | {"id": f"alert:{ID}:active"})
