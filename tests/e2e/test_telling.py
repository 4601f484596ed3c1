"""People and machines are told once and in order, also when their receivers were down."""

import asyncio

from shared.journal import Stage
from tests.e2e.fleet import Sort
from tests.e2e.server import ADA, OPENED, Server
from tests.e2e.world import World

_OFF = ("require_secure_transport", "off")


async def _drifts_twice(server: Server) -> None:
    """Two drifts, one after the other, and both are put back."""
    await server.change(ADA, "PATCH", properties=OPENED)
    await server.reaches(Stage.PROVEN)
    await server.set(ADA, *_OFF)
    await server.proven(2)


async def test_a_receiver_that_was_down_is_told_once_and_in_order(world: World) -> None:
    server = await world.a_server(Sort.PRIVATE)
    with world.inbox.out_of_order():
        await _drifts_twice(server)
        assert len(await server.published()) >= 1  # machines need not wait for people
    await server.nothing_is_left_to_do()
    assert ["public network access" in message.title for message in server.messages] == [True, False]
    assert ["require_secure_transport" in message.title for message in server.messages] == [False, True]


async def test_a_receiver_that_is_down_holds_up_no_fix_and_stands_in_the_outbox(world: World) -> None:
    server = await world.a_server(Sort.PRIVATE)
    with world.inbox.out_of_order():
        await server.change(ADA, "PATCH", properties=OPENED)
        await server.reaches(Stage.PROVEN)
        assert not await server.is_public()
        (notice,) = await server.waiting_notices()
        assert notice.last_error == "on-call: the receiver could not be reached, or refused the message"


async def test_a_topic_that_was_down_gets_everything_once_and_in_order(world: World) -> None:
    server = await world.a_server(Sort.PRIVATE)
    await world.azure.control("POST", "/faults", {"topics": [{"status": 503, "times": 1}]})
    await _drifts_twice(server)
    assert len(server.messages) >= 1  # people need not wait for machines
    await server.nothing_is_left_to_do()
    settings = [event["data"]["findings"][0]["setting"] for event in await server.published()]
    assert settings == ["network.publicNetworkAccess", "configurations/require_secure_transport"]
    assert len(server.messages) == 2


async def test_the_record_says_who_was_told(world: World) -> None:
    server = await world.an_opened_server()
    assert (await server.record(Stage.PROVEN)).told == ["Holdfast.Remediated told to event grid, on-call"]


async def test_drifts_on_many_servers_at_once_are_all_told(world: World) -> None:
    servers = [await world.a_server(Sort.PRIVATE) for _ in range(5)]
    await asyncio.gather(*(server.change(ADA, "PATCH", properties=OPENED) for server in servers))
    for server in servers:
        await server.record(Stage.PROVEN)
        assert "was put right" in server.message.title
