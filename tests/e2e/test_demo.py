"""The demo checks each of its steps itself; what it must not do is fail."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from cli.stories import STORIES
from tests.e2e.processes import HOLDFAST, output
from tests.e2e.waiting import until
from tests.postgres import has_postgres

_TOLD = {
    "drift": (
        "1. A firewall rule is widened",
        "exactly this plan and no other",
        "the sweep looked again: exempt until",
        "the live state decides",
    ),
    "alert": (
        "1. A sample alert",
        "is resolved now that all of it is proven",
        "The firewall is exactly as it was before the alert",
    ),
    "restore": (
        "1. A server is restored to yesterday, and appears naked",
        "copied from pg-partners and proven by reading again",
        "by ada.admin@contoso.example, exactly these",
        "pg-partners was only read",
    ),
    "failover": (
        "1. A replica, and a name that leads to both",
        "It would not go: 1 check forbids it.",
        "✓ pg-partners-b has taken the place of pg-partners",
        "Azure was asked to promote exactly once",
    ),
    "key": (
        "1. A role is taken away",
        "2. The vault goes over to access policies",
        "3. An access policy is taken away",
        "s from removal to proof",
    ),
    "login": (
        "no event tells of it",
        "db-login-entra-only",
        "exactly this plan and no other",
        "undoes",
    ),
}
_NEEDING = {"login": (pytest.mark.postgres, pytest.mark.skipif(not has_postgres(), reason="needs PostgreSQL"))}


@pytest.mark.parametrize("name", [pytest.param(one.name, marks=_NEEDING.get(one.name, ())) for one in STORIES])
async def test_a_story_is_told_to_its_end(name: str) -> None:
    printed = await output(HOLDFAST, "demo", name)
    assert [words for words in (*_TOLD[name], "Every step happened") if words not in printed] == []


async def test_the_stories_are_listed() -> None:
    printed = await output(HOLDFAST, "demo", "--list")
    assert [story.name for story in STORIES if story.name not in printed] == []


async def test_a_living_fleet_drifts_and_is_put_right_until_it_is_stopped(tmp_path: Path) -> None:
    command = [str(HOLDFAST), "demo", "--keep", "--every", "0.2", "--seed", "7"]
    said = tmp_path / "said.txt"
    with said.open("wb") as out:
        # `true` stands for the browser.
        demo = await asyncio.create_subprocess_exec(*command, stdout=out, env={**os.environ, "BROWSER": "true"})

    async def look() -> bool:
        return "was put right in" in said.read_text(encoding="utf-8")

    try:
        await until(look, "nothing is put right")
    finally:
        demo.send_signal(signal.SIGINT)
    assert await asyncio.wait_for(demo.wait(), 20) == 0
    assert "/api/overview" in said.read_text(encoding="utf-8")
