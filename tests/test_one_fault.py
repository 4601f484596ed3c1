"""Each control alone, on a good server of which one thing is wrong: what it finds, mends, needs and takes back."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest

from shared.arm.servers import needed_permission
from shared.control import Control, LastGood, Remediator
from shared.copies import COMPARED
from shared.plan import make_plan, simulate
from shared.state import (
    ADMINISTRATORS,
    EVERY_PARAMETER,
    FIREWALL_RULES,
    ORIGINAL,
    SERVER,
    Administrator,
    Facet,
    FacetKind,
    FirewallRule,
    State,
    parameter,
)
from shared.target import Kind
from tests.builders import STRANGER, TENANT
from tests.good import CHILDREN, FACTS
from tests.test_every_control import EACH, ON_KINDS, a_copy, baseline_of, good_state, judge, values_of

_SERVERS = (
    {"tags": {"owner": "payments"}},
    {"public_access": True},
    {"entra_auth": False},
    {"password_auth": True},
    {"state": "Stopped"},
)
_ADMINISTRATORS = (Administrator(STRANGER, "somebody", "User", TENANT),)
_RULES = (
    FirewallRule("all", "0.0.0.0", "255.255.255.255"),
    FirewallRule("azure", "0.0.0.0", "0.0.0.0"),
    FirewallRule("many", "198.51.100.0", "198.51.100.255"),
)
# What no write mends is tested with its own dates and words.
MENDING = pytest.mark.parametrize(
    ("remediator", "kind"),
    [pair for pair in ON_KINDS if pair[0].control.actions(pair[1]) | pair[0].control.rights],
    ids=lambda one: one.name.lower() if isinstance(one, Kind) else one.control.id,
)
# Assignments of roles are never changed, only made and taken away: what is wrong is another one.
_IMMUTABLE = (FacetKind.ROLE_ASSIGNMENTS, FacetKind.VAULT_RIGHTS)
# A control about copies has something to say of a copy only.
_COPY = {"cmk-copy-key-validation": ("AsyncReplica", "Replica")}
# What Azure asks for besides the write: to attach an identity, and to stop a server again.
_BESIDES = ("userAssignedIdentities/assign/action", "/stop/action")
# What a vault needs that goes by access policies; one in good order goes by roles.
_IN_ANOTHER_MODEL = {"cmk-identity-access": ("accessPolicies/write", "vaults/write")}
# A lock on the server forbids to delete what is below it, and is a control of its own.
_UNLOCKED = (FacetKind.LOCKS,)


def a_good_server(kind: Kind, control: Control) -> State:
    good = good_state(kind)
    if {Facet(FacetKind.LOCKS), ORIGINAL} & {*control.facets}:
        return good
    return replace(good, children={name: held for name, held in good.children.items() if name not in _UNLOCKED})


@cache
def faulty(kind: Kind, facet: Facet) -> tuple[State, ...]:
    """Servers of which one thing in this facet is not as it should be."""
    good = good_state(kind)
    if facet == SERVER:
        return tuple(_wrong_servers(good))
    if facet == FIREWALL_RULES:
        rules = good.firewall_rules or ()
        return tuple(replace(good, firewall_rules=found) for found in ((), *((*rules, rule) for rule in _RULES)))
    if facet == ADMINISTRATORS:
        there = good.administrators or ()
        found = (_ADMINISTRATORS, (*there, *_ADMINISTRATORS), ())
        return tuple(replace(good, administrators=some) for some in found)
    if facet.kind is FacetKind.PARAMETER:
        return tuple(_wrong_parameters(good, facet.name))
    return tuple(_wrong_things(good, facet.kind))


def _wrong_servers(good: State) -> Iterator[State]:
    server = good.server
    assert server is not None
    for change in _SERVERS:
        yield replace(good, server=replace(server, **change))
    for name, values in FACTS[good.target.kind].items():
        facts = {one: text for one, text in server.facts.items() if one != name}
        for value in values[1:]:
            yield replace(good, server=replace(server, facts=facts | ({name: value} if value is not None else {})))


def _wrong_parameters(good: State, name: str) -> Iterator[State]:
    held = good.parameters.get(name)
    if held is not None:
        for value in values_of(name):
            yield replace(good, parameters={**good.parameters, name: replace(held, value=value)})


def _wrong_things(good: State, kind: FacetKind) -> Iterator[State]:
    there = good.children.get(kind, {})
    for name, things in CHILDREN[good.target.kind].get(kind, {}).items():
        rest = {other: one for other, one in there.items() if other != name}
        for thing in things[1:]:
            found = rest | ({f"{name}-other" if kind in _IMMUTABLE else name: thing} if thing is not None else {})
            yield replace(good, children={**good.children, kind: found})
    yield replace(good, children={**good.children, kind: {}})


def cases(remediator: Remediator, kind: Kind) -> Iterator[State]:
    """The servers on which something is wrong that this control could be about, with what is remembered of them."""
    control = remediator.control
    good = a_good_server(kind, control)
    if ORIGINAL in control.facets:
        yield from _copies(good)
        return
    recalled = good.settings()
    for facet in control.facets:
        for state in faulty(kind, facet):
            children = {name: held for name, held in state.children.items() if name in good.children}
            seen = replace(state, children=children, recalled=recalled)
            yield seen
            for role in _COPY.get(control.id, ()):
                yield _with_fact(seen, "replicationRole", role)
            if facet == FIREWALL_RULES and seen.server is not None:
                # Rules count only while the door is open.
                yield replace(seen, server=replace(seen.server, public_access=True))


def _copies(good: State) -> Iterator[State]:
    """Copies, of each of which one thing is not as it is on the source, and the other way round."""
    recalled = good.settings()
    for facet in sorted(COMPARED[good.target.kind]):
        others = [state for name in _names(good, facet) for state in faulty(good.target.kind, name)]
        for state in others:
            for follows in (True, False):
                for ours, theirs in ((state, good), (good, state)):
                    yield replace(_opened(a_copy(ours, theirs, follows)), recalled=recalled)


def _names(good: State, facet: Facet) -> list[Facet]:
    return list(map(parameter, good.parameters)) if facet == EVERY_PARAMETER else [facet]


def _opened(copy: State) -> State:
    """Rules count only while both doors are open."""
    server, original = copy.server, copy.original
    assert server is not None
    assert original is not None
    assert original.server is not None
    if copy.firewall_rules == original.firewall_rules:
        return copy
    theirs = replace(original, server=replace(original.server, public_access=True))
    return replace(copy, server=replace(server, public_access=True), original=theirs)


def _with_fact(state: State, name: str, value: str) -> State:
    server = state.server
    assert server is not None
    return replace(state, server=replace(server, facts={**server.facts, name: value}))


@MENDING
def test_it_finds_something_to_find(remediator: Remediator, kind: Kind) -> None:
    assert any(judge(remediator).drifts(state) for state in cases(remediator, kind))


@EACH
def test_it_may_do_what_mending_needs_and_nothing_that_taking_back_does_not(remediator: Remediator, kind: Kind) -> None:
    good, mends, takes_back = a_good_server(kind, remediator.control), set[str](), set[str]()
    for last_good in (LastGood(), baseline_of(good)):
        for state in cases(remediator, kind):
            seen = state if last_good.values else replace(state, recalled={})
            changes = make_plan(seen, [judge(remediator)], last_good).changes
            mends |= {needed_permission(kind, one.setting, deletes=one.after is None) for one in changes}
            takes_back |= {needed_permission(kind, one.setting, deletes=one.before is None) for one in changes}
    besides = (*_BESIDES, *_IN_ANOTHER_MODEL.get(remediator.control.id, ()))
    card = remediator.control
    declared = {one for one in card.actions(kind) | card.rights if not one.endswith(besides)}
    assert mends <= declared <= mends | takes_back


@EACH
def test_what_it_mends_it_finds_no_more_and_what_is_taken_back_is_as_it_was(remediator: Remediator, kind: Kind) -> None:
    last_good = baseline_of(a_good_server(kind, remediator.control))
    for state in cases(remediator, kind):
        plan = make_plan(state, [judge(remediator)], last_good)
        after = simulate(state, plan.changes)
        touched = {change.setting for change in plan.changes}
        assert not {drift.setting for drift in judge(remediator).drifts(after) if not drift.person} & touched
        back = simulate(after, plan.undo).settings()
        assert {one: back.get(one) for one in touched} == {one: state.value(one) for one in touched}
