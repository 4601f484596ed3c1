"""Letting a replica take over: looked at, shown, asked, and then done by the app, which may be watched."""

from dataclasses import dataclass

from rich.text import Text

from cli.desk import Desk
from cli.errors import REFUSED
from cli.options import Format
from cli.view import failover as view
from cli.view import plan as plan_view
from cli.view.text import Paragraph, dumped
from cli.work.apply import Manner
from cli.work.targets import target_of
from shared.errors import Refused
from shared.failover import roles
from shared.failover.model import Option, Survey
from shared.failover.outline import outline
from shared.failover.preflight import Candidate, candidates
from shared.failover.survey import Surveyor
from shared.target import Target


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person asks for."""

    primary: str
    to: str = ""
    forced: bool = False
    rehearse: bool = False

    @property
    def option(self) -> Option:
        """Planned, if nobody says otherwise."""
        return Option.FORCED if self.forced else Option.PLANNED


async def failover(desk: Desk, wanted: Wanted, manner: Manner, format_: Format) -> int:
    """Look, show, ask, and have it done."""
    if not wanted.rehearse:
        raise Refused(f"this Holdfast rehearses failovers only; say --rehearse{' and why' * (not manner.reason)}")
    primary = await target_of(desk, wanted.primary)
    to = await target_of(desk, wanted.to) if wanted.to else None
    survey = await _survey(desk, primary, to)
    found, chosen = chosen_from(survey, wanted.option, to)
    if format_ is Format.JSON:
        planned, change = outline(chosen.question), roles.promotion(chosen.question)
        dumped(desk.out, view.plain(found, chosen, planned, change))
    else:
        show(desk, found, chosen)
        desk.out.print(_verdict(chosen))
    return REFUSED if chosen.blocked else 0


async def _survey(desk: Desk, primary: Target, to: Target | None) -> Survey:
    parts = desk.parts
    surveyor = Surveyor(parts.arm, parts.store, parts.catalogue, await parts.policy())
    return await surveyor.survey(primary, to, desk.clock())


def chosen_from(survey: Survey, option: Option, to: Target | None) -> tuple[tuple[Candidate, ...], Candidate]:
    """Every replica, and the one that takes over: the named one, or the best. Raises Refused."""
    found = candidates(survey, option)
    if not found and survey.primary.state is None:
        raise Refused(
            f"{survey.primary.name} cannot be read: {survey.primary.why}; in an outage name the replica with --to"
        )
    if not found:
        raise Refused(f"{survey.primary.name} has no read replica that could take over; one has to be made before")
    chosen = next((one for one in found if to is None or one.question.replica.target == to), found[0])
    return found, chosen


def show(desk: Desk, found: tuple[Candidate, ...], chosen: Candidate) -> None:
    """The choice, the checks and the steps."""
    desk.out.print(plan_view.heading(chosen.question.primary.target), soft_wrap=True)
    desk.out.print(view.choice(found, chosen))
    desk.out.print(view.manner(chosen.question))
    desk.out.print(view.checks(chosen.checks))
    desk.out.print(view.steps(outline(chosen.question)))


def _verdict(chosen: Candidate) -> Paragraph:
    """What the rehearsal says."""
    count = len(chosen.blocked)
    if count:
        words = f"It would not go: {view.forbidden(count)}. Nothing was changed."
        return Paragraph(Text.assemble(("✗ ", "bold red"), words))
    return Paragraph(Text.assemble(("✓ ", "green"), "It would go. This was a rehearsal: nothing was changed."))
