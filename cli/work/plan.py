"""What a look at a server would find and do now, and doing it because a person asks for it."""

from collections.abc import Collection
from dataclasses import dataclass

from cli.desk import Desk
from cli.errors import CommandFailed, NoAnswer
from cli.options import Format
from cli.view import plan as view
from cli.view.sheet import Sheet, plain, sheet_of
from cli.view.text import dumped
from cli.work.targets import target_of
from shared.control import Change
from shared.decide import Assent, Consent, Verb
from shared.engine import Preview
from shared.errors import HoldfastError
from shared.target import Target


@dataclass(frozen=True, slots=True)
class Proposal:
    """What would happen by itself, and `on_request`: the changes that are made if a person asks for all of it."""

    preview: Preview
    on_request: tuple[Change, ...]

    @property
    def nothing_drifts(self) -> bool:
        """Whether the server is as the policy wants it."""
        return not self.preview.outcome.decided

    @property
    def to_do(self) -> bool:
        """Whether anybody has something to do: every drift that stands with permission is as good as none."""
        verbs = {decision.verb for _, decision in self.preview.outcome.decided}
        return bool(self.on_request or verbs - {Verb.RECORD})


async def propose(desk: Desk, target: Target, controls: Collection[str] = ()) -> Proposal:
    """Look twice: as it is, and as it would be if somebody asked for the whole plan (of these controls only)."""
    preview = await desk.parts.engine.preview(target)
    outcome = preview.outcome
    wanted = outcome.part(pair for pair in outcome.decided if not controls or pair[0].control in controls).changes
    if not wanted:
        return Proposal(preview, ())
    asked = Consent("asked", wanted, "you", Assent.ASKED_FOR)
    done = (await desk.parts.engine.preview(target, (asked,))).outcome.carried_out.changes
    keys = {change.key for change in done}
    return Proposal(preview, tuple(change for change in wanted if change.key in keys))


async def plan(desk: Desk, target: str, format_: Format) -> int:
    """Show it. 0: nobody has anything to do; 1: somebody has."""
    try:
        server = await target_of(desk, target)
        proposal = await propose(desk, server)
    except (HoldfastError, CommandFailed) as error:
        raise NoAnswer(str(error)) from error
    sheet = sheet_of(desk.parts.arm, desk.parts.catalogue, proposal.preview, proposal.preview.outcome.plan.changes)
    if format_ is Format.JSON:
        on_request = [str(change.setting) for change in proposal.on_request]
        dumped(desk.out, {**plain(sheet), "to_do": proposal.to_do, "apply_would_change": on_request})
    else:
        desk.out.print(view.heading(server), soft_wrap=True)
        show(desk, proposal, sheet)
        desk.out.print(_advice(proposal, server), markup=False)
    return int(proposal.to_do)


def show(desk: Desk, proposal: Proposal, sheet: Sheet) -> None:
    """The findings, and the plan if there is one."""
    if proposal.nothing_drifts:
        desk.out.print(view.good(len(proposal.preview.outcome.judges)))
        return
    desk.out.print(view.findings(sheet))
    if sheet.changes:
        desk.out.print(view.changes(sheet))


def _advice(proposal: Proposal, server: Target) -> str:
    if proposal.nothing_drifts:
        return ""
    if not proposal.on_request:
        return "\nNothing was changed, and asking for it would not change that: see the decisions."
    count, planned = len(proposal.on_request), len(proposal.preview.outcome.plan.changes)
    these = f"{count} of these changes" if count < planned else "this change" if count == 1 else "these changes"
    return f"\nNothing was changed. `holdfast apply {server.name}` makes {these} now."
