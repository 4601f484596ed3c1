"""When a server has to be looked at although nothing happens: something expires, falls due, or has to be said again."""

from datetime import datetime, timedelta

from shared.claims import recheck_at
from shared.decide import Verb
from shared.deliberate import Outcome
from shared.memory import Memory
from shared.policy import Flapping
from shared.telling import quiet_until, reminders

_AT_LEAST = timedelta(seconds=1)


def due_at(memory: Memory, outcome: Outcome, flapping: Flapping, at: datetime) -> datetime | None:
    """The next such moment after `at`. An appointment made earlier stands: this look may not have seen its reason."""
    moments = [decision.until for _, decision in outcome.decided]
    moments += [approval.expires_at for approval in memory.approvals]
    moments += [recheck_at(acceptance) for acceptance in memory.accepted.values()]
    rules = {judge.id: judge.rule for judge in outcome.judges}
    for drift, decision in outcome.of(Verb.WAIT):
        moments += reminders(rules[drift.control], decision.until)
    moments += quiet_until(memory, flapping)
    moments += [one.until for one in memory.measures]
    moments.append(memory.due_at)
    later = [moment for moment in moments if moment is not None and moment > at]
    return max(min(later), at + _AT_LEAST) if later else None
