"""No subnet is let in through a service endpoint."""

from shared.control import LastGood, NotApplicable, Risk
from shared.plan import make_plan
from shared.state import FacetKind, Setting, SettingKind, State
from shared.target import Kind
from tests.builders import a_state, a_target
from tests.remediators.judging import drifts_of, finding_of, judge_of

ID = "no-vnet-service-endpoint-rules"


def with_rules(*names: str) -> State:
    rules = {name: {"virtualNetworkSubnetId": f"/subscriptions/s/subnets/{name}"} for name in names}
    return a_state(a_target(kind=Kind.SINGLE), children={FacetKind.VIRTUAL_NETWORK_RULES: rules})


def test_without_rules_it_holds() -> None:
    assert drifts_of(ID, with_rules()) == ()


def test_every_rule_is_deleted_and_its_clients_may_be_cut_off() -> None:
    state = with_rules("app", "batch")
    changes = make_plan(state, [judge_of(ID, state)], LastGood()).changes
    assert [(change.setting.name, change.after, change.risk) for change in changes] == [
        ("app", None, Risk.MAY_CUT_CLIENTS),
        ("batch", None, Risk.MAY_CUT_CLIENTS),
    ]


def test_a_rule_that_was_widened_before_anybody_minded_is_deleted_too() -> None:
    state, rule = with_rules("app"), Setting(SettingKind.VIRTUAL_NETWORK_RULE, "app")
    (change,) = make_plan(state, [judge_of(ID, state)], LastGood({rule: {"virtualNetworkSubnetId": "x"}})).changes
    assert change.after is None


def test_rules_that_were_not_read_are_not_judged() -> None:
    assert finding_of(ID, a_state()) == NotApplicable("the virtual network rules were not read")
