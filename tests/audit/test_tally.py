"""What an audit adds up to, and how little of a large fleet it keeps."""

from shared.audit import Choice, Report, Status, Tally
from shared.audit.choice import in_order
from shared.audit.tally import SHOWN
from shared.control import Severity
from tests.audit.auditing import EVERYTHING, reports
from tests.builders import a_server, a_state, a_target
from tests.engine.world import World

_DOOR = "public-network-access-disabled"


async def _tally(*reports_: Report, choice: Choice = EVERYTHING) -> Tally:
    tally = Tally(choice)
    for report in reports_:
        tally.add(report)
    return tally


async def _fleet(servers: int, choice: Choice = EVERYTHING) -> Tally:
    opened = a_server(public_access=True)
    world = World(*(a_state(a_target(f"pg-{number:03}"), server=opened) for number in range(servers)))
    return await _tally(*await reports(world, choice), choice=choice)


async def test_every_answer_is_counted() -> None:
    tally = await _fleet(3)
    assert (tally.servers, tally.failing_servers) == (3, 3)
    assert sum(tally.counts.values()) == 3 * tally.controls


async def test_of_a_large_fleet_a_few_servers_are_kept_and_the_rest_is_counted() -> None:
    tally = await _fleet(30)
    line = next(line for group in tally.groups() for line in group.lines if line.control.id == _DOOR)
    assert (line.counts[Status.FAIL], len(line.shown), line.unshown) == (30, SHOWN, 30 - SHOWN)


async def test_domains_come_worst_first_and_so_do_their_controls() -> None:
    tally = await _fleet(1)
    worst = [group.lines[0].worst.rank for group in tally.groups()]
    assert worst == sorted(worst)
    for group in tally.groups():
        assert [line.order for line in group.lines] == sorted(line.order for line in group.lines)


async def test_a_framework_has_its_own_order_and_a_control_may_stand_twice() -> None:
    tally = await _fleet(1, Choice(frameworks=("cis-3.0",)))
    headings = [group.heading for group in tally.groups()]
    assert headings == in_order(headings)
    assert len(headings) == len(set(headings)) > 1


async def test_only_what_is_bad_enough_fails() -> None:
    tally = await _fleet(1, Choice(controls=(_DOOR,)))
    assert tally.fails(Severity.HIGH)
    assert not tally.fails(Severity.CRITICAL)
    assert not tally.misses(Severity.LOW)


async def test_the_counts_of_a_domain_are_those_of_its_controls() -> None:
    (group,) = (await _fleet(2, Choice(controls=(_DOOR,)))).groups()
    assert group.counts == {Status.FAIL: 2}
