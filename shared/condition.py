"""What a value has to be like, and the nearest value that is: the columns of the tables of controls. Pure.

Azure answers `on` where a policy says `ON`, so values are compared without regard to case. Lists keep what is in them:
a neighbour's entry is never dropped.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from shared.state import Value


class Condition(Protocol):
    """A question about one value; as text it says what is asked for."""

    def __str__(self) -> str: ...

    def holds(self, value: str) -> bool:
        """Whether the value is right."""

    def mended(self, value: str) -> str:
        """The nearest value that is right."""

    def examples(self) -> tuple[str, str]:
        """A value that is right, and one that is not: what the laws of all controls try."""


@dataclass(frozen=True, slots=True)
class OneOf:
    """The value is one of `accepted`; else it becomes the first."""

    accepted: tuple[str, ...]
    bad: str = "off"

    def __str__(self) -> str:
        return " or ".join(one or "empty" for one in self.accepted)

    def holds(self, value: str) -> bool:
        """Whether it is one of them."""
        return value.lower() in {one.lower() for one in self.accepted}

    def mended(self, value: str) -> str:
        """The first of them."""
        return value if self.holds(value) else self.accepted[0]

    def examples(self) -> tuple[str, str]:
        """The first of them, and one that is none."""
        return self.accepted[0], self.bad


@dataclass(frozen=True, slots=True)
class Between:
    """The value is a whole number from `low` to `high`; else it becomes `wanted`."""

    low: int
    high: int
    wanted: int

    def __str__(self) -> str:
        return f"{self.low} to {self.high}"

    def holds(self, value: str) -> bool:
        """Whether it is such a number."""
        return value.isascii() and value.isdecimal() and self.low <= int(value) <= self.high

    def mended(self, value: str) -> str:
        """The wanted number."""
        return value if self.holds(value) else str(self.wanted)

    def examples(self) -> tuple[str, str]:
        """The wanted number, and one below all."""
        return str(self.wanted), str(self.low - 1)


@dataclass(frozen=True, slots=True)
class Has:
    """The list has every one of `items`, or the one word that means `everything`; what is missing is added at the end.

    `nothing` are words that stand for an empty list.
    """

    items: tuple[str, ...]
    everything: str = ""
    nothing: tuple[str, ...] = ("none",)

    def __str__(self) -> str:
        return f"with {', '.join(self.items)}"

    def holds(self, value: str) -> bool:
        """Whether nothing is missing."""
        words = {word.lower() for word in listed(value)}
        return (bool(self.everything) and self.everything in words) or {item.lower() for item in self.items} <= words

    def mended(self, value: str) -> str:
        """The list with what is missing; what is there stays, in its order."""
        if self.holds(value):
            return value
        kept = [word for word in listed(value) if word.lower() not in self.nothing]
        there = {word.lower() for word in kept}
        return ",".join([*kept, *(item for item in self.items if item.lower() not in there)])

    def examples(self) -> tuple[str, str]:
        """Just the items, and a neighbour without them."""
        return ",".join(self.items), "neighbour"


@dataclass(frozen=True, slots=True)
class Text:
    """The text contains every one of `parts`; else it becomes `wanted`."""

    parts: tuple[str, ...]
    wanted: str

    def __str__(self) -> str:
        return f"with {', '.join(self.parts)}"

    def holds(self, value: str) -> bool:
        """Whether all parts are there."""
        return all(part in value for part in self.parts)

    def mended(self, value: str) -> str:
        """The wanted text."""
        return value if self.holds(value) else self.wanted

    def examples(self) -> tuple[str, str]:
        """The wanted text, and one without the parts."""
        return self.wanted, "%t"


@dataclass(frozen=True, slots=True)
class Either:
    """One of several conditions holds; else the value becomes what the first wants."""

    conditions: tuple[Condition, ...]

    def __str__(self) -> str:
        return ", or ".join(map(str, self.conditions))

    def holds(self, value: str) -> bool:
        """Whether any of them holds."""
        return any(condition.holds(value) for condition in self.conditions)

    def mended(self, value: str) -> str:
        """What the first wants."""
        return value if self.holds(value) else self.conditions[0].mended(value)

    def examples(self) -> tuple[str, str]:
        """Those of the first."""
        return self.conditions[0].examples()


def listed(value: str) -> Sequence[str]:
    """The words of a list that is written with commas."""
    return [word.strip() for word in value.split(",") if word.strip()]


def with_neighbours(good: Value, found: Value, wished: Sequence[Value]) -> Value:
    """The good value of a list, with what others have put into it since; of what is no list, the good value itself.

    It is a list that is mended where every wish only adds to what was found, or only takes away. What was found is
    returned (it is no way back) where it has nothing in common with what was good: then the wishes know more.
    """
    if not all(isinstance(text, str) for text in (good, found, *wished)):
        return good
    there, wishes = _words(found), [_words(text) for text in wished]
    if not all(words >= there or words <= there for words in wishes):
        return good
    was = _words(good)
    theirs = there.intersection(*wishes) - was
    if not theirs:
        return good
    if not there & was:
        return found
    more = (word for word in listed(str(found)) if word.lower() in theirs)
    return ",".join([*listed(str(good)), *more])


def _words(text: Value) -> set[str]:
    return {word.lower() for word in listed(str(text))}


def elements_of(text: str | None) -> list[Any]:
    """The elements of a list that is written as JSON; none where it is not such a list."""
    try:
        found = json.loads(text or "[]")
    except ValueError:
        return []
    return found if isinstance(found, list) else []


def objects_of(text: str | None) -> list[dict[str, Any]]:
    """Those of its elements that have members."""
    return [one for one in elements_of(text) if isinstance(one, dict)]
