"""What a look at a server would find and do now, and doing it because a person asks for it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from rich.text import Text

from cli.desk import Desk
from cli.errors import CommandFailed, NoAnswer
from cli.options import Format
from cli.view import plan as view
from cli.view.sheet import Sheet, plain, sheet_of
from cli.view.text import Paragraph
from cli.view.written import written
from cli.work.targets import target_of
from shared.control import Change, LastGood
from shared.decide import Verb
from shared.engine import Preview
from shared.errors import HoldfastError
from shared.memory import Assent, Consent
from shared.notify.wording import LONG, tame
from shared.target import Target


@dataclass(frozen=True, slots=True)
class Proposal:
    """What would happen by itself, what would if a person asked for all of it, and which changes that would make."""

    by_itself: Preview
    if_asked: Preview
    on_request: tuple[Change, ...]
    last_good: LastGood

    @property
    def nothing_drifts(self) -> bool:
        """Whether the server is as the policy wants it."""
        return not self.by_itself.outcome.decided

    @property
    def to_do(self) -> bool:
        """Whether anybody has something to do: every drift that stands with permission is as good as none."""
        verbs = {decision.verb for _, decision in self.by_itself.outcome.decided}
        return bool(self.on_request or verbs - {Verb.RECORD})

    @property
    def obstacles(self) -> list[str]:
        """What stands against the rest, even if a person asks for it."""
        refused = self.if_asked.outcome.decided
        return list(dict.fromkeys(decision.reason for _, decision in refused if decision.verb is not Verb.ACT))


async def propose(desk: Desk, target: Target, controls: Collection[str] = ()) -> Proposal:
    """Look twice: as it is, and as it would be if somebody asked for the whole plan (of these controls only)."""
    engine, last_good = desk.parts.engine, (await desk.parts.store.load(target)).memory.last_good()
    preview = await engine.preview(target)
    outcome = preview.outcome
    drifting = [pair for pair in outcome.decided if not controls or pair[0].control in controls]
    wanted = outcome.part(drifting).changes
    if not wanted:
        return Proposal(preview, preview, (), last_good)
    # A consent counts whole or not at all: one for each drift shows which of them nothing stands against.
    parts = [outcome.part([pair]).changes for pair in drifting]
    consents = tuple(Consent(f"asked-{n}", part, "you", Assent.ASKED_FOR) for n, part in enumerate(parts) if part)
    asked = await engine.preview(target, consents)
    keys = {change.key for change in asked.outcome.carried_out.changes}
    return Proposal(preview, asked, tuple(change for change in wanted if change.key in keys), last_good)


async def plan(desk: Desk, target: str, format_: Format) -> int:
    """Show it. 0: nobody has anything to do; 1: somebody has."""
    try:
        server = await target_of(desk, target)
        proposal = await propose(desk, server)
    except (HoldfastError, CommandFailed) as error:
        raise NoAnswer(str(error)) from error
    preview = proposal.by_itself
    sheet = sheet_for(desk, proposal, preview, preview.outcome.plan.changes)
    if format_ is not Format.TABLE:
        on_request = [str(change.setting) for change in proposal.on_request]
        written(
            desk.out, format_, {**plain(sheet), "to_do": proposal.to_do, "apply_would_change": on_request}, "findings"
        )
    else:
        desk.out.print(view.heading(server), soft_wrap=True)
        show(desk, proposal, sheet)
        for line in _advice(proposal, server):
            desk.out.print(Paragraph(Text(line)))
    return int(proposal.to_do)


def sheet_for(desk: Desk, proposal: Proposal, preview: Preview, changes: Sequence[Change]) -> Sheet:
    """One side of the proposal as it is shown, with these changes."""
    return sheet_of(desk.parts.arm, desk.parts.catalogue, preview, proposal.last_good, changes)


def show(desk: Desk, proposal: Proposal, sheet: Sheet) -> None:
    """The findings, and the plan if there is one."""
    if proposal.nothing_drifts:
        desk.out.print(view.good(len(proposal.by_itself.outcome.judges)))
        return
    desk.out.print(view.findings(sheet))
    if sheet.changes:
        desk.out.print(view.changes(sheet))


def _advice(proposal: Proposal, server: Target) -> list[str]:
    if proposal.nothing_drifts:
        return []
    against = [
        f"Against {'the rest' if proposal.on_request else 'it'}: {tame(one, LONG)}" for one in proposal.obstacles
    ]
    if not proposal.on_request:
        return ["", "Nothing was changed, and `holdfast apply` would change nothing either.", *against]
    count, planned = len(proposal.on_request), len(proposal.by_itself.outcome.plan.changes)
    these = f"{count} of these changes" if count < planned else "this change" if count == 1 else "these changes"
    return ["", f"Nothing was changed. `holdfast apply {server.name}` makes {these} now.", *against]
