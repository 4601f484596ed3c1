"""Events about what servers use: they lead to exactly the servers that do, through either door."""

import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from remediators import load_all
from shared.events import Abroad, read_event
from shared.journal import Trigger
from shared.runtime import Holdfast
from shared.settings import read_settings
from shared.target import Target
from shared.usage import enlist
from tests.shared.test_event_doors import posted
from tests.shared.test_events import DANA, an_event
from tests.shared.test_outside import GROUP, KV, ROLE
from tests.shared.test_usage import KEY, ONE, OTHER


@pytest.fixture
async def holdfast(tmp_path: Path) -> AsyncIterator[Holdfast]:
    opened = Holdfast(read_settings({"HOLDFAST_STORE": f"sqlite:{tmp_path / 'holdfast.db'}"}), load_all)
    await enlist(opened.parts.store, ONE, [KEY])
    yield opened
    await opened.close()


async def waiting(holdfast: Holdfast, target: Target) -> list[Trigger]:
    return list((await holdfast.parts.store.load(target)).triggers)


def role_gone(resource: str = f"{KV}/{ROLE}") -> dict[str, Any]:
    """Dana takes a role away."""
    event = an_event(
        "eventgrid-role-assignment-write",
        resourceUri=resource,
        operationName="Microsoft.Authorization/roleAssignments/delete",
    )
    return event | {"eventType": "Microsoft.Resources.ResourceDeleteSuccess", "subject": resource}


async def test_who_uses_the_vault_is_looked_at_and_nobody_else(holdfast: Holdfast) -> None:
    await holdfast.receive(posted(role_gone()))
    (trigger,) = await waiting(holdfast, ONE)
    assert trigger.operation == "microsoft.authorization/roleassignments/delete"
    assert (trigger.child, trigger.outside, trigger.actor) == (f"{KV}/{ROLE}".lower(), True, DANA)
    assert await waiting(holdfast, OTHER) == []


async def test_a_role_that_is_taken_away_from_the_group_of_the_vault_counts(holdfast: Holdfast) -> None:
    await holdfast.receive(posted(role_gone(f"{GROUP}/{ROLE}")))
    assert len(await waiting(holdfast, ONE)) == 1


async def test_from_the_queue_it_is_authentic(holdfast: Holdfast) -> None:
    await holdfast.receive_queued(json.dumps(role_gone()).encode())
    (trigger,) = await waiting(holdfast, ONE)
    assert trigger.authentic
    assert trigger.id.startswith("queue:")


async def test_what_nobody_uses_is_ignored_and_the_log_says_so(
    holdfast: Holdfast, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "holdfast")
    await holdfast.receive(posted(role_gone(f"{KV}-of-others/{ROLE}")))
    assert await waiting(holdfast, ONE) == []
    assert "no server is known to use" in caplog.text
    assert await holdfast.parts.store.dead_letters() == []


async def test_what_cannot_be_real_is_a_dead_letter(holdfast: Holdfast) -> None:
    await holdfast.receive(posted(role_gone(f"{GROUP}/../x/providers/Microsoft.KeyVault/vaults/kv/{ROLE}")))
    (letter,) = await holdfast.parts.store.dead_letters()
    assert "not an ARM resource id" in letter.reason


def test_a_notification_about_a_vault_says_which_operation_it_was() -> None:
    read = read_event(an_event("eventgrid-notification-deleted", resourceInfo={"id": KV}))
    assert isinstance(read, Abroad)
    assert read.trigger.operation == "microsoft.keyvault/vaults/delete"
