"""Whether somebody has said yes to a failover: who asked for it, or with the policy's approval somebody else.

The approval is one like any other: it is found, shown and decided in the same place, by the same rules.
"""

from dataclasses import replace

from shared import asking
from shared.approvals import Verdict, ruling_on
from shared.errors import Refused
from shared.failover.afterwards import lines
from shared.failover.book import Failover, Stage, write_on
from shared.journal import Trigger
from shared.turn import Turn


async def agreed(turn: Turn, failover: Failover, trigger: Trigger | None) -> Failover | None:
    """The failover once it may go on, None while it waits. Raises Refused where somebody said no, or nobody in time."""
    if failover.stage is not Stage.ASKED:
        _settle(turn, failover)
        return failover
    if not turn.policy.failover.approval:
        return await _goes_on(turn, failover, f"{failover.by.name} said yes")
    approval = next(iter(asking.failovers(turn.ledger)), None)
    if approval is None:
        await _ask(turn, failover, trigger)
        return None
    ruling = await ruling_on(turn.store, approval.id)
    if ruling is not None and ruling.verdict is Verdict.APPROVE and ruling.digest == approval.digest:
        said = f" ({ruling.reason})" if ruling.reason else ""
        return await _goes_on(turn, failover, f"approved by {ruling.by.name}{said}")
    if ruling is not None:
        asking.answered(turn.ledger, approval, f"denied by {ruling.by.name}: {ruling.reason}")
        raise Refused(f"denied by {ruling.by.name}: {ruling.reason}")
    if turn.clock() >= approval.expires_at:
        asking.answered(turn.ledger, approval, "nobody has decided in time")
        raise Refused(f"nobody has decided within {turn.policy.approvals.valid_hours:g} hours")
    return None


async def _ask(turn: Turn, failover: Failover, trigger: Trigger | None) -> None:
    ledger = turn.ledger
    because = f", because: {failover.reason}" if failover.reason else ""
    report = ledger.report("high", f"{failover.by.name} asks for a failover: {failover.named}{because}")
    report = replace(report, trigger=trigger, findings=lines(failover.checks, "before the promotion"))
    ledger.remember(failover=failover.primary)
    report = asking.ask_for_failover(ledger, report, (failover.change,), failover.by)
    text = "waits for an approval: `holdfast approvals`"
    await write_on(turn.store, failover, lambda one: one.went(turn.clock(), text, approval=report.record))


async def _goes_on(turn: Turn, failover: Failover, text: str) -> Failover:
    after = await write_on(turn.store, failover, lambda one: one.went(turn.clock(), text, stage=Stage.AGREED))
    _settle(turn, after)
    return after


def _settle(turn: Turn, failover: Failover) -> None:
    """The approval has been answered; a worker that was killed may have left it behind."""
    for approval in asking.failovers(turn.ledger):
        said = failover.steps[-1].text if failover.steps else "approved"
        asking.answered(turn.ledger, approval, f"{said}, and begun")
