"""Runs timer functions on their schedule.

The real host keeps the last run in storage and so knows after a restart that a tick was missed
(`IsPastDue`); this one forgets, so a tick is only past due when the host itself was too busy. A run is
never overtaken by the next: ticks that pass meanwhile are skipped, as there.
"""

import asyncio
from datetime import UTC, datetime

from local_host.calls import timer_call
from local_host.functions import Function, TimerTrigger
from local_host.invocations import Invocations
from local_host.ncrontab import Schedule, schedule

# the real host's tolerance before it calls a tick past due
_LATE_SECONDS = 1.0


class Timer:
    """The schedule of one function."""

    def __init__(self, function: Function, trigger: TimerTrigger, invocations: Invocations) -> None:
        self._function = function
        self._invocations = invocations
        self._run_on_startup = trigger.run_on_startup
        self._schedule: Schedule = schedule(trigger.schedule)
        self._last: datetime | None = None

    async def tick(self) -> None:
        """Run the function at each of its times, for as long as the host runs."""
        if self._run_on_startup:
            await self._run(self._schedule(datetime.now(UTC)), past_due=False)
        while True:
            due = self._schedule(datetime.now(UTC))
            await _until(due)
            late = (datetime.now(UTC) - due).total_seconds() > _LATE_SECONDS
            await self._run(self._schedule(due), past_due=late)

    async def _run(self, upcoming: datetime, past_due: bool) -> None:
        call = timer_call(self._last, upcoming, past_due)
        self._last = datetime.now(UTC)
        # shielded: stopping the schedule must not stop the run
        await asyncio.shield(asyncio.ensure_future(self._invocations.run(self._function, call)))


async def _until(moment: datetime) -> None:
    left = (moment - datetime.now(UTC)).total_seconds()
    while left > 0:
        # in steps, because the wall clock may be set while we sleep
        await asyncio.sleep(min(left, 30.0))
        left = (moment - datetime.now(UTC)).total_seconds()
