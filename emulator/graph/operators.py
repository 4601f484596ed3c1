"""What the comparison words and functions of Kusto mean."""

import json
from collections.abc import Callable, Mapping
from typing import Any

type Compare = Callable[[Any, Any], bool]


def _low(value: Any) -> str:
    return text(value).lower()


def text(value: Any) -> str:
    """Return what tostring() gives: null becomes an empty string."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value) if isinstance(value, dict | list) else str(value)


def _equal(left: Any, right: Any) -> bool:
    return left is not None and left == right


def _ordered(compare: Compare) -> Compare:
    def both(left: Any, right: Any) -> bool:
        numbers = isinstance(left, int | float) and isinstance(right, int | float)
        return (numbers or (isinstance(left, str) and isinstance(right, str))) and compare(left, right)

    return both


COMPARES: Mapping[str, Compare] = {
    "==": _equal,
    "!=": lambda left, right: not _equal(left, right),
    "=~": lambda left, right: _low(left) == _low(right),
    "!~": lambda left, right: _low(left) != _low(right),
    "<": _ordered(lambda left, right: left < right),
    "<=": _ordered(lambda left, right: left <= right),
    ">": _ordered(lambda left, right: left > right),
    ">=": _ordered(lambda left, right: left >= right),
    "contains": lambda left, right: _low(right) in _low(left),
    "!contains": lambda left, right: _low(right) not in _low(left),
    "startswith": lambda left, right: _low(left).startswith(_low(right)),
    "!startswith": lambda left, right: not _low(left).startswith(_low(right)),
    "endswith": lambda left, right: _low(left).endswith(_low(right)),
    "!endswith": lambda left, right: not _low(left).endswith(_low(right)),
}
MEMBERS: Mapping[str, Compare] = {
    "in": lambda left, right: left in right,
    "!in": lambda left, right: left not in right,
    "in~": lambda left, right: _low(left) in [_low(one) for one in right],
    "!in~": lambda left, right: _low(left) not in [_low(one) for one in right],
}
FUNCTIONS: Mapping[str, Callable[[Any], Any]] = {
    "tolower": _low,
    "toupper": lambda value: text(value).upper(),
    "tostring": text,
    "toint": lambda value: int(value) if text(value).lstrip("-").isdigit() else None,
    "tobool": lambda value: {"true": True, "false": False, "1": True, "0": False}.get(_low(value)),
    "isempty": lambda value: text(value) == "",
    "isnotempty": lambda value: text(value) != "",
    "isnull": lambda value: value is None,
    "isnotnull": lambda value: value is not None,
    "not": lambda value: not value,
    "array_length": lambda value: len(value) if isinstance(value, list) else None,
}
