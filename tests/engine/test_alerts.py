"""A security alert is answered by the playbook that matches: planned, decided, made, proven, told, and taken back."""

from dataclasses import replace

import pytest

from shared.alert import AlertStatus, Entity
from shared.control import Source
from shared.errors import Forbidden, Rejected
from shared.journal import NoticeKind, Stage
from shared.memory import Memory
from shared.policy import ControlPolicy, Mode
from shared.state import Setting, SettingKind
from tests.builders import CATALOGUE, a_policy, a_server
from tests.engine.alarms import (
    ALERT_ID,
    ATTACKER,
    BLOCK,
    CLOSE,
    OFFICE,
    PARTNER,
    SECOND,
    TAG,
    a_step,
    a_world,
    alarm,
    an_alert,
    an_open_server,
    answering,
    courses,
    dismissed,
    memory,
    statuses,
)
from tests.engine.people import decide, exempt, hold, hours_pass, quietly_change, release, sweep, undo, waiting
from tests.engine.world import PUBLIC_ACCESS, World, rules

RULE = Setting(SettingKind.FIREWALL_RULE, "office")
WHOLE = {"office": ("192.0.2.0", "192.0.2.255"), "partner": ("198.51.100.7", "198.51.100.7")}
CUT = {
    "office": ("192.0.2.10", "192.0.2.255"),
    "office-part2": ("192.0.2.0", "192.0.2.8"),
    "partner": ("198.51.100.7", "198.51.100.7"),
}


# Acting


async def test_the_attacker_is_cut_out_of_the_rule_and_nobody_else() -> None:
    world = await a_world(a_step(BLOCK, hours=4))
    await alarm(world)
    assert rules(world.state) == CUT
    assert await world.told() == [NoticeKind.REMEDIATED]


async def test_nobody_else_is_cut_off_in_between() -> None:
    world = await a_world(a_step(BLOCK, hours=4))
    await alarm(world)
    assert world.arm.writes == ["firewallRules/office-part2", "firewallRules/office"]


async def test_only_what_the_responses_need_is_read() -> None:
    world = await a_world(a_step(BLOCK, hours=4))
    await alarm(world)
    assert {call for call in world.arm.calls if call.startswith("read")} == {"read server", "read firewallRules"}


async def test_what_is_told_says_what_was_done_until_when_and_by_which_line() -> None:
    world = await a_world(a_step(BLOCK, hours=4), a_step(TAG))
    await alarm(world)
    (told,) = await world.notices()
    block, tag = told.report.answers
    assert (block.response, block.course) == (BLOCK, "done")
    assert block.until is not None
    assert (block.until - world.clock()).total_seconds() == 4 * 3600
    assert (tag.course, tag.until, tag.undo) == ("done", None, "the tag is taken away")
    assert told.report.trigger is not None
    assert told.report.trigger.alert == an_alert()
    assert {(line.control, line.reason, line.where) for line in told.report.findings} == {
        (BLOCK, "the playbook mine says enforce", "policy.yaml:7"),
        (TAG, "the playbook mine says enforce", "policy.yaml:7"),
    }
    assert {line.source for line in told.report.changes} == {Source.ALERT.value}


async def test_the_record_of_the_alert_says_what_stood_there_and_what_became_of_it() -> None:
    world = await a_world(a_step(BLOCK, hours=4))
    await alarm(world)
    (answer,) = (await memory(world)).answers
    entries = await world.store.record(answer.record)
    assert [entry.stage for entry in entries] == [Stage.DETECTED, Stage.DECIDED, Stage.PROVEN, Stage.DECIDED]
    assert entries[0].report.seen["firewallRules/office"] == {
        "startIpAddress": "192.0.2.0",
        "endIpAddress": "192.0.2.255",
    }
    assert "office" in entries[0].report.findings[0].setting
    assert entries[2].detail.startswith(f"{BLOCK}: done, and proven by reading again: record ")


async def test_defender_hears_that_it_is_worked_on_then_that_it_is_resolved() -> None:
    world = await a_world(a_step(BLOCK, hours=4))
    await alarm(world)
    assert await statuses(world) == ["inprogress", "resolved"]


async def test_an_alert_that_comes_again_is_answered_once() -> None:
    world = await a_world(a_step(BLOCK, hours=4))
    await alarm(world)
    before = await world.entries(world.target)
    await alarm(world)
    await alarm(world, status=AlertStatus.IN_PROGRESS)
    assert await world.entries(world.target) == before
    assert len(await world.told()) == 1


async def test_what_is_resolved_by_holdfast_comes_back_and_ends_nothing() -> None:
    world = await a_world(a_step(BLOCK, hours=4))
    await alarm(world)
    await dismissed(world, AlertStatus.RESOLVED)
    assert rules(world.state) == CUT


async def test_an_attacker_that_nothing_lets_in_leaves_the_server_alone() -> None:
    world = await a_world(a_step(BLOCK, hours=4), state=an_open_server(firewall_rules=(PARTNER,)))
    await alarm(world)
    assert world.arm.writes == []
    assert await world.told() == [NoticeKind.ALERT_RECEIVED]
    assert await courses(world) == {BLOCK: "nothing to do"}
    assert await statuses(world) == []


async def test_a_rule_that_lets_the_attacker_in_later_is_cut_too_while_the_measure_is_in_force() -> None:
    world = await a_world(a_step(BLOCK, hours=4), state=an_open_server(firewall_rules=(PARTNER,)))
    await alarm(world)
    await world.change(
        Setting(SettingKind.FIREWALL_RULE, "new"), {"startIpAddress": ATTACKER, "endIpAddress": ATTACKER}
    )
    assert "new" not in rules(world.state)


async def test_a_server_never_seen_before_is_read_whole() -> None:
    world = World(an_open_server(), policy=answering(a_step(BLOCK, hours=4)))
    await alarm(world)
    assert rules(world.state) == CUT
    assert (await memory(world)).seen


async def test_an_alert_alone_teaches_nothing_about_what_is_good() -> None:
    world = await a_world(a_step(BLOCK, hours=4), policy=replace(a_policy(Mode.AUDIT)))
    await quietly_change(
        world, Setting(SettingKind.FIREWALL_RULE, "extra"), {"startIpAddress": "1.2.3.4", "endIpAddress": "1.2.3.4"}
    )
    before = (await memory(world)).values
    await alarm(world)
    assert (await memory(world)).values == before


# Not acting


@pytest.mark.parametrize("mode", [Mode.AUDIT, Mode.NOTIFY])
async def test_where_the_playbook_only_tells_nothing_is_changed(mode: Mode) -> None:
    world = await a_world(a_step(BLOCK, mode, hours=4))
    await alarm(world)
    assert world.arm.writes == []
    assert await world.told() == [NoticeKind.ALERT_RECEIVED]
    assert await courses(world) == {BLOCK: "told"}
    (told,) = await world.notices()
    assert told.report.findings[0].wanted == {"startIpAddress": "192.0.2.10", "endIpAddress": "192.0.2.255"}


async def test_where_the_playbook_says_approve_a_person_is_asked_with_the_alert() -> None:
    world = await a_world(a_step(BLOCK, Mode.APPROVE, hours=4))
    await alarm(world)
    assert world.arm.writes == []
    assert await world.told() == [NoticeKind.APPROVAL_NEEDED]
    (asked,) = await world.notices()
    assert asked.report.trigger is not None
    assert asked.report.trigger.alert == an_alert()
    await decide(world)
    assert rules(world.state) == CUT
    assert await statuses(world) == ["inprogress", "resolved"]


async def test_a_sample_alert_walks_the_whole_path_and_changes_nothing() -> None:
    world = await a_world(a_step(BLOCK, hours=4), a_step(TAG))
    await alarm(world, sample=True, title="[SAMPLE ALERT] Suspected brute force attack")
    assert world.arm.writes == []
    assert await statuses(world) == []
    assert await world.told() == [NoticeKind.ALERT_RECEIVED]
    (told,) = await world.notices()
    assert {line.reason for line in told.report.findings} == {
        "a sample alert changes nothing; the playbook mine says enforce"
    }
    assert told.report.outcome.startswith("a sample alert, which changes nothing: answered by the playbook mine")


async def test_an_alert_that_no_playbook_is_for_is_recorded_and_told() -> None:
    world = await a_world()
    world.with_policy(replace(world.policy, playbooks=()))
    await alarm(world, type="SQL.PostgreSQL_SomethingNew")
    assert await world.told() == [NoticeKind.ALERT_RECEIVED]
    (told,) = await world.notices()
    assert "no playbook is for this alert" in told.report.outcome
    assert await world.store.record(told.report.record)
    assert (await memory(world)).answers == ()
    await alarm(world, type="SQL.PostgreSQL_SomethingNew")
    assert len(await world.told()) == 1


async def test_closing_the_only_door_asks_a_person_whatever_the_playbook_says() -> None:
    state = an_open_server(server=a_server(public_access=True, approved_endpoints=0))
    world = await a_world(a_step(CLOSE, hours=4), state=state)
    await alarm(world)
    assert world.state.value(PUBLIC_ACCESS) == "Enabled"
    assert await world.told() == [NoticeKind.APPROVAL_NEEDED]


async def test_an_exempt_server_a_held_one_and_one_under_break_glass_are_left_alone() -> None:
    world = await a_world(a_step(BLOCK, hours=4))
    await exempt(world, BLOCK)
    await alarm(world)
    assert world.arm.writes == []
    assert await courses(world) == {BLOCK: "not possible"}
    other = await a_world(a_step(BLOCK, hours=4))
    await hold(other)
    await alarm(other)
    assert other.arm.writes == []
    await release(other)
    assert rules(other.state) == CUT


async def test_an_alert_for_a_server_that_may_not_be_read_is_told_once() -> None:
    world = await a_world(a_step(BLOCK, hours=4))

    def refuse(*_: object) -> None:
        raise Forbidden("the identity may not read it", "Microsoft.DBforPostgreSQL/flexibleServers/read", "/x")

    world.arm.on_read = refuse
    await alarm(world)
    await alarm(world)
    assert await world.told() == [NoticeKind.ALERT_RECEIVED, NoticeKind.CANNOT_OBSERVE]
    (told, _) = await world.notices()
    assert told.report.outcome.startswith("not answered, a person has to look: ")


async def test_a_response_that_azure_refuses_is_told_with_the_alert() -> None:
    world = await a_world(a_step(BLOCK, hours=4))

    def refuse(*_: object) -> None:
        raise Rejected("Azure says no", "No")

    world.arm.on_write = refuse
    await alarm(world)
    assert await world.told() == [NoticeKind.REMEDIATION_FAILED]
    assert await courses(world) == {BLOCK: "failed"}
    assert await statuses(world) == ["inprogress"]


# The end


async def test_what_was_changed_for_a_while_is_taken_back_by_itself() -> None:
    world = await a_world(a_step(BLOCK, hours=4))
    await alarm(world)
    await hours_pass(world, 3.5)
    assert rules(world.state) == CUT
    await hours_pass(world, 1)
    assert rules(world.state) == WHOLE
    assert await world.told() == [NoticeKind.REMEDIATED, NoticeKind.MEASURE_LIFTED]
    assert (await memory(world)).answers == ()
    assert (await memory(world)).held == ()
    assert (await memory(world)).answered == (ALERT_ID,)


async def test_the_way_back_lets_nobody_out_in_between() -> None:
    world = await a_world(a_step(BLOCK, hours=4))
    await alarm(world)
    world.arm.calls.clear()
    await hours_pass(world, 5)
    assert world.arm.writes == ["firewallRules/office", "firewallRules/office-part2"]


async def test_an_alert_that_comes_again_after_its_answer_is_over_is_not_answered_anew() -> None:
    world = await a_world(a_step(BLOCK, hours=1))
    await alarm(world)
    await hours_pass(world, 2)
    await alarm(world)
    assert rules(world.state) == WHOLE


async def test_what_has_changed_since_is_left_alone_and_told() -> None:
    world = await a_world(a_step(BLOCK, hours=4))
    await alarm(world)
    narrow = {"startIpAddress": "192.0.2.20", "endIpAddress": "192.0.2.20"}
    await quietly_change(world, RULE, narrow)
    await hours_pass(world, 5)
    assert rules(world.state)["office"] == ("192.0.2.20", "192.0.2.20")
    (lifted,) = [one for one in await world.notices() if one.kind is NoticeKind.MEASURE_LIFTED]
    assert "firewallRules/office has changed since, and is left alone" in lifted.report.outcome
    assert (await memory(world)).held == ()


async def test_a_dismissed_alert_ends_its_measures_at_once() -> None:
    world = await a_world(a_step(BLOCK, hours=4), a_step(TAG))
    await alarm(world)
    await dismissed(world)
    assert rules(world.state) == WHOLE
    assert world.state.server is not None
    assert world.state.server.tags == {"security-incident": ALERT_ID}
    assert (await memory(world)).answers == ()


async def test_a_dismissed_alert_withdraws_what_was_asked() -> None:
    world = await a_world(a_step(BLOCK, Mode.APPROVE, hours=4))
    await alarm(world)
    assert len(await waiting(world)) == 1
    await dismissed(world)
    assert await waiting(world) == []
    assert (await memory(world)).approvals == ()
    assert world.arm.writes == []


async def test_an_alert_that_is_over_when_it_first_comes_is_not_answered() -> None:
    world = await a_world(a_step(BLOCK, hours=4))
    await dismissed(world)
    assert await world.told() == []


async def test_a_held_server_is_lifted_when_it_is_released() -> None:
    world = await a_world(a_step(BLOCK, hours=1))
    await alarm(world)
    await hold(world)
    await hours_pass(world, 2)
    assert rules(world.state) == CUT
    await release(world)
    assert rules(world.state) == WHOLE


async def test_a_person_who_takes_it_back_ends_the_measure() -> None:
    world = await a_world(a_step(BLOCK, hours=4))
    await alarm(world)
    (told,) = await world.notices()
    await undo(world, told.report.record, reason="it is our own scanner")
    assert rules(world.state) == WHOLE
    await sweep(world)
    assert rules(world.state) == WHOLE
    assert (await memory(world)).answers == ()


async def test_what_a_second_alert_still_needs_stays_until_that_is_over() -> None:
    world = await a_world(a_step(BLOCK, hours=4))
    await alarm(world)
    await hours_pass(world, 2)
    await alarm(world, id="second", entities=(Entity("ip", SECOND),))
    both = rules(world.state)
    await hours_pass(world, 2.5)
    assert rules(world.state) == both
    await hours_pass(world, 2)
    assert rules(world.state) == WHOLE


# Beside the controls


def watched(mode: Mode = Mode.ENFORCE, **parameters: object) -> Memory | object:
    control = CATALOGUE["firewall-rule-allowlist"].control
    given = control.parameters.model_validate(parameters)
    policy = a_policy(Mode.AUDIT)
    line = ControlPolicy(mode=mode, first_sight=mode, parameters=given)
    return replace(policy, controls={**policy.controls, control.id: line})


APPROVED = {"approved_rules": [{"name": one.name, "start": one.start, "end": one.end} for one in (OFFICE, PARTNER)]}


async def test_a_control_that_wants_the_rule_as_it_was_does_not_fight_over_it() -> None:
    world = await a_world(a_step(BLOCK, hours=4), policy=watched(**APPROVED))  # type: ignore[arg-type]
    await alarm(world)
    assert rules(world.state) == CUT
    world.arm.calls.clear()
    for _ in range(3):
        await sweep(world)
    assert (rules(world.state), world.arm.writes) == (CUT, [])
    await hours_pass(world, 5)
    assert rules(world.state) == WHOLE
    assert await world.told() == [NoticeKind.REMEDIATED, NoticeKind.MEASURE_LIFTED]


async def test_what_is_good_is_what_stood_there_before() -> None:
    world = await a_world(a_step(BLOCK, hours=4), policy=watched(**APPROVED))  # type: ignore[arg-type]
    before = (await memory(world)).values
    await alarm(world)
    await sweep(world)
    assert (await memory(world)).values == before


async def test_what_a_control_asks_for_by_itself_is_not_taken_back() -> None:
    world = await a_world(a_step(CLOSE, hours=4))
    await alarm(world)
    assert world.state.value(PUBLIC_ACCESS) == "Disabled"
    closed = a_policy(Mode.AUDIT, public_network_access_disabled=Mode.ENFORCE)
    world.with_policy(answering(a_step(CLOSE, hours=4), policy=closed))
    await hours_pass(world, 5)
    assert world.state.value(PUBLIC_ACCESS) == "Disabled"


async def test_a_permanent_answer_is_what_is_good_from_then_on() -> None:
    quiet = a_policy(Mode.AUDIT, firewall_rule_allowlist=Mode.OFF, firewall_public_ip_range_size=Mode.OFF)
    world = await a_world(a_step(BLOCK), policy=quiet)
    await alarm(world)
    await sweep(world)
    assert (await memory(world)).held == ()
    assert (await memory(world)).values["firewallRules/office"] == {
        "startIpAddress": "192.0.2.10",
        "endIpAddress": "192.0.2.255",
    }
    assert (await memory(world)).answers == ()
    assert rules(world.state) == CUT


async def test_an_address_that_the_policy_allows_is_left_to_a_person() -> None:
    world = await a_world(a_step(BLOCK, hours=4), policy=watched(Mode.AUDIT, allowed_ranges=["192.0.2.0/24"]))  # type: ignore[arg-type]
    await alarm(world)
    assert world.arm.writes == []
    (told,) = await world.notices()
    assert told.report.answers[0].detail == (
        "192.0.2.9 lies in 192.0.2.0/24, which the policy allows: find out who has it, and decide"
    )


# Several at once


async def test_alerts_of_one_incident_that_come_together_are_one_message() -> None:
    world = await a_world(a_step(BLOCK, Mode.NOTIFY, hours=4))
    await alarm(world, run=False, id="one", part_of="incident")
    await alarm(world, run=False, id="two", part_of="incident", entities=(Entity("ip", SECOND),))
    await alarm(world, id="incident", incident=True, title="An incident", entities=())
    assert await world.told() == [NoticeKind.ALERT_RECEIVED]
    (told,) = await world.notices()
    assert told.report.trigger is not None
    assert told.report.trigger.alert is not None
    assert told.report.trigger.alert.id == "incident"
    assert {line.alert for line in told.report.answers} == {"one", "two", "incident"}


async def test_many_attackers_trip_no_breaker() -> None:
    world = await a_world(a_step(BLOCK, hours=4))
    for number in range(6):
        await alarm(world, id=f"a{number}", entities=(Entity("ip", f"192.0.2.{20 + 10 * number}"),))
    assert len(rules(world.state)) == 8
    assert NoticeKind.HELD not in await world.told()


async def test_somebody_who_puts_the_rule_back_again_and_again_is_held_off() -> None:
    world = await a_world(a_step(BLOCK, hours=4))
    await alarm(world)
    for _ in range(4):
        await world.change(RULE, {"startIpAddress": "192.0.2.0", "endIpAddress": "192.0.2.255"})
    assert NoticeKind.HELD in await world.told()
