"""What cannot be read is said of each control that needed it, and hides nothing of the others."""

import asyncio
from dataclasses import replace

import pytest

from shared.audit import Status, Surveyor
from shared.errors import Forbidden, Gone, HoldfastError, Throttled, Unreachable
from shared.policy import BreakGlass, Exempting, Policy
from shared.ports import Waiver
from shared.state import ADMINISTRATORS, FIREWALL_RULES, SERVER, Facet, FacetKind, parameter
from shared.target import Target
from tests.audit.auditing import findings, reports, statuses
from tests.builders import a_policy, a_server, a_state, a_target
from tests.engine.world import World
from tests.fakes.arm import FakeArm

_ADMIN, _TLS, _DOOR = "entra-admin-allowlist", "tls-required", "public-network-access-disabled"
_LOCKS = Facet(FacetKind.LOCKS)


def _refuses(world: World, kind: FacetKind, error: HoldfastError, times: int = 1000) -> None:
    left = [times]

    def read(_: Target, facet: Facet) -> None:
        if facet.kind is kind and left[0]:
            left[0] -= 1
            raise error

    world.arm.on_read = read


def _forbidden(permission: str = "Microsoft.DBforPostgreSQL/flexibleServers/administrators/read") -> Forbidden:
    return Forbidden(f"{permission} is missing", permission, "/subscriptions/x")


async def test_one_forbidden_facet_hides_nothing_else() -> None:
    world = World()
    _refuses(world, FacetKind.ADMINISTRATORS, _forbidden())
    found = await findings(world)
    assert (found[_ADMIN].status, found[_TLS].status) == (Status.ERROR, Status.PASS)
    assert found[_ADMIN].missing == "Microsoft.DBforPostgreSQL/flexibleServers/administrators/read"
    assert found[_ADMIN].reason.startswith("Forbidden: Microsoft.DBforPostgreSQL")


async def test_when_all_can_be_read_it_is_read_at_once_and_once() -> None:
    world = World()
    await findings(world)
    reads = [call for call in world.arm.calls if call.startswith("read ")]
    assert len(reads) == len(set(reads))


async def test_where_something_was_refused_it_is_not_tried_all_at_once_again() -> None:
    arm = FakeArm(a_state(), a_state(a_target("pg-ledger")))
    surveyor = Surveyor(arm)

    def read(_: Target, facet: Facet) -> None:
        if facet == ADMINISTRATORS:
            raise _forbidden()

    arm.on_read = read
    for target in arm.states:
        arm.calls.clear()
        survey = await surveyor.survey(target, [SERVER, ADMINISTRATORS, FIREWALL_RULES])
    assert sorted(arm.calls) == ["read administrators", "read firewallRules", "read server"]
    assert list(survey.errors) == [ADMINISTRATORS]
    assert survey.state.facets() == {SERVER, FIREWALL_RULES}


async def test_a_throttled_read_waits_as_long_as_azure_asks_and_is_made_again() -> None:
    world = World()
    before = world.clock()
    _refuses(world, FacetKind.ADMINISTRATORS, Throttled("slow down", 17), times=2)
    assert await statuses(world, _ADMIN) == [Status.PASS]
    assert (world.clock() - before).total_seconds() == 2 * 17


async def test_where_azure_asks_one_for_a_pause_all_pause_and_nothing_is_lost() -> None:
    arm, pauses, left = FakeArm(*(a_state(a_target(f"pg-{n}")) for n in range(8))), list[float](), [30]

    def read(_: Target, facet: Facet) -> None:
        if facet == ADMINISTRATORS and left[0]:
            left[0] -= 1
            raise Throttled("slow down", 5)

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        await asyncio.sleep(0.001)

    arm.on_read = read
    surveyor = Surveyor(arm, sleep)
    surveys = await asyncio.gather(*(surveyor.survey(target, [SERVER, ADMINISTRATORS]) for target in arm.states))
    assert not any(survey.errors for survey in surveys)
    assert 1 < len(pauses) < 12


async def test_what_stays_unreachable_is_an_error_after_a_while() -> None:
    world = World()
    _refuses(world, FacetKind.ADMINISTRATORS, Unreachable("no answer", 1))
    assert await statuses(world, _ADMIN, _TLS) == [Status.ERROR, Status.PASS]


async def test_parameters_fail_together_for_one_list_brings_them() -> None:
    world = World()
    _refuses(world, FacetKind.PARAMETER, _forbidden())
    assert await statuses(world, _TLS, "tls-min-version-12", _DOOR) == [Status.ERROR, Status.ERROR, Status.PASS]


async def test_a_neighbour_that_does_not_answer_hides_no_other() -> None:
    world = World()
    _refuses(world, FacetKind.PLANS, Unreachable("no answer", 1))
    plans, contacts = Facet(FacetKind.PLANS), Facet(FacetKind.CONTACTS)
    survey = await Surveyor(world.arm, no_sleep).survey(world.target, [SERVER, plans, contacts])
    assert list(survey.errors) == [plans]
    assert "read securityContacts" in world.arm.calls


async def test_a_server_that_is_gone_says_so_in_every_answer() -> None:
    survey = await Surveyor(FakeArm()).survey(a_target(), [SERVER, _LOCKS, parameter("log_connections")])
    assert {type(error) for error in survey.errors.values()} == {Gone}


async def test_nothing_is_judged_by_a_policy_that_may_be_another() -> None:
    world = World(policy=replace(a_policy(), break_glass=BreakGlass(tag="emergency")))
    _refuses(world, FacetKind.SERVER, _forbidden("Microsoft.DBforPostgreSQL/flexibleServers/read"))
    assert set(await statuses(world, _TLS, _ADMIN)) == {Status.ERROR}


@pytest.mark.parametrize("waived", [True, False])
async def test_azure_policys_exemptions_count_where_the_policy_says_so(waived: bool) -> None:
    world = World(a_state(server=a_server(public_access=True)), policy=_with_waivers())
    if waived:
        definition = "5e1de0e3-42cb-4ebc-a86d-61d0c619ca48"
        world.arm.waived[world.target] = (Waiver("moving", frozenset({definition})),)
    found = (await findings(world))[_DOOR]
    assert found.status is (Status.EXEMPT if waived else Status.FAIL)


async def test_a_failure_stands_when_its_exemptions_cannot_be_read() -> None:
    world = World(a_state(server=a_server(public_access=True)), policy=_with_waivers())

    def ask(_: str) -> None:
        raise _forbidden("Microsoft.Authorization/policyExemptions/read")

    world.arm.on_ask = ask
    found = (await findings(world))[_DOOR]
    assert (found.status, found.missing) == (Status.FAIL, "Microsoft.Authorization/policyExemptions/read")


async def test_a_fleet_comes_in_its_own_order_and_few_servers_at_a_time() -> None:
    world = World(*(a_state(a_target(f"pg-{number:03}")) for number in range(40)))
    assert [report.target for report in await reports(world)] == list(world.arm.states)


async def no_sleep(_: float) -> None:
    """Time is of no matter here."""


def _with_waivers() -> Policy:
    return replace(a_policy(), exempting=Exempting(azure_policy=True))
