"""An ARM of prepared answers, for what no emulator would say: malformed lists, strange members, broken pages."""

from typing import Any

from shared.arm.client import Answer, Call


class ScriptedArm:
    """Answers by the last word of the path: a body, or a list of bodies for one call after the other."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.calls: list[Call] = []

    async def send(self, call: Call) -> Answer:
        self.calls.append(call)
        return self._answer(call.path.rpartition("/")[2])

    async def follow(self, url: str, call: Call) -> Answer:
        self.calls.append(call)
        return self._answer(url)

    def _answer(self, key: str) -> Answer:
        found = self.answers[key]
        if isinstance(found, Exception):
            raise found
        return Answer(200, {}, found)
