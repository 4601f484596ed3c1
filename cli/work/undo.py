"""Taking back what a record of ours changed: shown against the live state, confirmed, and done by the app."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from rich.console import Group
from rich.text import Text

from cli.desk import Desk
from cli.errors import COULD_NOT
from cli.options import Format
from cli.view import plan as view
from cli.view.sheet import Sheet, calls
from cli.view.text import Paragraph
from cli.work.apply import Manner, asking, request
from cli.work.failover import failover, switching_back
from cli.work.moments import span_of
from cli.work.records import record_of
from shared.errors import Refused
from shared.journal import ChangeLine, Report, Request, Wish
from shared.plan import simulate
from shared.policy import Mode
from shared.state import SERVER
from shared.target import Target, parse_target
from shared.undo import promoted_in, touched, undoing, written_in


async def undo(desk: Desk, record: str, exempt_for: str, manner: Manner) -> int:
    """Put back what was there before. Refused when something came later, or when there is nothing to take back."""
    by = await desk.parts.person()
    hours = await _hours(desk, exempt_for)
    if not manner.reason.strip():
        raise Refused("an undo needs a reason: say --reason; people will want to know why the drift is back")
    entries = await record_of(desk, record)
    report, promoted = written_in(entries), promoted_in(entries)
    if promoted is not None:
        return await _switch_back(desk, report, promoted, manner)
    target = parse_target(report.target)
    state = await desk.parts.arm.observe(target, touched(report) | {SERVER})
    changes = undoing(state, report)
    sheet = Sheet(target, (), changes, calls(desk.parts.arm, target, changes))
    desk.out.print(view.heading(target), soft_wrap=True)
    desk.out.print(view.changes(sheet, f"Undo of {report.record}"))
    desk.out.print(await _afterwards(desk, target, report, sheet, hours))
    if not manner.yes and not desk.confirm(asking(changes, target, by)):
        desk.out.print("Nothing was changed.")
        return COULD_NOT
    wish = Request(Wish.UNDO, by, record=report.record, reason=manner.reason, exempt_hours=hours)
    return await request(desk, target, wish, manner)


async def _switch_back(desk: Desk, report: Report, promoted: ChangeLine, manner: Manner) -> int:
    """A switchover is taken back by one the other way, after the same checks; nothing else can be."""
    before, after = promoted.before, promoted.after
    if not isinstance(before, Mapping) or not isinstance(after, Mapping) or after.get("promoteMode") != "Switchover":
        raise Refused(
            "this promotion cannot be taken back: no server that exists becomes a replica again; make a new replica of"
            f" {parse_target(report.target).name} and fail over to that"
        )
    because = replace(manner, reason=f"undoes {report.record}: {manner.reason}")
    return await failover(desk, switching_back(before["source"], report.target), because, Format.TABLE)


async def _hours(desk: Desk, exempt_for: str) -> float:
    if not exempt_for:
        return 0
    span, longest = span_of(exempt_for), timedelta(days=(await desk.parts.policy()).exempting.longest_days)
    if span > longest:
        raise Refused(f"--exempt-for {exempt_for}: the policy allows at most {longest.total_seconds() / 3600:g} hours")
    return span.total_seconds() / 3600


async def _afterwards(desk: Desk, target: Target, report: Report, sheet: Sheet, hours: float) -> Group:
    """What becomes of it: the policy still stands."""
    controls = {line.control for line in report.findings}
    if hours:
        names = ", ".join(sorted(controls))
        return _said(Text(f"The server is exempt from {names} for {hours:g} hours; then it is put right again."))
    outcome = (await desk.parts.engine.preview(target)).outcome
    after = simulate(outcome.state, sheet.changes)
    again = [judge for judge in outcome.judges if judge.rule.fresh is Mode.ENFORCE and judge.drifts(after)]
    if not again:
        return Group()
    names = ", ".join(judge.id for judge in again)
    text = f"The policy enforces {names}: without --exempt-for this is put right again at once."
    return _said(Text(text, "yellow"))


def _said(text: Text) -> Group:
    return Group(Text(), Paragraph(text))
