"""Which calls were made: counted by operation and status, and the last of them one by one."""

from collections import Counter, deque

from emulator.arm.call import Answer, Call
from emulator.body import Body
from emulator.clock import Clock, stamp

_KEPT = 5000  # enough for a test or a demo; the counts cover everything


class Calls:
    """The tally of one run."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._counts: Counter[tuple[str, str, int]] = Counter()
        self._last: deque[Body] = deque(maxlen=_KEPT)

    def add(self, call: Call, status: int) -> None:
        """Count a call; status 0 is a connection that was dropped."""
        who = call.who.key if call.who else ""
        operation = call.operation or call.method
        self._counts[who, operation, status] += 1
        line = {
            "at": stamp(self._clock.now()),
            "principal": who,
            "operation": operation,
            "method": call.method,
            "path": call.path,
            "status": status,
            "correlationId": call.correlation_id,
        }
        self._last.append(line)

    def answered(self, call: Call, answer: Answer) -> None:
        """Count an answered call."""
        self.add(call, answer.status)

    def clear(self) -> None:
        """Start counting anew."""
        self._counts.clear()
        self._last.clear()

    def summary(self) -> Body:
        """Return the counts: in all, by operation, by principal and operation."""
        operations: Counter[str] = Counter()
        principals: dict[str, Counter[str]] = {}
        for (who, operation, _), count in self._counts.items():
            operations[operation] += count
            principals.setdefault(who, Counter())[operation] += count
        statuses: Counter[str] = Counter()
        for (_, _, status), count in self._counts.items():
            statuses[str(status)] += count
        return {
            "total": self._counts.total(),
            "operations": dict(operations),
            "principals": {who: dict(found) for who, found in principals.items()},
            "statuses": dict(statuses),
            "last": list(self._last),
        }
