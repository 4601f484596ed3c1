"""Where to look: what the triggers can have broken and what a fix under way is about; and whether Azure still works."""

from datetime import timedelta

from shared.attending import facets_of_alerts
from shared.hearing import Undo
from shared.journal import Trigger
from shared.measure import Course
from shared.memory import Memory, Remediation
from shared.select import facets_of, facets_to_read
from shared.state import SERVER, Facet
from shared.turn import Turn
from shared.undo import touched

# No operation of Azure is waited for longer.
PATIENCE = timedelta(hours=1)


async def facets_for(turn: Turn, undo: Undo | None) -> frozenset[Facet]:
    """What to read."""
    opened = turn.ledger.open
    facets = facets_to_read(turn.controls, await _without_echoes(turn), turn.ledger.memory)
    answers = facets_of_alerts(turn.policy, turn.target.kind, turn.triggers) | _held(turn.ledger.memory)
    turn.glances = not facets and bool(turn.ledger.memory.seen) and (opened is None or bool(opened.measures))
    facets |= answers
    if opened is not None:
        facets |= {change.setting.facet for change in opened.changes}
        facets |= facets_of(control for control in turn.controls if control.id in opened.controls)
    if undo is not None:
        facets |= touched(undo.report)
    if any(not consent.begun for consent in turn.consents):
        turn.glances = False
        # What somebody has agreed to is done by this look, or answered, whatever else it is about.
        facets |= facets_of(turn.controls)
    return facets | {SERVER} if facets and turn.policy.needs_tags else facets


def _held(memory: Memory) -> frozenset[Facet]:
    """What has to be seen so that an answer to an alert that is over can be taken back."""
    ending = {one.id for answer in memory.answers for one in answer.measures if one.course is Course.ENDING}
    held = {one.setting.facet for one in memory.held if ending & set(one.measures)}
    return frozenset(held | {SERVER}) if held else frozenset()


async def in_progress(turn: Turn, opened: Remediation) -> tuple[str, float | None]:
    """Why Azure's operation failed, if it did; or how many seconds to wait for it."""
    for operation in opened.operations:
        progress = await turn.arm.progress(operation)
        if progress.error:
            return progress.error, None
        if not progress.done and turn.clock() - opened.opened_at < PATIENCE:
            return "", progress.retry_after_seconds or 10.0
    return "", None


async def _without_echoes(turn: Turn) -> list[Trigger]:
    """The triggers that are not our own writes coming back: those carry our identity and a fix's correlation id."""
    opened = turn.ledger.open
    ids = {*turn.ledger.memory.closed, *((opened.id,) if opened else ())}
    if not any(trigger.correlation_id in ids for trigger in turn.triggers):
        return list(turn.triggers)
    ours = await turn.arm.own_identity()
    return [trigger for trigger in turn.triggers if not (trigger.correlation_id in ids and _by(trigger, ours))]


def _by(trigger: Trigger, ours: frozenset[str]) -> bool:
    actor = trigger.actor
    return actor is not None and bool({actor.object_id, actor.app_id} & ours)
