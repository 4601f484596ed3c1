"""The whole way out: settings and policy, outbox, delivery, Apprise and azure-eventgrid, real HTTP."""

from azure.core.credentials_async import AsyncTokenCredential

from shared.journal import Stage, now
from shared.notify.build import build_delivery
from shared.notify.people import People
from shared.policy import Policy, Route
from shared.settings import Settings, read_settings
from tests.notify.examples import Pages
from tests.notify.receivers import KEY, Receiver, Topic, listening
from tests.notify.world import World, a_target

TARGET = a_target()


def numbers(receiver: Receiver) -> list[str]:
    """The records the receiver was told about, in order."""
    return [message["message"].partition("**Record**: `")[2].partition("`")[0] for message in receiver.received]


async def wait(world: World, seconds: float) -> None:
    world.clock.advance(seconds)
    await world.handle_due()


async def test_a_receiver_that_fails_in_every_way_gets_everything_once_and_in_order() -> None:
    world, webhook = World(), Receiver()
    async with listening(webhook):
        route = Route(name="team", url_setting="URL")
        world.use([People(route, {"URL": f"json://127.0.0.1:{webhook.port}/hook"}, timeout_seconds=0.3)])
        await world.post(TARGET, 2)
        webhook.status = 500
        await wait(world, 0)
        webhook.status, webhook.delay_seconds = 200, 0.5
        await wait(world, 5)
    # A slow answer may have arrived all the same: the receiver's own list shows what it took while it was slow.
    webhook.received.clear()
    await world.post(TARGET)
    await wait(world, 10)
    assert webhook.received == []
    webhook.delay_seconds = 0
    async with listening(webhook):
        await world.run(1)
        assert numbers(webhook) == ["r0", "r1", "r2"]
    assert (await world.store.load(TARGET)).outbox == ()


async def test_settings_and_policy_name_the_receivers() -> None:
    world = World()
    world.clock.advance_to(now())
    async with listening(Topic()) as topic, listening(Receiver()) as webhook:
        policy = Policy(routes=(Route(name="team", url_setting="TEAM"), Route(name="pager", url_setting="PAGER")))
        url = {"TEAM": f"json://127.0.0.1:{webhook.port}/team", "PAGER": f"json://127.0.0.1:{webhook.port}/pager"}
        topic_settings = {"HOLDFAST_TOPIC_ENDPOINT": topic.endpoint, "HOLDFAST_TOPIC_KEY": KEY}
        settings = read_settings({"HOLDFAST_STORE": "sqlite:unused", **topic_settings, **url})
        world.delivery = build_delivery(settings, policy, world.store, _no_identity)
        await world.post(TARGET)
        await world.handle_due()
        await world.delivery.close()
        assert ([event["id"] for event in topic.received], numbers(webhook)) == (["n0"], ["r0", "r0"])
    (entry,) = [entry for entry in await world.store.history() if entry.stage is Stage.NOTIFIED]
    assert entry.detail == "Holdfast.Remediated told to event grid, pager, team"


async def test_the_actor_gets_the_message_and_the_record_names_the_route_not_the_person() -> None:
    world = World()
    world.clock.advance_to(now())
    async with listening(Receiver()) as webhook:
        route = Route(name="to-who-did-it", url_setting="MAIL", to_actor=True, domains=("contoso.example",))
        settings = read_settings({"HOLDFAST_STORE": "sqlite:x", "MAIL": f"json://127.0.0.1:{webhook.port}/{{address}}"})
        world.delivery = build_delivery(settings, Policy(routes=(route,)), world.store, _no_identity, Pages())
        await world.post(TARGET)
        await world.handle_due()
        assert webhook.paths == ["/dana.fields@contoso.example"]
    (entry,) = [entry for entry in await world.store.history() if entry.stage is Stage.NOTIFIED]
    assert entry.detail == "Holdfast.Remediated told to to-who-did-it"


async def test_without_receivers_the_outbox_is_emptied_all_the_same() -> None:
    world = World()
    world.clock.advance_to(now())
    world.delivery = build_delivery(Settings.model_validate({}), Policy(), world.store, _no_identity)
    await world.post(TARGET)
    await world.handle_due()
    assert (await world.store.load(TARGET)).outbox == ()


def _no_identity() -> AsyncTokenCredential:
    raise AssertionError("the key is enough")
