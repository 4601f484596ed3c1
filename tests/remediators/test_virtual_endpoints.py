"""Names that clients use lead where the policy says."""

import pytest

from shared.control import LastGood, NotApplicable, Risk
from shared.plan import make_plan
from shared.state import FacetKind, State
from tests.builders import a_server, a_state
from tests.remediators.judging import drifts_of, finding_of, judge_of

ID = "virtual-endpoint-integrity"
NAMED = {"pg-main": ["pg-replica", "PG-Payments"]}
GOOD = {"endpointType": "ReadWrite", "members": '["pg-payments", "pg-replica"]'}


def leading(role: str = "Primary", **members: str) -> State:
    found = {name.replace("_", "-"): {"endpointType": "ReadWrite", "members": text} for name, text in members.items()}
    server = a_server(facts={"replicationRole": role})
    return a_state(server=server, children={FacetKind.VIRTUAL_ENDPOINTS: found})


@pytest.mark.parametrize("members", ['["pg-payments", "pg-replica"]', '["PG-Replica"]'])
def test_the_primary_counts_whether_or_not_it_is_named(members: str) -> None:
    assert drifts_of(ID, leading(pg_main=members), virtual_endpoints=NAMED) == ()


def test_a_name_that_leads_elsewhere_is_turned_back() -> None:
    state = leading(pg_main='["pg-payments", "pg-other"]')
    (change,) = make_plan(state, [judge_of(ID, state, virtual_endpoints=NAMED)], LastGood()).changes
    assert (change.setting.name, change.after, change.risk) == ("pg-main", GOOD, Risk.MAY_CUT_CLIENTS)


def test_a_name_that_is_missing_is_made_again() -> None:
    (drift,) = drifts_of(ID, leading(), virtual_endpoints=NAMED)
    assert (drift.setting.name, drift.found, drift.wanted) == ("pg-main", None, GOOD)


def test_a_name_that_nobody_approved_is_reported() -> None:
    (drift,) = drifts_of(ID, leading(pg_main='["pg-replica"]', extra='["pg-payments"]'), virtual_endpoints=NAMED)
    assert drift.setting.name == "extra"
    assert drift.person == "name it in the policy, parameters.virtual_endpoints, or delete it"


def test_a_replica_and_an_unread_server_are_not_judged() -> None:
    assert isinstance(finding_of(ID, leading("AsyncReplica"), virtual_endpoints=NAMED), NotApplicable)
    assert isinstance(finding_of(ID, a_state(), virtual_endpoints=NAMED), NotApplicable)
    assert isinstance(finding_of(ID, leading()), NotApplicable)
