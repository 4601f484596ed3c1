"""Expressions of a query: functions from a row to a value, and how they are put together."""

from collections.abc import Callable
from typing import Any

from emulator.body import Body
from emulator.graph.operators import text

type Expression = Callable[[Body], Any]


def constant(value: Any) -> Expression:
    """Return an expression that is always the same."""
    return lambda _: value


def path(words: list[str]) -> Expression:
    """Return an expression that reads a column or a member of it; what is not there is null."""

    def read(row: Body) -> Any:
        value: Any = row
        for word in words:
            value = value.get(word) if isinstance(value, dict) else None
        return value

    return read


def either(left: Expression, right: Expression) -> Expression:
    """Return whether one of two is true."""
    return lambda row: bool(left(row)) or bool(right(row))


def both(left: Expression, right: Expression) -> Expression:
    """Return whether both are true."""
    return lambda row: bool(left(row)) and bool(right(row))


def compared(left: Expression, compare: Callable[[Any, Any], bool], right: Expression) -> Expression:
    """Return a comparison of two."""
    return lambda row: compare(left(row), right(row))


def member(left: Expression, compare: Callable[[Any, Any], bool], items: list[Expression]) -> Expression:
    """Return whether the left one is in a list."""
    return lambda row: compare(left(row), [one(row) for one in items])


def ranked(value: Expression) -> Callable[[Body], tuple[bool, float, str]]:
    """Return what sorts a row by a value: null first, then numbers, then text."""

    def rank(row: Body) -> tuple[bool, float, str]:
        found = value(row)
        number = float(found) if isinstance(found, int | float) else 0.0
        return (found is not None, number, text(found))

    return rank
