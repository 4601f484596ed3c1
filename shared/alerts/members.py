"""A JSON object whose members are found whatever their case: each door of Defender writes its own."""

from collections.abc import Iterator, Mapping
from typing import Any

from shared.alerts.texts import one_line, parsed
from shared.errors import MalformedEvent

_WORDS = {str: "text", bool: "true or false", int: "a number", float: "a number", list: "an array", dict: "an object"}


class Members:
    """The members of one object by name, whatever its case. Of two that differ in case only the first with a value
    counts."""

    def __init__(self, given: Mapping[Any, Any]) -> None:
        self._found: dict[str, tuple[str, Any]] = {}
        for name, value in given.items():
            low = str(name).lower()
            if self._found.get(low, ("", None))[1] is None:
                self._found[low] = str(name), value

    def __contains__(self, name: str) -> bool:
        return self.get(name) is not None

    def get(self, *names: str) -> Any:
        """The value of the first of these that has one, else None."""
        return next((value for _, value in self._of(names) if value is not None), None)

    def text(self, *names: str, most: int = 0) -> str:
        """A text, empty where there is none; one line where `most` says how long. Raises MalformedEvent for another
        type."""
        for written, value in self._of(names):
            if value is None:
                continue
            if not isinstance(value, str):
                raise wrong_type(written, value, "text")
            return one_line(value, most) if most else value
        return ""

    def items(self, *names: str) -> list[Any]:
        """An array, also as JSON in a text; empty where there is none. Raises MalformedEvent for another type."""
        for written, value in self._of(names):
            found = parsed(value)
            if found is None or found == "":
                continue
            if not isinstance(found, list):
                raise wrong_type(written, found, "an array")
            return found
        return []

    def table(self, *names: str) -> Mapping[str, Any]:
        """An object, also as JSON in a text; empty where there is none. Raises MalformedEvent for another type."""
        for written, value in self._of(names):
            found = parsed(value)
            if found is None or found == "":
                continue
            if not isinstance(found, dict):
                raise wrong_type(written, found, "an object")
            return found
        return {}

    def flag(self, *names: str) -> bool:
        """Whether it is true, also as a word."""
        value = self.get(*names)
        return value is True or (isinstance(value, str) and value.strip().lower() == "true")

    def pairs(self) -> Iterator[tuple[str, Any]]:
        """Every member with its name as it is written."""
        yield from self._found.values()

    def _of(self, names: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
        for name in names:
            yield self._found.get(name.lower(), (name, None))


def wrong_type(name: str, value: object, wanted: str) -> MalformedEvent:
    """What is said about a member of another type than its schema promises."""
    return MalformedEvent(f"{one_line(name, 80)}: found {_WORDS.get(type(value), 'null')}, wanted {wanted}")
