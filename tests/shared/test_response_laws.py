"""What holds for every response to a security alert, on every kind of server, whatever stands there."""

from dataclasses import replace
from ipaddress import IPv4Address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.control import Case, Change, LastGood, NotApplicable, Refusal, Remediator
from shared.plan import simulate
from shared.responses import RESPONSES, Attack, Brief, Response
from shared.responses.block_address import CONTROL as BLOCK
from shared.state import (
    FacetKind,
    FirewallRule,
    Parameter,
    Setting,
    SettingKind,
    State,
    Value,
    database_role,
    sessions,
)
from shared.target import Kind
from tests.builders import a_server, an_admin
from tests.examples import examples
from tests.test_every_control import good_state

PAIRS = [(one, kind) for one in RESPONSES.values() for kind in Kind if kind in one.remediator.control.kinds]
EACH = pytest.mark.parametrize(
    ("response", "kind"), PAIRS, ids=[f"{one.id}-{kind.name.lower()}" for one, kind in PAIRS]
)
GOOD = {kind: good_state(kind) for kind in Kind}
ATTACKERS = ("192.0.2.9", "192.0.2.10", "192.0.2.77", "203.0.113.200", "10.0.0.4", "2001:db8::1")
# Each law is asked of each response on each kind of server.
FEW = settings(max_examples=examples(25))
_ADDRESSES = st.integers(int(IPv4Address("192.0.2.0")), int(IPv4Address("192.0.2.100")))
_SWITCHED = ("connection_throttle.enable", "connection_throttling", "log_connections", "log_disconnections")
_ADMINISTRATORS = (an_admin(), an_admin("a" * 36, "dana"), an_admin("b" * 36, "app"))
LOGIN = {"login": "yes", "superuser": "no", "password": "unknown", "entra": "no"}
_AUDITED = st.sampled_from(["", "none", "ddl", "read,write", "all"])


@st.composite
def rules(draw: st.DrawFn) -> tuple[FirewallRule, ...]:
    """Some rules, some of which let an attacker in."""
    found = []
    for number in range(draw(st.integers(0, 4))):
        ends = sorted((draw(_ADDRESSES), draw(_ADDRESSES)))
        found.append(FirewallRule(f"rule-{number}", *(str(IPv4Address(end)) for end in ends)))
    if draw(st.booleans()):
        found.append(FirewallRule("azure", "0.0.0.0", "0.0.0.0"))
    return tuple(found)


@st.composite
def states(draw: st.DrawFn, kind: Kind) -> State:
    """A server as somebody may have left it."""
    good = GOOD[kind]
    tags = draw(st.dictionaries(st.sampled_from(["env", "owner", "Security-Incident"]), st.just("x")))
    facts = good.server.facts if good.server else {}
    public, endpoints = draw(st.booleans()), draw(st.integers(0, 1))
    server = a_server(public_access=public, approved_endpoints=endpoints, facts=facts, tags=tags)
    prefix = "coordinator/" if kind is Kind.CITUS else ""
    switched = {name: draw(st.sampled_from(["on", "off"])) for name in _SWITCHED} | {"pgaudit.log": draw(_AUDITED)}
    parameters = {f"{prefix}{name}": Parameter(f"{prefix}{name}", value) for name, value in switched.items()}
    admins = draw(st.lists(st.sampled_from(_ADMINISTRATORS), unique=True))
    found = replace(
        good,
        server=server,
        firewall_rules=draw(rules()),
        parameters={**good.parameters, **parameters},
        # A single server has one at most.
        administrators=tuple(admins[:1] if kind is Kind.SINGLE else admins),
    )
    return inside(found, *draw(st.lists(st.sampled_from(["app", "dana"]), unique=True)))


@st.composite
def briefs(draw: st.DrawFn, response: Response) -> Brief:
    """What an alert says, and what the playbook gives."""
    addresses = tuple(draw(st.lists(st.sampled_from(ATTACKERS), unique=True)))
    logins = tuple(draw(st.lists(st.sampled_from(["app", "dana", "nobody"]), unique=True)))
    attacks = (Attack("alert-1", "Suspected brute force attack", addresses, logins),)
    return Brief(attacks=attacks, given=response.remediator.control.parameters())


def planned(response: Response, state: State, brief: Brief) -> tuple[Change, ...]:
    """What the response would change; nothing where it does not apply, or only a person can."""
    on = response.remediator.on(state.target.kind)
    finding = on.detect(state, brief)
    if isinstance(finding, NotApplicable) or not finding:
        return ()
    proposal = on.plan(Case(state, finding, LastGood(), brief))
    return () if isinstance(proposal, Refusal) else proposal


def left(remediator: Remediator, state: State, brief: Brief) -> list[Setting]:
    """What a write could still mend."""
    finding = remediator.detect(state, brief)
    return [] if isinstance(finding, NotApplicable) else [drift.setting for drift in finding if not drift.person]


def admitted(state: State) -> set[int]:
    """Every address near the attackers that some rule lets in."""
    near = range(int(IPv4Address("192.0.2.0")), int(IPv4Address("192.0.2.101")))
    return {one for one in near for rule in state.firewall_rules or () if rule.first <= one <= rule.last}


@EACH
@FEW
@given(data=st.data())
def test_it_converges_and_a_second_pass_changes_nothing(response: Response, kind: Kind, data: st.DataObject) -> None:
    state, brief = data.draw(states(kind)), data.draw(briefs(response))
    after = simulate(state, planned(response, state, brief))
    assert left(response.remediator.on(kind), after, brief) == [] or planned(response, state, brief) == ()
    assert planned(response, after, brief) == ()


@EACH
@FEW
@given(data=st.data())
def test_taking_it_back_restores_everything(response: Response, kind: Kind, data: st.DataObject) -> None:
    state, brief = data.draw(states(kind)), data.draw(briefs(response))
    changes = planned(response, state, brief)
    back = simulate(simulate(state, changes), [change.undo() for change in reversed(changes)])
    assert back.settings() == state.settings()


@EACH
@FEW
@given(data=st.data())
def test_it_touches_nothing_but_what_it_says(response: Response, kind: Kind, data: st.DataObject) -> None:
    state, brief = data.draw(states(kind)), data.draw(briefs(response))
    changes = planned(response, state, brief)
    before, after = state.settings(), simulate(state, changes).settings()
    touched = {change.setting for change in changes}
    assert {one for one in before.keys() | after.keys() if before.get(one) != after.get(one)} <= touched
    assert all(change.before == before.get(change.setting) for change in changes)


@EACH
@FEW
@given(data=st.data())
def test_it_lets_nobody_in_and_keeps_what_lists_hold(response: Response, kind: Kind, data: st.DataObject) -> None:
    state, brief = data.draw(states(kind)), data.draw(briefs(response))
    changes = planned(response, state, brief)
    after = simulate(state, changes)
    assert admitted(after) <= admitted(state)
    for change in changes:
        if change.setting.kind is SettingKind.PARAMETER and change.setting.name.endswith("pgaudit.log"):
            assert words(change.before) - {"none"} <= words(change.after)
    if response.id == BLOCK.id:
        attackers = {int(IPv4Address(one)) for one in brief.addresses if one.startswith("192.0.2.")}
        assert admitted(state) - admitted(after) <= attackers


@EACH
@FEW
@given(data=st.data())
def test_an_alert_that_says_nothing_about_who_or_where_blocks_nobody(
    response: Response, kind: Kind, data: st.DataObject
) -> None:
    state = data.draw(states(kind))
    silent = Brief(attacks=(Attack("alert-1", "Something odd"),), given=response.remediator.control.parameters())
    blocking = {SettingKind.FIREWALL_RULE, SettingKind.ADMINISTRATOR, SettingKind.DATABASE_ROLE}
    assert [change for change in planned(response, state, silent) if change.setting.kind in blocking] == []


@pytest.mark.parametrize("response", RESPONSES.values(), ids=lambda one: one.id)
def test_its_card_says_what_its_fix_needs(response: Response) -> None:
    card = response.remediator.control
    assert card.permissions or card.rights
    assert response.does
    assert response.undo
    assert response.idle


@pytest.mark.parametrize("role", ["holdfast", "HOLDFAST", "azure_pg_admin", "azure_helper"])
def test_no_alert_takes_its_login_from_holdfast_or_the_service(role: str) -> None:
    state = inside(good_state(Kind.FLEXIBLE), "app", role.lower())
    brief = Brief(attacks=(Attack("alert-1", "Suspected brute force attack", logins=(role, "app")),))
    changed = {change.setting for change in planned(RESPONSES["respond-disable-login"], state, brief)}
    assert changed == {database_role("app"), sessions("app")}


def inside(state: State, *open_: str) -> State:
    """The server with logins that an alert may name, and their sessions."""
    roles = {**state.children[FacetKind.DATABASE_ROLES], "app": LOGIN, "dana": LOGIN, "azure_helper": LOGIN}
    ended = {name: {"open": "3"} for name in open_}
    return replace(state, children={**state.children, FacetKind.DATABASE_ROLES: roles, FacetKind.SESSIONS: ended})


def words(value: Value) -> set[str]:
    return set(filter(None, str(value or "").split(",")))
