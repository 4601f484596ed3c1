"""The laws of all controls hold for the example's, alone and together with those that ship."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from remediators import load_all
from shared.control import Catalogue
from shared.own_controls import with_own
from shared.plan import Judge
from shared.policy import ControlPolicy, Mode, Policy
from shared.state import FirewallRule, Parameter, State
from shared.target import Kind
from tests import test_every_control as laws
from tests.builders import PARAMETERS
from tests.engine.world import World
from tests.examples import examples
from tests.own_controls import example

TIMEOUT, LIBRARIES = "idle_in_transaction_session_timeout", "shared_preload_libraries"
VALUES = {TIMEOUT: ["60000", "0", "900000", "", "x"], LIBRARIES: ["pgaudit,auto_explain", "pgaudit", "", "none"]}
FACTS = {"backup.retentionDays": ["14", "7", "99"], "sku.tier": ["GeneralPurpose", "Burstable"]}
RULES = [FirewallRule(name, "203.0.113.1", "203.0.113.2") for name in ("chg1-app", "chg", "app")]
GIVEN = {"contoso-rule-names": {"prefix": "chg"}}
ROLES = {Kind.FLEXIBLE: ("",), Kind.SINGLE: ("",), Kind.CITUS: ("coordinator/", "workers/")}
IDS = [line.removeprefix("  - id: ") for line in example.PAGE.splitlines() if line.startswith("  - id: ")]
IDS += ["contoso-rule-names"]
KINDS = {
    "contoso-idle-transactions": [Kind.FLEXIBLE],
    "contoso-explain-slow-statements": list(Kind),
    "contoso-backups-for-two-weeks": [Kind.FLEXIBLE, Kind.SINGLE],
    "contoso-no-burstable-servers": [Kind.FLEXIBLE],
    "contoso-rule-names": list(Kind),
}
EACH = pytest.mark.parametrize(("name", "kind"), [(name, kind) for name in IDS for kind in KINDS[name]])
# There are many controls, and each run looks at the same examples; the deep profile looks at more.
FEW = settings(max_examples=max(20, settings().max_examples // 5), deadline=None)
BY_KIND = [laws.test_they_judge_any_server_without_stumbling, laws.test_their_permissions_cover_their_changes]
PLANS = [
    laws.test_a_plan_converges_as_far_as_it_goes_and_its_undo_restores,
    laws.test_a_second_plan_repeats_nothing_of_the_first,
    laws.test_a_plan_breaks_no_control_that_held,
]


def inner(law: Any) -> Any:
    """The law itself, for what is drawn here."""
    return law.hypothesis.inner_test


def states_of(kind: Kind) -> st.SearchStrategy[State]:
    """Servers as the laws have them, with what the example's controls look at."""
    return st.builds(
        with_values,
        laws.STATES[kind],
        st.fixed_dictionaries({name: st.sampled_from(values) for name, values in VALUES.items()}),
        st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in FACTS.items()}),
        st.lists(st.sampled_from(RULES), max_size=2, unique=True),
        st.booleans(),
    )


def with_values(
    state: State, values: dict[str, str], facts: dict[str, str], rules: list[FirewallRule], dynamic: bool
) -> State:
    assert state.server is not None
    named = {f"{role}{name}": value for name, value in values.items() for role in ROLES[state.target.kind]}
    held = {name: Parameter(name, value, dynamic=dynamic) for name, value in named.items()}
    known = {rule.name: rule for rule in (*(state.firewall_rules or ()), *rules)}
    return replace(
        state,
        server=replace(state.server, facts={**state.server.facts, **facts}),
        parameters={**state.parameters, **held},
        firewall_rules=tuple(sorted(known.values())),
    )


STATES = {kind: states_of(kind) for kind in Kind}
PAIRS = st.sampled_from(Kind).flatmap(
    lambda kind: st.tuples(STATES[kind], STATES[kind]).map(
        lambda pair: (pair[0], replace(pair[1], recalled=pair[0].settings()))
    )
)
shipped_good_state = laws.good_state


def good_state(kind: Kind) -> State:
    values, facts = ({name: some[0] for name, some in given.items()} for given in (VALUES, FACTS))
    return with_values(replace(shipped_good_state(kind), firewall_rules=()), values, facts, RULES[:1], dynamic=True)


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    return with_own(load_all(), example.written(tmp_path_factory.mktemp("example")))


def policy_for(catalogue: Catalogue, mode: Mode = Mode.ENFORCE) -> Policy:
    given = PARAMETERS | GIVEN
    lines = {name: one.control.parameters.model_validate(given.get(name, {})) for name, one in catalogue.items()}
    return Policy(mode=mode, controls={name: ControlPolicy(parameters=line) for name, line in lines.items()})


def judges_of(catalogue: Catalogue, policy: Policy, kind: Kind) -> tuple[Judge, ...]:
    ruled = [(one, policy.general_rule(one.control)) for one in catalogue.values() if kind in one.control.kinds]
    return tuple(Judge(one.on(kind, rule.parameters), rule) for one, rule in ruled)


@pytest.fixture(scope="module", autouse=True)
def over_the_example(catalogue: Catalogue) -> Iterator[None]:
    """The laws judge by the shipped and the example's controls together."""
    policy = policy_for(catalogue)

    def a_world(*states: State, policy: Policy = policy) -> World:
        return World(*states, policy=policy, catalogue=catalogue)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(laws, "JUDGES", {kind: judges_of(catalogue, policy, kind) for kind in Kind})
        patch.setattr(laws, "POLICY", policy)
        patch.setattr(laws, "STATES", STATES)
        patch.setattr(laws, "good_state", good_state)
        patch.setattr(laws, "a_policy", lambda mode: policy_for(catalogue, mode))
        patch.setattr(laws, "World", a_world)
        yield


@EACH
def test_it_leaves_a_good_server_alone(catalogue: Catalogue, name: str, kind: Kind) -> None:
    laws.test_it_leaves_a_good_server_alone(catalogue[name].on(kind), kind)


@EACH
def test_what_was_not_read_is_never_a_finding(catalogue: Catalogue, name: str, kind: Kind) -> None:
    laws.test_what_was_not_read_is_never_a_finding(catalogue[name].on(kind), kind)


@EACH
def test_its_card_is_filled_in(catalogue: Catalogue, name: str, kind: Kind) -> None:
    laws.test_its_card_is_filled_in(catalogue[name].on(kind), kind)


@pytest.mark.parametrize("law", BY_KIND, ids=lambda law: law.__name__)
@pytest.mark.parametrize("kind", Kind)
@FEW
@given(data=st.data())
def test_with_them_any_server_is_judged_and_mended_within_their_rights(
    law: Any, kind: Kind, data: st.DataObject
) -> None:
    inner(law)(kind, data)


@pytest.mark.parametrize("law", PLANS, ids=lambda law: law.__name__)
@FEW
@given(pair=PAIRS)
def test_plans_with_them_are_lawful(law: Any, pair: tuple[State, State]) -> None:
    inner(law)(pair)


@FEW
@given(pair=PAIRS, known=st.booleans())
def test_nothing_unattended_lets_more_in_or_restarts(pair: tuple[State, State], known: bool) -> None:
    inner(laws.test_nothing_unattended_lets_more_in_restarts_or_takes_the_last_administrator)(pair, known)


@settings(max_examples=examples(20), suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(pair=PAIRS)
async def test_the_engine_converges_and_its_second_pass_writes_nothing(pair: tuple[State, State]) -> None:
    await inner(laws.test_the_engine_converges_and_its_second_pass_writes_nothing)(pair)


@settings(max_examples=examples(10), suppress_health_check=[HealthCheck.too_slow], deadline=None)
@pytest.mark.parametrize("mode", [Mode.OFF, Mode.AUDIT, Mode.NOTIFY, Mode.APPROVE])
@given(pair=PAIRS)
async def test_no_mode_below_enforce_touches_anything(mode: Mode, pair: tuple[State, State]) -> None:
    await inner(laws.test_no_mode_below_enforce_touches_anything)(mode, pair)
