"""The shape of a file of the owner's controls, key by key."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from shared.control import Disposition
from shared.policy.words import Frozen, Name, Some

Line = Annotated[str, Field(min_length=1, max_length=300, pattern=r"^[^\n\r]*$")]
Words = Annotated[tuple[Annotated[str, Field(max_length=1000)], ...], Some]
KindWord = Literal["flexible", "single", "citus"]
SeverityWord = Literal["low", "medium", "high", "critical"]


class Range(Frozen):
    """Whole numbers."""

    low: int
    high: int


class ConditionSheet(Frozen):
    """What a value has to be like: exactly one of these keys."""

    one_of: Words | None = None
    between: Range | None = None
    has: Words | None = None
    text: Words | None = None


class RowSheet(Frozen):
    """One control. `wanted` is what is written where the condition does not say it by itself; `person` is what somebody
    does about a drift that is not to be written, or cannot be."""

    id: Name
    title: Line
    domain: Line
    severity: SeverityWord
    kinds: Annotated[tuple[KindWord, ...], Some]
    condition: ConditionSheet
    why: Line
    property: Line | None = None
    parameter: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_.]*$", max_length=100)] | None = None
    wanted: str | int | None = None
    person: Annotated[str, Field(max_length=1000)] = ""
    fresh: Disposition | None = None
    first_sight: Disposition | None = None
    frameworks: Mapping[str, Words] = {}


class FileSheet(Frozen):
    """A file."""

    controls: Annotated[tuple[RowSheet, ...], Some]
