"""When each server of a sweep is looked at: spread over time, well inside what Azure lets one identity ask for.

Azure fills one bucket for each subscription and identity (learn.microsoft.com, "Understand how Azure Resource Manager
throttles requests": 250 reads at once, 25 a second for long). A sweep leaves 50 of those at once and half of those a
second to events, people and whoever else works under our identity.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from shared.target import Target


@dataclass(frozen=True, slots=True)
class Bucket:
    """So many at once, and so many a second for long."""

    size: float
    per_second: float


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a sweep goes. `reads_per_look` is what a whole look costs where every control is on (`python -m
    bench.calls`); `fleet` bounds the looks of all subscriptions together, so that one instance keeps up."""

    reads: Bucket = Bucket(200, 12.5)
    reads_per_look: float = 31
    fleet: Bucket = Bucket(32, 10)

    def times(self, speed: float) -> "Pace":
        """So many times as fast; what goes at once stays."""
        reads, fleet = self.reads, self.fleet
        faster = Bucket(reads.size, reads.per_second * speed), Bucket(fleet.size, fleet.per_second * speed)
        return replace(self, reads=faster[0], fleet=faster[1])


PACE = Pace()


class _Turns:
    """When the next one may go, from a full bucket: the generic cell rate algorithm."""

    def __init__(self, bucket: Bucket, cost: float = 1) -> None:
        self._gap = cost / bucket.per_second
        self._ahead = bucket.size / bucket.per_second - self._gap
        self._full_at = 0.0

    def earliest(self) -> float:
        return max(0.0, self._full_at - self._ahead)

    def take(self, at: float) -> None:
        self._full_at = max(self._full_at, at) + self._gap


def slots(targets: Iterable[Target], pace: Pace = PACE) -> Iterator[tuple[Target, float]]:
    """Each target with the seconds to wait from the beginning; those of one subscription come one after another."""
    fleet, subscriptions = _Turns(pace.fleet), dict[str, _Turns]()
    for target in targets:
        turns = subscriptions.setdefault(target.subscription, _Turns(pace.reads, pace.reads_per_look))
        at = max(fleet.earliest(), turns.earliest())
        # The fleet's own turn is not moved by a subscription that has to wait: others go meanwhile.
        fleet.take(fleet.earliest())
        turns.take(at)
        yield target, at
