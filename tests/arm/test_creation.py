"""How a server was made, as far as the activity log tells."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.arm.azure import AzureArm
from shared.arm.creation import creation_from
from shared.ports import Creation
from tests.arm.azure_side import AzureSide
from tests.arm.conftest import PARTNERS, REPORTING, server
from tests.arm.test_copies import a_copy_of

SOURCE = PARTNERS.id


def event(at: int, method: str = "PUT", body: Any = None, name: str = "requestbody", **members: Any) -> dict[str, Any]:
    """An event as the log shows it; `at` orders them, and is the request's id."""
    properties = {} if body is None else {name: body if isinstance(body, str) else json.dumps(body)}
    given = {"eventTimestamp": f"2026-03-01T12:00:0{at}Z", "httpRequest": {"method": method}, "operationId": f"o-{at}"}
    return {**given, "properties": properties, **members}


def sent(**properties: Any) -> dict[str, Any]:
    return {"location": "westeurope", "properties": properties}


@pytest.mark.parametrize("member", ["sourceServerResourceId", "sourceResourceId", "sourceServerId"])
@pytest.mark.parametrize("name", ["requestbody", "responseBody"])
def test_the_request_says_what_it_was_made_from(member: str, name: str) -> None:
    assert creation_from([event(1, body=sent(**{member: SOURCE}), name=name)]) == Creation(SOURCE)


def test_a_server_made_from_nothing_is_known_to_be() -> None:
    assert creation_from([event(1, body=sent(createMode="Default"))]) == Creation("")


def test_a_request_that_is_not_shown_is_not_known() -> None:
    assert creation_from([event(1)]) == Creation("", known=False)
    assert creation_from([event(1, body="{ cut off"), event(1, body=[1])]) == Creation("", known=False)


def test_what_was_not_made_says_nothing() -> None:
    assert creation_from([]) is None
    assert creation_from([event(1, "PATCH", sent(sourceServerResourceId=SOURCE))]) is None


def test_a_later_put_is_a_change_and_an_earlier_server_of_the_name_another_one() -> None:
    changed = event(3, body=sent(sourceServerResourceId="/x"))
    assert creation_from([changed, event(2, body=sent())]) == Creation("")
    assert creation_from([event(1, body=sent()), event(2, "DELETE"), changed]) == Creation("/x")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4) | st.just("PUT"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["method", "requestbody", "properties", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(st.lists(st.dictionaries(st.sampled_from(sorted(event(1))), JSON), max_size=4))
def test_whatever_the_log_holds_is_no_stumbling(events: list[dict[str, Any]]) -> None:
    assert creation_from(events) is None or isinstance(creation_from(events), Creation)


@pytest.mark.parametrize("source", [PARTNERS, REPORTING], ids=lambda one: one.kind.value)
async def test_a_restored_server_is_traced_through_the_log(arm: AzureArm, side: AzureSide, source: Any) -> None:
    copy = await a_copy_of(side, source, "PointInTimeRestore")
    assert await arm.creation(copy) == Creation(source.id)


async def test_a_server_that_the_log_does_not_know_is_no_copy(arm: AzureArm) -> None:
    assert await arm.creation(PARTNERS) is None
    assert await arm.creation(server("pg-nowhere")) is None
