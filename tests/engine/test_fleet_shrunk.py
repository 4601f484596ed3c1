"""What the fleet of faults has found, shrunk to the fewest steps: each ends well."""

from collections.abc import Callable, Iterator

import pytest

from tests.builders import TENANT
from tests.engine.fleet_azure import LOGGED
from tests.engine.test_fleet_laws import BRANCH, EVE, NEIGHBOUR, RULE, STRANGE, Operation
from tests.engine.world import INTERNET


@pytest.fixture
def fleet() -> Iterator[Operation]:
    """A fleet that has been seen once; at the end it has to be well."""
    operation = Operation()
    operation.the_fleet_is_seen_once(drifts=[])
    yield operation
    operation.teardown()


def at(operation: Operation, name: str) -> int:
    """Where the server with this name stands."""
    return [target.name for target in operation.fleet.targets].index(name)


def a_pipeline_replaces_the_one_administrator(operation: Operation) -> None:
    """A single server has one: the stranger stays, and a person is asked for a successor."""
    stranger = {"principalName": "eve", "principalType": "User", "tenantId": TENANT}
    operation.a_pipeline_deploys(where=at(operation, "pg-single"), drift=(EVE, stranger), late=False)


def an_alert_is_answered_only_when_it_is_taken_up_again(operation: Operation) -> None:
    """Its worker slept through its lease again and again; the fix tells of the alert."""
    where = at(operation, "pg-orders")
    operation.a_worker_sleeps_through_its_lease()
    operation.defender_raises_an_alert(where=where)
    operation.an_event_is_on_its_way(where=where, drift=(RULE, INTERNET))
    for _ in range(3):
        operation.a_worker_sleeps_through_its_lease()


def more_joins_a_fix_that_was_begun(operation: Operation) -> None:
    """The store's answer to the intent was lost; when the fix goes on, somebody has changed more."""
    where = at(operation, "pg-orders")
    operation.an_answer_of_the_store_is_lost(point=6)
    operation.a_pipeline_deploys(where=where, drift=(RULE, INTERNET), late=False)
    operation.somebody_changes_a_server(where=where, drift=(STRANGE, INTERNET), copies=0, late=0)


def two_answers_to_one_alert_are_proven_one_after_the_other(operation: Operation) -> None:
    """One when the alert comes, the other when there is something to close."""
    where = at(operation, "pg-watched")
    operation.a_pipeline_deploys(where=where, drift=(RULE, INTERNET), late=False)
    operation.defender_raises_an_alert(where=where)
    operation.a_pipeline_deploys(where=where, drift=(LOGGED, "off"), late=False)


def nobody_can_be_told_for_more_than_a_day(operation: Operation) -> None:
    """The message of the fix is given up, and lies before an operator."""
    operation.the_receiver_fails(down=True)
    operation.somebody_changes_a_server(where=at(operation, "pg-orders"), drift=(RULE, INTERNET), copies=1, late=0)
    operation.time_passes(90_000)
    operation.time_passes(4000)


def the_same_was_deployed_to_another_server(operation: Operation) -> None:
    """What the log says of one server proves nothing about another."""
    drifted, other = at(operation, "pg-single"), at(operation, "pg-orders")
    operation.fleet.arm.set(operation.server(drifted), RULE, INTERNET)
    operation.azure_cannot_be_read(missing=False)
    operation.a_pipeline_deploys(where=drifted, drift=(NEIGHBOUR, BRANCH), late=False)
    operation.a_pipeline_deploys(where=other, drift=(RULE, INTERNET), late=False)


FOUND: tuple[Callable[[Operation], None], ...] = (
    a_pipeline_replaces_the_one_administrator,
    an_alert_is_answered_only_when_it_is_taken_up_again,
    more_joins_a_fix_that_was_begun,
    two_answers_to_one_alert_are_proven_one_after_the_other,
    nobody_can_be_told_for_more_than_a_day,
    the_same_was_deployed_to_another_server,
)


@pytest.mark.parametrize("story", FOUND, ids=lambda story: story.__name__)
def test_it_ends_well(fleet: Operation, story: Callable[[Operation], None]) -> None:
    story(fleet)
    fleet.nothing_happened_that_may_never_happen()
