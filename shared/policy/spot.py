"""Where something stands in the policy's files."""

from typing import NamedTuple


class Spot(NamedTuple):
    """A place in a file; line and column count from 1. `file` is relative to the policy's own folder."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class Problem(NamedTuple):
    """Something wrong at a place, in words its author can act on."""

    spot: Spot
    text: str

    def __str__(self) -> str:
        return f"{self.spot.file}:{self.spot.line}:{self.spot.column}: {self.text}"
