"""The main job: an opened server is closed again, from memory, proven, and told once."""

from dataclasses import replace

from shared.journal import Actor, NoticeKind, Stage
from shared.policy import Mode, Policy
from tests.builders import CATALOGUE, a_policy, a_rule, a_server, a_state
from tests.engine.world import APP, INTERNET, PUBLIC_ACCESS, RULE, TLS, World, rules, wide
from tests.fakes.arm import IDENTITY


def an_open_world(**changes: object) -> World:
    """A server that is allowed to be public, so that its firewall counts."""
    return World(a_state(server=a_server(public_access=True)), policy=a_policy(public_network_access_disabled=Mode.OFF))


async def test_a_widened_rule_goes_back_to_exactly_what_it_was() -> None:
    world = an_open_world()
    await world.baseline()
    await world.change(RULE, INTERNET)
    assert rules(world.state) == {"app": ("203.0.113.10", "203.0.113.10")}


async def test_a_widened_rule_costs_one_read_one_write_and_one_proving_read() -> None:
    world = an_open_world()
    await world.baseline()
    await world.change(RULE, INTERNET)
    assert world.arm.calls == ["read firewallRules", "write firewallRules/app", "read firewallRules"]


async def test_a_new_rule_for_everybody_is_deleted_and_its_neighbour_stays() -> None:
    world = an_open_world()
    await world.baseline()
    world.arm.states[world.target] = a_state(
        server=a_server(public_access=True), firewall_rules=(a_rule(), wide("tmp"))
    )
    await world.event("firewallrules/write", "firewallrules/tmp")
    assert rules(world.state) == {"app": ("203.0.113.10", "203.0.113.10")}


async def test_public_access_opened_is_closed_again() -> None:
    world = World()
    await world.baseline()
    await world.change(PUBLIC_ACCESS, "Enabled")
    assert world.state.server is not None
    assert world.state.server.public_access is False


async def test_tls_switched_off_is_switched_on() -> None:
    world = World()
    await world.baseline()
    await world.change(TLS, "off")
    assert world.state.value(TLS) == "on"


async def test_the_record_tells_the_whole_chain_and_the_notice_names_the_person() -> None:
    world = World()
    await world.baseline()
    trigger = await world.change(TLS, "off")
    assert await world.stages() == [Stage.INTENDED, Stage.PROVEN]
    (notice,) = await world.notices()
    assert notice.kind is NoticeKind.REMEDIATED
    assert notice.report.trigger == trigger
    assert [(line.found, line.wanted) for line in notice.report.findings] == [("off", "on")]
    assert [(change.before, change.after, change.source) for change in notice.report.changes] == [
        ("off", "on", "last known good")
    ]


async def test_our_own_echo_costs_nothing() -> None:
    world = World()
    await world.baseline()
    await world.change(TLS, "off")
    world.arm.calls.clear()
    ours = {"actor": _ours(), "correlation_id": world.arm.correlations[-1]}
    await world.event("configurations/write", "configurations/require_secure_transport", **ours)
    assert world.arm.calls == []


async def test_an_echo_from_somebody_else_is_looked_at() -> None:
    world = World()
    await world.baseline()
    await world.change(TLS, "off")
    world.arm.set(world.target, TLS, "off")
    forged = {"correlation_id": world.arm.correlations[-1]}
    await world.event("configurations/write", "configurations/require_secure_transport", **forged)
    assert world.state.value(TLS) == "on"


async def test_a_second_look_at_a_good_server_writes_and_tells_nothing() -> None:
    world = World()
    await world.baseline()
    await world.change(TLS, "off")
    world.arm.calls.clear()
    before = await world.entries()
    await world.event("*")
    assert world.arm.writes == []
    assert await world.entries() == before


async def test_a_doubled_event_makes_one_fix() -> None:
    world = World()
    await world.baseline()
    world.arm.set(world.target, TLS, "off")
    first = await world.event("configurations/write", "configurations/require_secure_transport")
    await world.event("configurations/write", "configurations/require_secure_transport", id=first.id)
    assert len(world.arm.writes) == 1
    assert await world.told() == [NoticeKind.REMEDIATED]


async def test_a_drift_found_at_first_sight_waits_for_a_person() -> None:
    world = World(a_state(server=a_server(public_access=True)))
    await world.event("*")
    assert world.arm.writes == []
    assert await world.told() == [NoticeKind.APPROVAL_NEEDED]


async def test_a_rule_that_stood_at_first_sight_stays_when_another_is_reverted() -> None:
    state = a_state(server=a_server(public_access=True), firewall_rules=(a_rule(), wide("old")))
    world = World(state, policy=a_policy(public_network_access_disabled=Mode.OFF))
    await world.baseline()
    await world.change(RULE, INTERNET)
    assert rules(world.state) == {
        "app": ("203.0.113.10", "203.0.113.10"),
        "old": ("0.0.0.0", "255.255.255.255"),
    }


async def test_in_audit_nothing_is_written_and_the_plan_is_recorded() -> None:
    world = World(policy=a_policy(Mode.AUDIT))
    await world.baseline()
    await world.change(TLS, "off")
    assert world.arm.writes == []
    assert await world.stages() == [Stage.DETECTED]
    (entry,) = await world.entries()
    assert [(change.before, change.after) for change in entry.report.changes] == [("off", "on")]
    assert await world.told() == []


async def test_a_drift_is_told_once_however_often_it_is_seen() -> None:
    world = World(policy=a_policy(Mode.NOTIFY))
    await world.baseline()
    await world.change(TLS, "off")
    await world.event("*")
    await world.event("*")
    assert await world.told() == [NoticeKind.DRIFT_DETECTED]


async def test_a_drift_that_somebody_else_mends_is_recorded_as_resolved() -> None:
    world = World(policy=a_policy(Mode.NOTIFY))
    await world.baseline()
    await world.change(TLS, "off")
    await world.change(TLS, "on")
    assert await world.stages() == [Stage.RESOLVED]


async def test_an_event_that_no_control_cares_about_costs_nothing() -> None:
    world = World()
    await world.baseline()
    await world.event("microsoft.authorization/locks/write", "providers/microsoft.authorization/locks/keep")
    assert world.arm.calls == []
    assert (await world.store.load(world.target)).triggers == ()


async def test_an_event_about_another_parameter_costs_nothing() -> None:
    world = World()
    await world.baseline()
    await world.event("configurations/write", "configurations/work_mem")
    assert world.arm.calls == []


async def test_two_drifts_of_one_server_are_one_record() -> None:
    world = World()
    await world.baseline()
    world.arm.set(world.target, TLS, "off")
    world.arm.set(world.target, PUBLIC_ACCESS, "Enabled")
    await world.event("*")
    assert world.arm.writes == ["configurations/require_secure_transport", "network.publicNetworkAccess"]
    assert await world.told() == [NoticeKind.REMEDIATED]


async def test_a_changed_policy_does_not_undo_what_stood_before_it() -> None:
    world = an_open_world()
    await world.baseline()
    world.with_policy(with_ranges(a_policy(public_network_access_disabled=Mode.OFF), "198.51.100.0/28"))
    await world.event("*")
    assert world.arm.writes == []
    assert await world.told() == [NoticeKind.APPROVAL_NEEDED]
    assert world.state.value(RULE) == APP


def with_ranges(policy: Policy, *ranges: str) -> Policy:
    """The policy with other allowed ranges."""
    name = "firewall-rule-allowlist"
    parameters = CATALOGUE[name].control.parameters.model_validate({"allowed_ranges": ranges})
    own = replace(policy.controls[name], parameters=parameters)
    return replace(policy, controls={**policy.controls, name: own})


def _ours() -> Actor:
    return Actor(IDENTITY, IDENTITY, "", "application")
