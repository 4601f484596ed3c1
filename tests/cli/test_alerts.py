"""`holdfast alerts ...`: Defender is asked, alerts are listed with what was done, and one is shown whole."""

import json
from datetime import timedelta
from typing import Any

from shared.alert_door import take_in_alert
from tests.alerts.shapes import CAPTURES, ID, an_export
from tests.builders import SUBSCRIPTION
from tests.cli.terminal import Printed, Terminal
from tests.engine.world import World
from tests.fakes.clock import START

EARLIER = f"{START - timedelta(hours=2):%Y-%m-%dT%H:%M:%SZ}"
OLD = f"{START - timedelta(days=3):%Y-%m-%dT%H:%M:%SZ}"


def an_alert(number: int = 0, raised: str = EARLIER, **properties: Any) -> dict[str, Any]:
    """An alert as Defender lists it."""
    alert_id = f"251718489854982957{number}_cdcf9f94-ec53-47a6-ab87-76130f87218d"
    rest = CAPTURES["rest"]
    given = {"systemAlertId": alert_id, "timeGeneratedUtc": raised, **properties}
    return {**rest, "name": alert_id, "properties": {**rest["properties"], **given}}


async def types(world: World, *words: str, listed: list[Any] | None = None) -> Printed:
    return await Terminal(world, defender={SUBSCRIPTION: listed or []}).types("alerts", *words)


async def waiting(world: World) -> list[str]:
    return [trigger.id for trigger in (await world.store.load(world.target)).triggers]


async def test_a_pull_takes_in_what_is_new_and_about_a_server_of_ours() -> None:
    world = World()
    vm = "/subscriptions/x/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/v"
    elsewhere = an_alert(1, resourceIdentifiers=[{"type": "AzureResource", "azureResourceId": vm}])
    printed = await types(world, "pull", listed=[an_alert(), elsewhere, an_alert(2, raised=OLD)])
    assert printed.code == 0
    assert (
        printed.lacks("✓ Suspected successful brute force attack on pg-payments taken in", "1 taken in, 1 ignored")
        == []
    )
    assert await waiting(world) == ["alert:2517184898549829570_cdcf9f94-ec53-47a6-ab87-76130f87218d:active"]
    again = await types(world, "pull", listed=[an_alert()])
    assert again.lacks("1 known already") == []


async def test_since_says_how_far_back() -> None:
    world = World()
    printed = await types(world, "pull", "--since", "7d", listed=[an_alert(2, raised=OLD)])
    assert printed.lacks("1 taken in") == []
    moment = f"{START - timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"
    assert (await types(World(), "pull", "--since", moment, listed=[an_alert()])).lacks("Defender lists nothing") == []
    assert (await types(World(), "pull", "--since", "yesterday")).code == 2


async def test_a_dry_pull_changes_nothing() -> None:
    world = World()
    printed = await types(world, "pull", "--dry-run", listed=[an_alert()])
    assert printed.lacks("1 taken in; nothing was done, this was a dry run") == []
    assert await waiting(world) == []
    assert await world.store.documents("alerts/") == []


async def test_what_cannot_be_read_is_said_and_the_rest_taken_in() -> None:
    world = World()
    printed = await types(world, "pull", listed=[an_alert(1, entities="x"), an_alert()])
    assert printed.code == 1
    assert printed.lacks("✗ could not be read: entities: found text, wanted an array", "1 taken in") == []


async def test_only_the_named_subscriptions_are_asked() -> None:
    printed = await types(World(), "pull", "--subscription", SUBSCRIPTION.upper(), listed=[an_alert()])
    assert printed.lacks("1 taken in") == []


async def test_a_pull_for_programs() -> None:
    printed = await types(World(), "pull", "--format", "json", listed=[an_alert()])
    (one,) = printed.json
    assert (one["fate"], one["alert"]["type"]) == ("taken in", "SQL.PostgreSQL_BruteForce")


async def test_where_no_alert_is_known_the_list_says_how_they_come() -> None:
    assert (await types(World(), "list")).lacks("No alert is known. `holdfast alerts pull` asks Defender") == []


async def test_the_list_says_what_was_done_about_each() -> None:
    world = World()
    await take_in_alert(world.store, CAPTURES["export"], "event hub", START)
    lost = an_export(SystemAlertId="lost", AzureResourceId=None, ResourceIdentifiers=None, Status="Dismissed")
    await take_in_alert(world.store, lost, "http", START)
    printed = await types(world, "list")
    assert printed.lacks("0f87218d", "high active pg-payments", "Suspected successful brute force attack") == []
    assert printed.lacks("high dismissed the fleet", "told to people: found no resource id") == []
    known = (await types(world, "list", "--format", "json")).json
    assert [one["alert"]["id"] for one in known] == [ID, "lost"]


async def test_one_alert_whole() -> None:
    world = World()
    await take_in_alert(world.store, CAPTURES["export"], "event hub", START)
    printed = await types(world, "show", ID[-6:])
    assert printed.lacks(
        ID,
        "SQL.PostgreSQL_BruteForce",
        "ip 81.2.69.142",
        "Client application: psql",
        "PreAttack",
        "https://portal.azure.com/",
        "active, by event hub",
    ) == []  # fmt: skip
    assert (await types(world, "show", "nothing")).code == 2


async def test_an_alert_cannot_command_the_terminal() -> None:
    world = World()
    hostile = "\x1b[2J\u202e[bold red]<script>"
    await take_in_alert(world.store, an_export(AlertDisplayName=hostile, Description=hostile), "http", START)
    for words in (["list"], ["show", ID]):
        printed = await types(world, *words)
        assert {"\x1b", "\u202e"} & set(printed.text) == set()
        assert "[bold red]" in printed.text


async def test_a_dead_letter_of_an_alert_is_taken_up_again() -> None:
    from tests.cli.test_dead_letters import a_letter, a_world, left
    from tests.cli.test_dead_letters import types as types_letters

    world = await a_world(a_letter("alert", json.dumps(CAPTURES["export"])), a_letter("alert", "{}", "bad", 1))
    assert (await types_letters(world, "replay", "all")).code == 1
    assert (await left(world), await waiting(world)) == (["bad"], [f"alert:{ID}:active"])
