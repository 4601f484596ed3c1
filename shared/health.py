"""Whether the app can work: policy, store and the owner's own controls. Azure is not asked: a probe costs nothing."""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from shared.errors import HoldfastError
from shared.parts import Parts

_RECENT_SECONDS = 5.0
_FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Checks:
    """What each check said, by its name."""

    said: Mapping[str, str]

    @property
    def failed(self) -> list[str]:
        """The names of those that failed."""
        return [name for name, text in self.said.items() if text.startswith(_FAILED)]

    @property
    def healthy(self) -> bool:
        """Whether none failed."""
        return not self.failed


class HealthChecks:
    """The checks of one process. `clock` counts seconds."""

    def __init__(self, parts: Parts, clock: Callable[[], float] = time.monotonic) -> None:
        self._parts, self._clock = parts, clock
        self._last: tuple[float, Checks] | None = None

    async def run(self) -> Checks:
        """Check now."""
        asked: dict[str, Callable[[], Awaitable[str]]] = {"policy": self._policy, "store": self._store}
        if self._parts.settings.controls:
            asked = {"controls": self._controls, **asked}
        said: dict[str, str] = {}
        for name, check in asked.items():
            try:
                said[name] = await check()
            except HoldfastError as error:
                said[name] = f"{_FAILED}: {error}"
        self._last = self._clock(), Checks(said)
        return self._last[1]

    async def recent(self) -> Checks:
        """What was found within the last seconds, else what is found now: anybody may ask, and often."""
        if self._last is not None and self._clock() - self._last[0] < _RECENT_SECONDS:
            return self._last[1]
        return await self.run()

    async def _policy(self) -> str:
        policy = await self._parts.policies.current()
        return f"version {policy.version}, mode {policy.mode}"

    async def _controls(self) -> str:
        return f"{len(self._parts.catalogue)}, with those of {self._parts.settings.controls}"

    async def _store(self) -> str:
        await self._parts.store.ping()
        return "reachable"
