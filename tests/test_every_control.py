"""Laws that every control is under the moment its file exists, over any server hypothesis can build."""

import importlib
import json
import pkgutil
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import remediators
from remediators.server_parameters import ROWS
from shared.arm.servers import needed_permission
from shared.control import LastGood, NotApplicable, Remediator, Revert, Risk
from shared.copies import expanded
from shared.decide import Circumstances, Verb, decide_all
from shared.plan import Judge, make_plan, simulate
from shared.policy import Mode
from shared.scope import Place
from shared.state import (
    COORDINATOR,
    EVERY_PARAMETER,
    WORKERS,
    Administrator,
    Facet,
    FacetKind,
    FirewallRule,
    Parameter,
    Server,
    Setting,
    State,
    parameter,
    role_and_name,
)
from shared.target import Kind, Target
from tests.builders import (
    CATALOGUE,
    DBA_GROUP,
    NOON,
    PARAMETERS,
    STRANGER,
    TENANT,
    a_policy,
    a_server,
    a_state,
    a_target,
)
from tests.engine.world import World
from tests.good import CHILDREN, FACTS, NEVER_GOOD, good_children, good_facts

POLICY = a_policy()
# Parameters that other controls are about.
GUARDED = frozenset({"log_connections", "pgaudit.log"})
ON_KINDS = [
    (one.on(kind, POLICY.general_rule(one.control).parameters), kind)
    for one in CATALOGUE.values()
    for kind in sorted(one.control.kinds)
]
EACH = pytest.mark.parametrize(
    ("remediator", "kind"), ON_KINDS, ids=[f"{one.control.id}-{kind.name.lower()}" for one, kind in ON_KINDS]
)
JUDGES = {
    kind: tuple(Judge(one, POLICY.general_rule(one.control)) for one, of in ON_KINDS if of is kind) for kind in Kind
}

# Where each kind of server says whose replica it is.
SOURCE = {
    Kind.FLEXIBLE: "sourceServerResourceId",
    Kind.SINGLE: "masterServerId",
    Kind.CITUS: "sourceResourceId",
}

addresses = st.sampled_from(
    ["0.0.0.0", "10.0.0.4", "198.51.100.7", "203.0.113.1", "203.0.113.10", "203.0.113.14", "255.255.255.255"]
)
rules = st.builds(
    lambda name, ends: FirewallRule(name, *sorted(ends, key=lambda text: tuple(map(int, text.split("."))))),
    st.sampled_from(["app", "office", "tmp", "AllowAll"]),
    st.tuples(addresses, addresses),
)
admins = st.builds(
    Administrator, st.sampled_from([DBA_GROUP, STRANGER]), st.just("somebody"), st.just("Group"), st.just(TENANT)
)


def values_of(name: str) -> list[str]:
    """Right and wrong values of a parameter, as the table's own conditions name them, and odd ones."""
    own = role_and_name(name)[1]
    named = [(row, role_and_name(each)[1]) for row in ROWS for kind in Kind for each in row.parameters(kind)]
    examples = [row.condition.examples() for row, each in named if each == own]
    return sorted({"", "neighbour", *(value.upper() for pair in examples for value in pair), *sum(examples, ())})


def a_parameter_of(name: str) -> st.SearchStrategy[Parameter | None]:
    return st.none() | st.builds(
        Parameter,
        st.just(name),
        st.sampled_from(values_of(name)),
        allowed=st.sampled_from(["", ",".join(values_of(name))]),
        dynamic=st.booleans(),
        pending_restart=st.booleans(),
        read_only=st.booleans(),
        chosen=st.booleans(),
    )


_BASELINE = [
    f"{role}/{name}" for role in (COORDINATOR, WORKERS) for name in PARAMETERS["server-parameter-baseline"]["values"]
]
NAMES = {kind: sorted({name for row in ROWS for name in row.parameters(kind)}) for kind in Kind}
NAMES[Kind.CITUS] = sorted({*NAMES[Kind.CITUS], *_BASELINE})


def some_of[Key, Held](choices: Mapping[Key, st.SearchStrategy[Held]]) -> st.SearchStrategy[dict[Key, Held]]:
    """A few at a time: what they do to each other shows in small servers, too."""
    if not choices:
        return st.just({})
    names = st.lists(st.sampled_from(list(choices)), max_size=4, unique=True)
    return names.flatmap(lambda chosen: st.fixed_dictionaries({name: choices[name] for name in chosen}))


def without_none[Key, Held](found: Mapping[Key, Held | None]) -> dict[Key, Held]:
    return {key: held for key, held in found.items() if held is not None}


def things_of(kind: Kind) -> st.SearchStrategy[Any]:
    choices = {
        facet: some_of({name: st.sampled_from(things) for name, things in named.items()}).map(without_none)
        for facet, named in CHILDREN[kind].items()
    }
    return some_of(choices)


def servers_of(kind: Kind) -> st.SearchStrategy[Server]:
    return st.builds(
        a_server,
        public_access=st.sampled_from([True, False, None]),
        virtual_network=st.booleans() if kind is Kind.FLEXIBLE else st.just(False),
        approved_endpoints=st.integers(0, 2),
        entra_auth=st.booleans(),
        password_auth=st.booleans(),
        tenant_id=st.sampled_from(["", TENANT]),
        worker_access=st.booleans() if kind is Kind.CITUS else st.none(),
        state=st.sampled_from(["Ready", "Stopped", "Updating"]),
        facts=some_of({name: st.sampled_from(values) for name, values in FACTS[kind].items()}).map(without_none),
    )


def states_of(kind: Kind) -> st.SearchStrategy[State]:
    alone = st.builds(
        State,
        st.just(a_target(kind=kind)),
        server=servers_of(kind),
        firewall_rules=st.lists(rules, max_size=4, unique_by=lambda rule: rule.name).map(
            lambda found: tuple(sorted(found))
        ),
        parameters=some_of({name: a_parameter_of(name) for name in NAMES[kind]}),
        administrators=st.lists(
            admins, max_size=1 if kind is Kind.SINGLE else 2, unique_by=lambda admin: admin.object_id
        ).map(lambda found: tuple(sorted(found))),
        children=things_of(kind),
        guarded=st.just(GUARDED),
        at=st.just(NOON),
    )
    return alone | st.builds(a_copy, alone, alone, st.booleans())


def a_copy(state: State, original: State, follows: bool = True) -> State:
    """The server as a copy of another: a replica, or one that was restored from it."""
    source = replace(original, target=a_target("pg-source", original.target.kind))
    alerts = original.children.get(FacetKind.METRIC_ALERTS, {})
    watched = {name: _about(source.target, texts) for name, texts in alerts.items()}
    source = replace(source, children={**source.children, **({FacetKind.METRIC_ALERTS: watched} if watched else {})})
    server = state.server
    assert server is not None
    facts = {name: text for name, text in server.facts.items() if name != "replicationRole"}
    followed = {SOURCE[state.target.kind]: source.target.id} if follows else {}
    return replace(state, server=replace(server, facts=facts | followed), original=source)


def _about(target: Target, rule: Mapping[str, str]) -> dict[str, str]:
    return {**rule, "scopes": json.dumps([target.id])}


def seen_by(remediator: Remediator, state: State) -> frozenset[Facet]:
    """The facets that the control looks at in such a state."""
    found = expanded(state.target.kind, remediator.control.facets)
    named = (parameter(name) for name in (*state.parameters, *(state.original or state).parameters))
    return found | (frozenset(named) if EVERY_PARAMETER in found else frozenset())


STATES = {kind: states_of(kind) for kind in Kind}
# What was good is remembered, and may be looked at.
pairs = st.sampled_from(Kind).flatmap(
    lambda kind: st.tuples(STATES[kind], STATES[kind]).map(
        lambda pair: (pair[0], replace(pair[1], recalled=pair[0].settings()))
    )
)


def good_state(kind: Kind) -> State:
    names = {name: row for row in ROWS for name in row.parameters(kind)}
    return a_state(
        a_target(kind=kind),
        server=a_server(facts=good_facts(kind), worker_access=False if kind is Kind.CITUS else None),
        parameters={name: Parameter(name, row.condition.examples()[0], chosen=True) for name, row in names.items()},
        children=good_children(kind),
        at=NOON,
        guarded=GUARDED,
    )


def baseline_of(state: State) -> LastGood:
    """What Holdfast would remember if nobody objected to this state."""
    return LastGood(values=state.settings(), seen=state.facets())


def judge(remediator: Remediator) -> Judge:
    return Judge(remediator, POLICY.general_rule(remediator.control))


@EACH
def test_it_leaves_a_good_server_alone(remediator: Remediator, kind: Kind) -> None:
    finding = judge(remediator).find(good_state(kind))
    if (remediator.control.id, kind) in NEVER_GOOD:
        assert finding
    else:
        assert finding == () or isinstance(finding, NotApplicable)


@pytest.mark.parametrize("kind", Kind)
@settings(deadline=None)
@given(data=st.data())
def test_they_judge_any_server_without_stumbling(kind: Kind, data: st.DataObject) -> None:
    state = data.draw(STATES[kind])
    for each in JUDGES[kind]:
        finding = each.find(state)
        assert isinstance(finding, NotApplicable | tuple)
        for drift in finding if isinstance(finding, tuple) else ():
            assert drift.control == each.id
            assert drift.why
            assert {setting.facet for setting in drift.settings} <= seen_by(each.remediator, state)


@pytest.mark.parametrize("kind", Kind)
@settings(deadline=None)
@given(data=st.data())
def test_their_permissions_cover_their_changes(kind: Kind, data: st.DataObject) -> None:
    good, found = data.draw(STATES[kind]), data.draw(STATES[kind])
    for each in JUDGES[kind]:
        card = each.remediator.control
        actions = card.actions(kind) | card.rights
        for change in make_plan(found, [each], baseline_of(good)).changes:
            assert needed_permission(kind, change.setting, deletes=change.after is None) in actions


@EACH
def test_what_was_not_read_is_never_a_finding(remediator: Remediator, kind: Kind) -> None:
    finding = judge(remediator).find(State(a_target(kind=kind)))
    assert finding == () or isinstance(finding, NotApplicable)


@given(pair=pairs)
def test_a_plan_converges_as_far_as_it_goes_and_its_undo_restores(pair: tuple[State, State]) -> None:
    good, found = pair
    judges = JUDGES[found.target.kind]
    plan = make_plan(found, judges, baseline_of(good))
    after = simulate(found, plan.changes)
    # Where one control says that a person has to choose, another may still mend its own part of the setting.
    mended = {change.setting for change in plan.changes} - plan.refusals.keys()
    still = [drift for each in judges for drift in each.drifts(after) if drift.key not in plan.later]
    assert not any(drift.setting in mended and not drift.person for drift in still)
    restored = simulate(after, plan.undo)
    touched = {change.setting for change in plan.changes}
    assert {s: v for s, v in restored.settings().items() if s in touched} == {
        s: v for s, v in found.settings().items() if s in touched
    }


@given(pair=pairs)
def test_a_second_plan_repeats_nothing_of_the_first(pair: tuple[State, State]) -> None:
    good, found = pair
    judges = JUDGES[found.target.kind]
    first = make_plan(found, judges, baseline_of(good))
    second = make_plan(simulate(found, first.changes), judges, baseline_of(good))
    # What waits for a person comes after what needs none: of the same setting, too.
    later = {Setting.parse(key.partition("|")[2]) for key in first.later}
    assert not {change.setting for change in first.changes} & {change.setting for change in second.changes} - later


@given(pair=pairs)
def test_a_plan_breaks_no_control_that_held(pair: tuple[State, State]) -> None:
    good, found = pair
    judges = JUDGES[found.target.kind]
    after = simulate(found, make_plan(found, judges, baseline_of(good)).changes)
    for each in judges:
        assert each.drifts(found) or not each.drifts(after)


@example(
    pair=(a_state(), a_state(administrators=(Administrator(STRANGER, "somebody", "Group", TENANT),))),
    known=True,
)
@given(pair=pairs, known=st.booleans())
def test_nothing_unattended_lets_more_in_restarts_or_takes_the_last_administrator(
    pair: tuple[State, State], known: bool
) -> None:
    good, found = pair
    judges = JUDGES[found.target.kind]
    last_good = baseline_of(good) if known else LastGood()
    plan = make_plan(found, judges, last_good)
    acting = [
        drift
        for drift, decision in decide_all(found, judges, plan, last_good, Circumstances(Place(found.target), NOON))
        if decision.verb is Verb.ACT
    ]
    assert not any(drift.person for drift in acting)
    part = plan.only(setting for drift in acting for setting in drift.settings)
    always_asked = {Risk.WIDENS_ACCESS, Risk.NEEDS_RESTART, Risk.CUTS_ONLY_DOOR, Risk.ENDS_RECORDING}
    assert not always_asked & {change.risk for change in part.changes}
    after = simulate(found, part.changes)
    assert admitted(after) <= admitted(found)
    assert not found.administrators or after.administrators
    assert {a.object_id for a in after.administrators or ()} <= {a.object_id for a in found.administrators or ()}


def admitted(state: State) -> int:
    """How many addresses the firewall rules admit, overlaps counted twice."""
    return sum(rule.size for rule in state.firewall_rules or ())


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(pair=pairs)
async def test_the_engine_converges_and_its_second_pass_writes_nothing(pair: tuple[State, State]) -> None:
    good, found = pair
    world = World(good)
    await world.baseline()
    world.arm.states[world.target] = found
    if found.original is not None:
        world.arm.states[found.original.target] = found.original
    await world.event("*")
    await world.later(60)
    await world.later(60)
    written = len(world.arm.writes)
    await world.event("*")
    assert len(world.arm.writes) == written
    assert (await world.store.load(world.target)).memory.open is None


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@pytest.mark.parametrize("mode", [Mode.OFF, Mode.AUDIT, Mode.NOTIFY, Mode.APPROVE])
@given(pair=pairs)
async def test_no_mode_below_enforce_touches_anything(mode: Mode, pair: tuple[State, State]) -> None:
    good, found = pair
    world = World(good, policy=a_policy(mode))
    await world.baseline()
    world.arm.states[world.target] = found
    await world.event("*")
    assert world.arm.writes == []


@EACH
def test_its_card_is_filled_in(remediator: Remediator, kind: Kind) -> None:
    control = remediator.control
    assert control.title
    assert control.domain
    assert kind in control.kinds
    assert control.facets or control.unobserved
    assert control.operations or not control.permissions
    assert (
        control.permissions
        or control.rights
        or control.unobserved
        or control.revert in {Revert.CREATE_TIME, Revert.PERSON}
    )
    assert all(operation == operation.lower() for operation in control.operations)
    control.parameters.model_validate(PARAMETERS.get(control.id, {}))


MODULES: list[Any] = [
    importlib.import_module(f"remediators.{module.name}") for module in pkgutil.iter_modules(remediators.__path__)
]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_its_module_says_why_what_when_not_and_how_back(module: Any) -> None:
    text = module.__doc__
    positions = [text.find(f"\n{heading}") for heading in ("Why ", "Fix ", "Refuses ", "Undo ")]
    assert -1 not in positions
    assert positions == sorted(positions)
    # A table says with each row which control it is.
    named = {row.id for row in getattr(module, "ROWS", ())}
    for remediator in module.REMEDIATORS:
        assert remediator.control.id in named or remediator.control.id in text.splitlines()[0]
