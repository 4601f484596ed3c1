"""Having a plan carried out because a person asks for it: shown, confirmed, and then made exactly so, or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from cli.desk import Desk
from cli.errors import COULD_NOT
from cli.view import plan as view
from cli.view.sheet import Sheet
from cli.work.answer import Question, wait_for
from cli.work.plan import Proposal, propose, sheet_for
from cli.work.targets import checked_controls, target_of
from shared.control import Change, Risk
from shared.errors import Refused
from shared.journal import Actor, Origin, Request, Trigger, Wish, new_id
from shared.target import Target

_WORTH_SAYING = {
    Risk.ENDS_RECORDING: "ends the sending of logs",
    Risk.CUTS_ONLY_DOOR: "closes the only way into the server",
    Risk.NEEDS_RESTART: "needs a restart of the server",
    Risk.WIDENS_ACCESS: "lets more in than now",
    Risk.IRREVERSIBLE: "cannot be taken back",
}


@dataclass(frozen=True, slots=True)
class Manner:
    """How a person wants it done."""

    reason: str = ""
    yes: bool = False
    here: bool = False
    wait_seconds: float = 120


async def apply(desk: Desk, target: str, controls: Sequence[str], manner: Manner) -> int:
    """Show the plan, ask, have it done, and say what came of it."""
    by = await desk.parts.person()
    server = await target_of(desk, target)
    proposal = await propose(desk, server, checked_controls(desk, controls))
    sheet = _sheet(desk, proposal, controls)
    desk.out.print(view.heading(server), soft_wrap=True)
    if not sheet.findings:
        desk.out.print(view.good(len(controls) or len(proposal.by_itself.outcome.judges)))
        return 0
    desk.out.print(view.findings(sheet))
    if not sheet.changes:
        raise Refused("nothing of this is changed because somebody asks for it; the decisions above say why")
    desk.out.print(view.changes(sheet))
    if not manner.yes and not desk.confirm(asking(sheet.changes, server, by)):
        desk.out.print("Nothing was changed.")
        return COULD_NOT
    return await request(desk, server, Request(Wish.APPLY, by, sheet.changes, reason=manner.reason), manner)


async def request(desk: Desk, target: Target, wish: Request, manner: Manner) -> int:
    """Leave the request for the app, or carry it out here, and wait for what comes of it."""
    at = desk.clock()
    identity = f"{wish.wish}-{new_id(at)}"
    store, engine = desk.parts.store, desk.parts.engine
    await store.remember(
        Trigger(identity, target.id, "*", "", at, Origin.PERSON, wish.by, received_at=at, request=wish)
    )
    look = (lambda: engine.reconcile(target)) if manner.here else None
    return await wait_for(desk, Question(identity, target, look), manner.wait_seconds)


def _sheet(desk: Desk, proposal: Proposal, controls: Sequence[str]) -> Sheet:
    """What is asked for: all of it, so that nothing is said about what would happen by itself."""
    sheet = sheet_for(desk, proposal, proposal.if_asked, proposal.on_request)
    findings = tuple(line for line in sheet.findings if not controls or line.control in controls)
    return replace(sheet, findings=findings, rules={}, verbs={})


def asking(changes: Sequence[Change], target: Target, by: Actor) -> str:
    """The question before changes are made, with the risks worth a second thought."""
    these = "this change" if len(changes) == 1 else f"these {len(changes)} changes"
    risks = [words for risk, words in _WORTH_SAYING.items() if any(change.risk is risk for change in changes)]
    warning = f" It {' and '.join(risks)}." if risks else ""
    return f"\n{warning.lstrip()}{' ' if warning else ''}Make {these} on {target.name}, as {by.name}?"
