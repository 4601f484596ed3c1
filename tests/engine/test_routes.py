"""What a report has to hold so that the policy's routes can take it or leave it."""

from dataclasses import replace

from shared.journal import NoticeKind
from shared.policy import Approvals, AtExpiry, Mode, Policy, Route
from tests.builders import a_policy, a_server, a_state
from tests.engine.world import INTERNET, RULE, World

HOURS = 3600


async def asked(policy: Policy) -> World:
    """A world in which a person is asked about a wide rule."""
    world = World(a_state(server=a_server(public_access=True)), policy=policy)
    await world.baseline()
    await world.change(RULE, INTERNET)
    return world


async def test_what_nobody_decided_is_asked_again_as_escalated() -> None:
    approvals = Approvals(valid_hours=24, at_expiry=AtExpiry.ESCALATE)
    world = await asked(replace(a_policy(Mode.APPROVE, public_network_access_disabled=Mode.OFF), approvals=approvals))
    world.clock.advance(24 * HOURS)
    await world.event("*")
    questions = [notice for notice in await world.notices() if notice.kind is NoticeKind.APPROVAL_NEEDED]
    assert [question.report.escalated for question in questions] == [False, True]


async def test_a_report_names_the_management_groups_that_a_route_asks_about() -> None:
    group = "/providers/Microsoft.Management/managementGroups/production"
    route = Route(name="team", url_setting="TEAM", scopes=(group,))
    world = World(policy=replace(a_policy(), routes=(route,)))
    world.arm.groups[world.target.subscription] = ("payments", "production")
    await world.baseline()
    await world.change(RULE, INTERNET)
    assert {notice.report.management_groups for notice in await world.notices()} == {("payments", "production")}
