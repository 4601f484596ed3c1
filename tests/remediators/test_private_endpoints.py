"""Private ways in: one at least, and none that nobody approved."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from shared.control import LastGood, NotApplicable, Risk
from shared.plan import make_plan
from shared.state import FacetKind, Setting, SettingKind, State, Value
from shared.target import Kind
from tests.builders import a_server, a_state, a_target
from tests.good import ENDPOINT
from tests.remediators.judging import drifts_of, finding_of, judge_of

PRESENT, NAMED = "private-endpoint-approved", "private-endpoint-allowlist"
APP = Setting(SettingKind.PRIVATE_ENDPOINT, "app")
STATUS = "privateLinkServiceConnectionState.status"


def connection(status: str, endpoint: str = ENDPOINT) -> dict[str, str]:
    return {"privateEndpoint.id": endpoint, STATUS: status}


def connected(kind: Kind = Kind.FLEXIBLE, recalled: Mapping[Setting, Value] | None = None, **found: Value) -> State:
    state = a_state(a_target(kind=kind), children={FacetKind.PRIVATE_ENDPOINTS: found})
    return replace(state, recalled=recalled or {})


@pytest.mark.parametrize("kind", Kind)
def test_one_approved_connection_is_enough(kind: Kind) -> None:
    assert drifts_of(PRESENT, connected(kind, app=connection("Approved"), other=connection("Pending"))) == ()


def test_a_connection_that_was_approved_is_proposed_again_and_lets_somebody_in() -> None:
    state = connected(recalled={APP: connection("Approved")}, app=connection("Pending"))
    (change,) = make_plan(state, [judge_of(PRESENT, state)], LastGood()).changes
    assert (change.setting, change.after, change.risk) == (APP, connection("Approved"), Risk.WIDENS_ACCESS)


@pytest.mark.parametrize(
    "state",
    [
        connected(recalled={APP: connection("Approved")}),
        connected(recalled={APP: connection("Approved")}, app=connection("Rejected")),
    ],
)
def test_what_is_gone_or_rejected_is_made_again_by_a_person(state: State) -> None:
    (drift,) = drifts_of(PRESENT, state)
    assert (drift.setting, drift.wanted) == (APP, connection("Approved"))
    assert drift.person == "make a private endpoint for the server"


def test_who_only_knocks_is_a_persons_to_let_in() -> None:
    (drift,) = drifts_of(PRESENT, connected(app=connection("Pending")))
    assert (drift.setting, drift.person) == (APP, "approve the connection app, if it is yours")


def test_a_server_inside_a_network_needs_none() -> None:
    state = replace(connected(), server=a_server(virtual_network=True))
    assert isinstance(finding_of(PRESENT, state), NotApplicable)
    assert isinstance(finding_of(PRESENT, a_state()), NotApplicable)


@pytest.mark.parametrize("kind", Kind)
def test_the_connection_of_an_endpoint_that_nobody_named_is_deleted(kind: Kind) -> None:
    foreign = connection("Approved", f"{ENDPOINT}-of-others")
    state = connected(
        kind, app=connection("Approved", ENDPOINT.upper()), stranger=foreign, knocks=connection("Pending", "x")
    )
    (change,) = make_plan(state, [judge_of(NAMED, state, approved_endpoints=[ENDPOINT])], LastGood()).changes
    assert (change.setting.name, change.after, change.risk) == ("stranger", None, Risk.MAY_CUT_CLIENTS)


def test_all_endpoints_of_a_subscription_may_be_approved() -> None:
    state = connected(app=connection("Approved"))
    assert drifts_of(NAMED, state, approved_subscriptions=["11111111-1111-4111-8111-111111111111"]) == ()
    assert len(drifts_of(NAMED, state, approved_subscriptions=["21111111-1111-4111-8111-111111111111"])) == 1
    assert len(drifts_of(NAMED, connected(app=connection("Approved", "")), approved_endpoints=[ENDPOINT])) == 1


def test_without_a_list_or_a_read_nothing_is_said() -> None:
    assert isinstance(finding_of(NAMED, connected(app=connection("Approved"))), NotApplicable)
    assert isinstance(finding_of(NAMED, a_state(), approved_endpoints=[ENDPOINT]), NotApplicable)
