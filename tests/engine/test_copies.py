"""A copy is looked at together with its source: kept in step, and its source only read."""

from dataclasses import replace
from typing import Any

import pytest

from shared.errors import Forbidden, Unreachable
from shared.journal import FindingLine, NoticeKind, Stage
from shared.parity import Extras
from shared.policy import ControlPolicy, Mode, Policy, Scope
from shared.state import Facet, Setting, SettingKind, rule_value
from shared.target import Target
from tests.builders import CATALOGUE, a_rule
from tests.engine.world import World, rules, wide
from tests.remediators.copies import REPLICA, a_one, a_pair, chosen

ALLOWLIST = "firewall-rule-allowlist"
APP, LOG = Setting(SettingKind.FIREWALL_RULE, "app"), Setting(SettingKind.PARAMETER, "log_duration")
TAGS: dict[str, Any] = {"server": {"tags": {"owner": "payments"}}}


def a_policy_about_copies(mode: Mode = Mode.ENFORCE, **parameters: Any) -> Policy:
    wish = CATALOGUE[REPLICA].control.parameters.model_validate(parameters)
    return Policy(controls={REPLICA: ControlPolicy(mode=mode, first_sight=mode, parameters=wish)})


def a_world(theirs: dict[str, Any], ours: dict[str, Any] | None = None, policy: Policy | None = None) -> World:
    copy = a_pair(a_one(**(ours or {})), a_one("pg-source", **theirs))
    assert copy.original is not None
    return World(replace(copy, original=None), copy.original, policy=policy or a_policy_about_copies())


async def lines(world: World) -> list[FindingLine]:
    """What was found of the copy, as people read it."""
    found = [line for entry in await world.entries() for line in entry.report.findings]
    return [line for line in found if line.control == REPLICA]


def source_of(world: World) -> Target:
    return next(target for target in world.arm.states if target.name == "pg-source")


async def test_a_new_replica_gets_what_is_safe_and_a_person_is_asked_for_the_rest() -> None:
    log = {"log_duration": chosen("log_duration", "on")}
    world = a_world(
        {"firewall_rules": (a_rule(),), "parameters": log, **TAGS},
        {"parameters": {"log_duration": chosen("log_duration", "off")}},
    )
    before = world.arm.states[source_of(world)]
    await world.event("write")
    assert world.state.value(LOG) == "on"
    assert world.state.value(Setting(SettingKind.TAG, "owner")) == "payments"
    assert world.state.firewall_rules == ()
    (approval,) = (await world.store.load(world.target)).memory.approvals
    assert [str(change.setting) for change in approval.changes] == ["firewallRules/app"]
    assert await world.told() == [NoticeKind.APPROVAL_NEEDED, NoticeKind.REMEDIATED]
    assert world.arm.states[source_of(world)] is before


async def test_a_second_look_writes_nothing() -> None:
    world = a_world(TAGS)
    await world.event("write")
    written = list(world.arm.writes)
    await world.event("*")
    assert world.arm.writes == written == ["tags/owner"]
    assert (await world.stages())[-1] in (Stage.PROVEN, Stage.INTENDED)


async def test_a_rule_that_goes_from_a_replica_comes_back() -> None:
    world = a_world({"firewall_rules": (a_rule(),)}, {"firewall_rules": (a_rule(),)})
    await world.baseline()
    await world.change(APP, rule_value("203.0.113.10", "203.0.113.200"))
    assert rules(world.state) == {"app": ("203.0.113.10", "203.0.113.10")}


async def test_the_sources_change_is_found_by_the_next_look_at_its_replica() -> None:
    world = a_world(
        {"parameters": {"log_duration": chosen("log_duration", "off")}},
        {"parameters": {"log_duration": chosen("log_duration", "off")}},
    )
    await world.baseline()
    world.arm.set(source_of(world), LOG, "on")
    await world.event("*")
    assert world.state.value(LOG) == "on"


async def test_what_a_control_forbids_on_the_copy_alone_is_not_copied_and_said() -> None:
    allowed = CATALOGUE[ALLOWLIST].control.parameters.model_validate({"allowed_ranges": ["192.0.2.0/24"]})
    line = {ALLOWLIST: ControlPolicy(mode=Mode.AUDIT, parameters=allowed)}
    world = a_world({"firewall_rules": (a_rule(),), **TAGS})
    strict = Scope(scope=world.target.id.lower(), controls=line)
    world.with_policy(replace(world.policy, scopes=(strict,)))
    await world.event("*")
    assert world.arm.writes == ["tags/owner"]
    reasons = {line.reason for line in await lines(world) if line.setting == str(APP)}
    assert reasons == {"firewallRules/app: no value of this setting satisfies every control"}


async def test_what_the_sources_own_controls_object_to_is_not_spread() -> None:
    world = a_world({"firewall_rules": (wide(), a_rule("office"))})
    await world.event("*")
    found = {line.setting: line for line in await lines(world)}
    assert "there firewall-no-any-any objects to it" in found[str(APP)].why
    assert found["firewallRules/office"].verb == "ask"
    assert world.arm.writes == []


async def test_a_source_that_may_not_be_read_is_told_and_blinds_nothing_else() -> None:
    world = a_world(
        {**TAGS, "firewall_rules": (a_rule(),)}, {"firewall_rules": (a_rule("app", "0.0.0.0", "255.255.255.255"),)}
    )
    source = source_of(world)

    def forbidden(target: Target, facet: Facet) -> None:
        if target == source:
            raise Forbidden(f"Microsoft.DBforPostgreSQL/flexibleServers/read is missing on {source}", "read", source.id)

    world.arm.on_read = forbidden
    await world.event("*")
    assert NoticeKind.CANNOT_OBSERVE in await world.told()
    assert "the source of this copy cannot be read" in "".join(entry.report.error for entry in await world.entries())
    assert any(
        line.control == "firewall-no-any-any" for entry in await world.entries() for line in entry.report.findings
    )
    assert world.arm.writes == []


async def test_a_region_that_is_down_does_not_keep_its_replicas_from_being_looked_after() -> None:
    world = a_world(TAGS)
    source = source_of(world)

    def down(target: Target, facet: Facet) -> None:
        if target == source:
            raise Unreachable("503")

    world.arm.on_read = down
    await world.event("*")
    assert (await world.store.load(world.target)).triggers == ()


async def test_nothing_is_called_proven_when_the_source_went_out_of_sight() -> None:
    world = a_world(TAGS)
    source = source_of(world)

    async def gone() -> None:
        world.arm.states.pop(source, None)

    world.arm.meanwhile = gone
    await world.event("*")
    assert (await world.stages())[-1] is Stage.FAILED
    assert any("no proof" in entry.report.error for entry in await world.entries())


@pytest.mark.parametrize("operation", ["*", "write", "firewallrules/write", "configurations/write"])
async def test_a_server_that_is_no_copy_costs_no_read_more(operation: str) -> None:
    calls = []
    for policy in (Policy(), a_policy_about_copies()):
        world = World(a_one(), policy=policy)
        await world.baseline()
        await world.event(operation)
        calls.append(world.arm.calls)
    assert calls[0] == calls[1]


async def test_extras_are_removed_where_the_policy_says_so() -> None:
    world = a_world(
        {"firewall_rules": (a_rule(),)},
        {"firewall_rules": (a_rule(), a_rule("reports", "198.51.100.7"))},
        a_policy_about_copies(extras=Extras.REMOVED),
    )
    await world.event("*")
    assert rules(world.state) == {"app": ("203.0.113.10", "203.0.113.10")}
