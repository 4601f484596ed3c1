"""`holdfast exemptions`: given by people within the policy's limits, listed with those of the policy."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.orders import Exemption
from shared.standing import orders_of
from shared.target import FLEET
from tests.cli.terminal import ADA, Printed, Terminal, a_public_world
from tests.engine.world import INTERNET, RULE, World

_ADD = {
    "--control": "firewall-no-any-any",
    "--reason": "old clients",
    "--owner": "partners@contoso.example",
    "--ticket": "CHG-12",
    "--expires": "7d",
}


async def _type(world: World, *words: str) -> Printed:
    return await Terminal(world).types("exemptions", *words)


async def _add(world: World, *more: str, **changes: str) -> Printed:
    given = {**_ADD, **{f"--{name}": text for name, text in changes.items()}}
    return await _type(
        world, "add", "pg-payments", *(word for pair in given.items() for word in pair if pair[1]), *more
    )


async def _given(world: World) -> tuple[Exemption, ...]:
    return (await orders_of(world.store)).exemptions


async def test_an_exempt_drift_stands() -> None:
    world = a_public_world()
    await world.baseline()
    printed = await _add(world, "--control", "firewall-rule-allowlist")
    await world.change(RULE, INTERNET)
    assert printed.code == 0
    assert printed.lacks("✓ exempt: pg-payments from firewall-no-any-any, firewall-rule-allowlist", "7 days") == []
    assert world.arm.writes == []


async def test_it_is_recorded_who_gave_it_and_who_answers_for_it() -> None:
    world = World()
    await _add(world)
    (entry,) = await world.store.history(FLEET)
    assert entry.detail.startswith(f"{ADA.name} exempts ")
    assert entry.report.owner == "partners@contoso.example"
    (given,) = await _given(world)
    assert (given.by, given.ticket, given.expires_at) == (ADA.name, "CHG-12", world.clock() + timedelta(days=7))


async def test_ended_it_is_put_back_at_once() -> None:
    world = a_public_world()
    await world.baseline()
    await _add(world, "--control", "firewall-rule-allowlist")
    await world.change(RULE, INTERNET)
    (given,) = await _given(world)
    printed = await _type(world, "end", given.id[-8:], "--reason", "clients are new")
    await world.run_due()
    assert printed.lacks("▶ ended: pg-payments is no longer exempt from firewall-no-any-any") == []
    assert world.arm.writes == [str(RULE)]


async def test_the_list_shows_those_of_the_policy_too_and_marks_what_expires_soon() -> None:
    world = World()
    of_policy = Exemption(
        "legacy",
        "",
        ("tls-required",),
        "printers",
        "it@contoso.example",
        world.clock() + timedelta(days=60),
        source="policy.yaml:9",
    )
    world.with_policy(replace(world.policy, exemptions=(of_policy,)))
    await _add(world)
    printed = await _type(world, "list")
    words = ("legacy everything from tls-required", "60 days left", "it@contoso.example, policy.yaml:9")
    assert printed.lacks(*words, "7 days left, expires soon", "CHG-12, command line") == []
    found = (await _type(world, "list", "--format", "json")).json
    assert [one["source"] for one in found] == ["command line", "policy.yaml:9"]


async def test_an_expired_one_says_so() -> None:
    world = World()
    await _add(world)
    world.clock.advance(8 * 24 * 3600)
    assert (await _type(world, "list")).lacks("expired: no longer in force") == []


async def test_nothing_exempt() -> None:
    assert (await _type(World(), "list")).lacks("Nothing is exempt.") == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"expires": "700d"}, "the policy allows at most 90 days"),
        ({"expires": "2020-01-01T00:00Z"}, "would have expired at 2020-01-01 00:00 UTC already"),
        ({"expires": "2026-03-05T00:00"}, "names no time zone"),
        ({"expires": "soon"}, "found 'soon', wanted a number with m, h, d or w (30m, 4h, 7d, 2w), or a moment such as"),
        ({"expires": "0d"}, "more than nothing"),
        ({"reason": " "}, "an exemption needs a reason"),
        ({"owner": " "}, "an exemption needs an owner"),
        ({"control": ""}, "say which controls"),
        ({"control": "tls-requird"}, "did you mean tls-required?"),
    ],
)
async def test_what_the_policy_does_not_allow_is_refused(changes: dict[str, str], said: str) -> None:
    world = World()
    printed = await _add(world, **changes)
    assert printed.code == 2
    assert printed.lacks(said) == []
    assert await _given(world) == ()


async def test_one_of_the_policy_ends_in_the_policy() -> None:
    printed = await _type(World(), "end", "legacy")
    assert printed.code == 2
    assert printed.lacks("one that stands in the policy ends there") == []
