"""Letting a replica take over: looked at, shown, asked, and then done by the app, which may be watched."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from cli.desk import Desk
from cli.errors import COULD_NOT, FAILS, REFUSED
from cli.options import Format
from cli.view import failover as view
from cli.view import plan as plan_view
from cli.view.sheet import Sheet, calls
from cli.view.written import written
from cli.work.apply import Manner
from cli.work.targets import target_of
from shared.errors import Refused
from shared.failover import roles
from shared.failover.book import Failover, Stage, failover_of, open_failover
from shared.failover.model import Option, Survey, Weight
from shared.failover.outline import outline
from shared.failover.preflight import Candidate, candidates
from shared.failover.survey import Surveyor
from shared.journal import Origin, Request, Trigger, Wish, new_id
from shared.target import Target

_QUICKLY, _SLOWLY = 0.05, 1.0


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
    """Look, show, ask, have it done, and say what came of it; or go on with the one that is under way."""
    primary = await target_of(desk, wanted.primary)
    to = await target_of(desk, wanted.to) if wanted.to else None
    latest = await failover_of(desk.parts.store, primary)
    if latest is not None and not latest.over:
        return await _go_on(desk, latest, wanted, to, manner, format_)
    survey = await _survey(desk, primary, to)
    if latest is not None and latest.stage is Stage.DONE and to is None and not survey.replicas:
        # Whoever comes back to one that has ended meanwhile is told how.
        if format_ is Format.TABLE:
            desk.out.print(view.progress(latest))
        return _ended(desk, latest, format_)
    found, chosen = chosen_from(survey, wanted.option, to)
    if format_ is Format.TABLE:
        show(desk, found, chosen)
    if wanted.rehearse or chosen.blocked:
        return _told(desk, found, chosen, wanted, format_)
    return await _begin(desk, chosen, manner, format_)


async def _survey(desk: Desk, primary: Target, to: Target | None) -> Survey:
    surveyor = Surveyor(desk.parts.arm, desk.parts.store, await desk.parts.policy())
    return await surveyor.survey(primary, to, desk.clock())


def chosen_from(survey: Survey, option: Option, to: Target | None) -> tuple[tuple[Candidate, ...], Candidate]:
    """Every replica, and the one that takes over: the named one, or the best. Raises Refused."""
    found = candidates(survey, option)
    if not found and survey.primary.state is None:
        raise Refused(
            f"{survey.primary.name} cannot be read: {survey.primary.why}; in an outage name the replica with --to"
        )
    if not found:
        follows = roles.source(survey.primary.state) if survey.primary.state else ""
        if follows:
            name = follows.rpartition("/")[2]
            raise Refused(f"{survey.primary.name} follows {name} itself; that is the primary to name")
        raise Refused(f"{survey.primary.name} has no read replica that could take over; one has to be made before")
    chosen = next((one for one in found if to is None or one.question.replica.target == to), found[0])
    return found, chosen


def show(desk: Desk, found: tuple[Candidate, ...], chosen: Candidate) -> None:
    """The choice, the checks and the steps."""
    desk.out.print(plan_view.heading(chosen.question.primary.target), soft_wrap=True)
    desk.out.print(view.choice(found, chosen))
    desk.out.print(view.manner(chosen.question))
    desk.out.print(view.checks(chosen.checks))
    replica, change = chosen.question.replica.target, roles.promotion(chosen.question)
    sheet = Sheet(replica, (), (change,), calls(desk.parts.arm, replica, (change,)))
    desk.out.print(plan_view.changes(sheet, f"Plan for {replica.name}"))
    desk.out.print()
    desk.out.print(view.steps(outline(chosen.question)))


def _told(desk: Desk, found: tuple[Candidate, ...], chosen: Candidate, wanted: Wanted, format_: Format) -> int:
    """What a rehearsal says, or why nothing is begun."""
    if format_ is not Format.TABLE:
        planned, change = outline(chosen.question), roles.promotion(chosen.question)
        written(desk.out, format_, view.plain(found, chosen, planned, change))
    else:
        desk.out.print(view.verdict(found, chosen, rehearsed=wanted.rehearse))
    return REFUSED if chosen.blocked else 0


# -- doing it ---------------------------------------------------------------------------------------------------------


async def _begin(desk: Desk, chosen: Candidate, manner: Manner, format_: Format) -> int:
    by, question = await desk.parts.person(), chosen.question
    if not manner.reason.strip():
        raise Refused("a failover needs a reason: say --reason; people will want to know why the primary is another")
    if not manner.yes and not desk.confirm(view.asking(question, by.name)):
        desk.err.print("Nothing was changed.")
        return COULD_NOT
    others = (one.target.id for one in question.survey.replicas if one.target != question.replica.target)
    failover = Failover(
        id=new_id(desk.clock()),
        primary=question.primary.target.id,
        replica=question.replica.target.id,
        others=tuple(others),
        option=question.option,
        way=question.way,
        change=roles.promotion(question),
        by=by,
        reason=manner.reason,
        begun_at=desk.clock(),
        checks=tuple(check for check in chosen.checks if check.weight is Weight.WARN),
    )
    # In the book before anybody is asked: from now on there is one, and no second.
    await open_failover(desk.parts.store, failover)
    return await _ask(desk, failover, manner, format_)


async def _go_on(
    desk: Desk, failover: Failover, wanted: Wanted, to: Target | None, manner: Manner, format_: Format
) -> int:
    """Somebody, perhaps a command that was killed, has begun it: show how far it is, and have it finished."""
    if format_ is Format.TABLE:
        desk.out.print(view.progress(failover))
    if to is not None and to != failover.new:
        raise Refused(
            f"{failover.named} is under way; wait for its end, or place a hold, which ends it before it writes"
        )
    if wanted.rehearse:
        if format_ is not Format.TABLE:
            written(desk.out, format_, view.plain_failover(failover))
        return COULD_NOT
    return await _ask(desk, failover, manner, format_, shown=len(failover.steps))


async def _ask(desk: Desk, failover: Failover, manner: Manner, format_: Format, shown: int = 0) -> int:
    """Leave the request for the app, or carry it out here, and tell each step as it is made."""
    at, store = desk.clock(), desk.parts.store
    request = Request(Wish.FAILOVER, failover.by, (failover.change,), failover.id, failover.reason)
    identity = f"failover-{failover.id}-{new_id(at)}"
    trigger = Trigger(
        identity, failover.replica, "*", "", at, Origin.PERSON, failover.by, received_at=at, request=request
    )
    await store.remember(trigger)
    look = (lambda: desk.parts.engine.reconcile(failover.new)) if manner.here else None
    try:
        ended = await _watch(desk, failover, look, manner.wait_seconds, shown if format_ is Format.TABLE else None)
    except asyncio.CancelledError:
        desk.err.print(
            "Not waited for any longer; it goes on. `holdfast failover` of that primary shows how far it is."
        )
        raise
    return _ended(desk, ended, format_)


async def _watch(
    desk: Desk, failover: Failover, look: Callable[[], Awaitable[None]] | None, seconds: float, shown: int | None
) -> Failover:
    """Until it is over, waits for a person, or nobody waits any longer; `shown` steps are on the screen already."""
    began, pause = desk.clock(), _QUICKLY
    while True:
        if look is not None:
            await look()
        found = await failover_of(desk.parts.store, failover.old)
        now = found if found is not None and found.id == failover.id else failover
        for step in now.steps[shown:] if shown is not None else ():
            desk.out.print(view.step(step.text, f"{step.at:%H:%M:%S}"))
        shown = len(now.steps) if shown is not None else None
        passed = (desk.clock() - began).total_seconds()
        if now.over or (now.stage is Stage.ASKED and now.approval) or passed >= seconds:
            return now
        await desk.sleep(pause)
        pause = min(_SLOWLY, pause * 1.5)


def _ended(desk: Desk, failover: Failover, format_: Format) -> int:
    """0 done; 1 not (yet); 3 done, and something is not as it should be."""
    if format_ is not Format.TABLE:
        written(desk.out, format_, view.plain_failover(failover))
    else:
        desk.out.print(view.ending(failover))
    if failover.stage is not Stage.DONE:
        return COULD_NOT
    return FAILS if any(check.weight is Weight.BLOCK for check in failover.afterwards) else 0


def switching_back(primary: str, replica: str) -> Wanted:
    """What takes a switchover back: the same the other way, with the same checks."""
    return Wanted(primary=replica, to=primary)
