"""What makes Holdfast stop: somebody who fights back, too many servers at once, and a person who says so."""

from pathlib import Path

from shared.journal import Actor, Stage, new_id, now
from shared.orders import Hold
from shared.stewardship import hold
from tests.e2e.exchanges import Exchanges
from tests.e2e.fleet import Sort
from tests.e2e.server import ADA, DANA, INTERNET
from tests.e2e.stacks import pieces
from tests.e2e.waiting import until
from tests.e2e.world import World, policy

_TLS = "require_secure_transport"


async def test_who_fights_back_is_not_fought_for_ever_and_people_hear_how_to_go_on(careful: World) -> None:
    server = await careful.a_server(Sort.PRIVATE)
    for times in (1, 2):
        await server.set(DANA, _TLS, "off")
        await server.proven(times)
        await server.nothing_is_left_to_do()
    await server.set(DANA, _TLS, "off")
    record = await server.record(Stage.DETECTED)
    assert [finding.verb for finding in record.report.findings] == ["hold"]
    assert await server.parameter(_TLS) == "off"
    told = server.messages[-1]
    assert "is not mended any more" in told.title
    assert "fights back" in told.text
    assert f"holdfast release {server.name}" in told.text


async def test_a_hold_stops_a_fix_that_is_under_way_before_its_next_write(careful: World) -> None:
    server = await careful.a_server(Sort.PUBLIC)
    await server.event_fault(drop=True, times=2)
    for rule in ("office", "gateway"):
        await server.change(DANA, "PUT", f"/firewallRules/{rule}", INTERNET)
    await server.fault(method="PUT", latency_ms=3000, times=1)
    assert await careful.deliver((await careful.published_by_azure(server))[-1]) == 202
    await careful.all_faults_have_hit()
    order = Hold(new_id(), server.id, "the vendor is at work", "Ada", now())
    await hold(careful.store, order, Actor("Ada"))
    record = await server.record(Stage.FAILED)
    assert "held by Ada: the vendor is at work; stopped before the next write" in record.report.error
    assert len(await server.writes()) == 1
    await server.nothing_is_left_to_do()
    assert len(await server.writes()) == 1


async def test_when_too_many_servers_would_be_changed_everything_stops_and_one_message_says_so(
    tmp_path: Path, exchanges: Exchanges
) -> None:
    rules = tmp_path / "policy.yaml"
    text = policy().read_text(encoding="utf-8")
    rules.write_text(text.replace("blast_radius: {servers: 0}", "blast_radius: {servers: 2}"), encoding="utf-8")
    async with pieces(tmp_path, exchanges, rules=rules) as world:
        servers = [await world.an_opened_server() for _ in range(5)]
        for server in servers:
            await server.nothing_is_left_to_do()
        still_open = [server for server in servers if await server.is_public()]
        assert len(still_open) >= 3
        (told,) = await world.told("Holdfast stopped itself")
        assert "more than 2 servers would be changed within 10 minutes" in told.text
        assert all(server.messages == [] for server in still_open)


async def test_a_broken_policy_is_refused_while_the_app_runs_and_a_good_one_is_taken_up(
    tmp_path: Path, exchanges: Exchanges
) -> None:
    rules = tmp_path / "policy.yaml"
    good = policy().read_text(encoding="utf-8")
    rules.write_text(good, encoding="utf-8")
    async with pieces(tmp_path, exchanges, rules=rules) as world:

        async def refused() -> bool:
            await world.health()
            return bool(await world.store.document("policy/refused"))

        rules.write_text("version: 1\nmode: enforced\n", encoding="utf-8")
        await until(refused, "the broken policy is not looked at")
        (told,) = await world.told("a new policy was refused, the last good one stays in force")
        assert "found 'enforced'; did you mean 'enforce'?" in told.text
        server = await world.an_opened_server()
        await server.record(Stage.PROVEN)
        rules.write_text(good.replace("mode: enforce", "mode: notify"), encoding="utf-8")

        async def adopted() -> bool:
            return "mode notify" in str((await world.health())["policy"])

        await until(adopted, "the good policy is not looked at")
        await world.told("a new version of the policy is in force")
        await server.set(ADA, _TLS, "off")
        await server.record(Stage.DETECTED)
        assert await server.parameter(_TLS) == "off"
        assert len(await world.told("a new policy was refused")) == 1
