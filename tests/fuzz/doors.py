"""The app as the host calls it, over a real store, and the laws of every door: what came is taken in, ignored or kept
with a reason, nothing else is raised, nobody forges a line of the log, and Azure is not so much as asked."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from functools import cached_property
from typing import Any

from remediators import load_all
from shared.journal import DeadLetter
from shared.runtime import Holdfast
from shared.settings import read_settings
from tests.fuzz.log import must_be_tame, nobody_forges_a_line

_MOST_SECONDS = 20


class Doors:
    """Makes the app when it is first needed; one store for all inputs of a law, as in life."""

    def __init__(self, **settings: str) -> None:
        self._settings = settings

    @cached_property
    def _runner(self) -> asyncio.Runner:
        return asyncio.Runner()

    @cached_property
    def holdfast(self) -> Holdfast:
        """The app."""
        self._folder = tempfile.TemporaryDirectory()
        environment = {"HOLDFAST_STORE": f"sqlite:{self._folder.name}/holdfast.db", **self._settings}
        return Holdfast(read_settings(environment), load_all)

    def through[T](self, door: Callable[[Holdfast], Awaitable[T]]) -> tuple[T, list[DeadLetter]]:
        """What the door answers, and the dead letters that it left, which are taken out of the store again."""

        async def go() -> tuple[T, list[DeadLetter]]:
            async with asyncio.timeout(_MOST_SECONDS):
                answer = await door(self.holdfast)
            return answer, await self._letters()

        with nobody_forges_a_line():
            answer, letters = self._runner.run(go())
        self._must_have_left_azure_alone()
        return answer, letters

    async def _letters(self) -> list[DeadLetter]:
        store = self.holdfast.parts.store
        letters = await store.dead_letters(1000)
        for letter in letters:
            assert letter.reason
            must_be_tame(letter.reason)
            await store.unbury(letter.id)
        return letters

    def _must_have_left_azure_alone(self) -> None:
        assert not {"client", "azure", "arm", "credential"} & set(self.holdfast.parts.__dict__)

    def close(self) -> None:
        """Let go of the store."""
        if "holdfast" in self.__dict__:
            self._runner.run(self.holdfast.close())
            self._folder.cleanup()
        self._runner.close()


def decoded(body: bytes) -> Any:
    """The event as the worker library hands it to a function, or None where the library refuses it."""
    from azure.functions.eventgrid import EventGridEventInConverter
    from azure.functions.meta import Datum

    try:
        text = body.decode("utf-8", "surrogatepass")
        return EventGridEventInConverter.decode(Datum(text, "json"), trigger_metadata=None)
    except Exception:  # noqa: BLE001 - whatever the library says: the function is not called then
        return None
