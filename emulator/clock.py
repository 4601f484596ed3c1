"""Time as the emulator sees it: real time plus what a test has added, so that hours pass in a test's second."""

import asyncio
import heapq
import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class Clock:
    """Tells the time and runs things later; `advance` runs at once all that falls due on the way."""

    def __init__(self) -> None:
        self._added = timedelta()
        self._due: list[tuple[datetime, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._alarm: asyncio.TimerHandle | None = None

    def now(self) -> datetime:
        """Return the present, in UTC."""
        return datetime.now(UTC) + self._added

    def call_later(self, after_seconds: float, action: Callable[[], None]) -> None:
        """Run the action when the given time has passed, by the wall or by `advance`."""
        when = self.now() + timedelta(seconds=after_seconds)
        heapq.heappush(self._due, (when, next(self._order), action))
        self._arm()

    def advance(self, seconds: float) -> None:
        """Let time pass at once, action by action in the order of their times."""
        goal = self.now() + timedelta(seconds=seconds)
        while self._due and self._due[0][0] <= goal:
            self._added += max(self._due[0][0] - self.now(), timedelta())
            self._run_due()
        self._added += max(goal - self.now(), timedelta())
        self._arm()

    def stop(self) -> None:
        """Forget everything that is still to come."""
        self._due.clear()
        self._disarm()

    def _run_due(self) -> None:
        while self._due and self._due[0][0] <= self.now():
            _, _, action = heapq.heappop(self._due)
            action()

    def _arm(self) -> None:
        self._disarm()
        if self._due:
            wait_seconds = (self._due[0][0] - self.now()).total_seconds()
            self._alarm = asyncio.get_running_loop().call_later(max(wait_seconds, 0), self._ring)

    def _ring(self) -> None:
        self._run_due()
        self._arm()

    def _disarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None


def stamp(moment: datetime) -> str:
    """Write a time as ARM bodies do: milliseconds and a Z."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def long_stamp(moment: datetime) -> str:
    """Write a time as Event Grid and systemData do: seven decimals and a Z."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond:06d}0Z"
