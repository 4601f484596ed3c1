"""Events and alerts once more: from a file, or such as Holdfast has heard of."""

from collections.abc import Sequence

from rich.text import Text

from cli.desk import Desk
from cli.view import plan as view
from cli.view.text import Paragraph
from cli.work.dead_letters import named
from cli.work.plan import propose, sheet_for, show
from shared.errors import MalformedEvent, Refused
from shared.journal import Trigger
from shared.notify.wording import tame
from shared.reread import look_again, reasons_in, remembered
from shared.target import Target, parse_target


async def replay(desk: Desk, what: str, body: bytes | None, dry_run: bool) -> int:
    """Have the servers looked at, or show what a look would do."""
    reasons = await _reasons(desk, what, body)
    if not dry_run:
        by = await desk.parts.person()
        for name in await look_again(desk.parts.store, reasons, by, desk.clock()):
            desk.out.print(Paragraph(Text(f"{name} is looked at; `holdfast history {name}` shows what comes of it.")))
        return 0
    desk.out.print(Paragraph(Text(f"Heard: {'; '.join(dict.fromkeys(map(_heard, reasons)))}")))
    to_do = [await _rehearsed(desk, target) for target in dict.fromkeys(parse_target(one.target) for one in reasons)]
    desk.out.print(Paragraph(Text("Nothing was changed, and nothing was written.")))
    return int(any(to_do))


async def _rehearsed(desk: Desk, target: Target) -> bool:
    proposal = await propose(desk, target)
    preview = proposal.by_itself
    desk.out.print(view.heading(target), soft_wrap=True)
    show(desk, proposal, sheet_for(desk, proposal, preview, preview.outcome.plan.changes))
    return proposal.to_do


async def _reasons(desk: Desk, what: str, body: bytes | None) -> Sequence[Trigger]:
    store, at = desk.parts.store, desk.clock()
    if body is None:
        letters = await named(desk, what)
        if not letters:
            return [await remembered(store, what, at)]
        body = letters[0].body.encode("utf-8", "replace")
    try:
        return await reasons_in(store, body, at)
    except MalformedEvent as error:
        raise Refused(f"{tame(what)}: {error}") from error


def _heard(trigger: Trigger) -> str:
    what = trigger.alert.title if trigger.alert is not None else trigger.operation or "*"
    return tame(f"{what} on {parse_target(trigger.target).name}")
