import json

import pytest

from cli.notify import Form
from shared.journal import NoticeKind
from tests.cli.terminal import Terminal, a_public_world
from tests.engine.world import INTERNET, RULE


@pytest.mark.parametrize("kind", NoticeKind)
@pytest.mark.parametrize("form", Form)
async def test_every_message_can_be_seen_in_every_form_without_a_store(kind: NoticeKind, form: Form) -> None:
    printed = await Terminal(a_public_world()).types(
        "notify", "preview", "--example", kind.value.removeprefix("Holdfast."), "--format", form
    )
    assert printed.code == 0
    if form in (Form.CARD, Form.SLACK):
        assert json.loads(printed.text)


async def test_a_message_that_there_is_not_is_told_with_the_nearest() -> None:
    printed = await Terminal(a_public_world()).types("notify", "preview", "--example", "Remediate")
    assert (printed.code, printed.lacks("did you mean Remediated?")) == (2, [])


async def test_a_record_is_shown_as_it_was_told() -> None:
    world = a_public_world()
    await world.baseline()
    await world.change(RULE, INTERNET)
    record = (await world.entries())[0].record
    printed = await Terminal(world).types("notify", "preview", "--record", record)
    assert printed.lacks("was put right", "0.0.0.0-255.255.255.255", record) == []
