"""What a caller may set on a resource, and to which values: a table of dotted paths, applied in one place.

Properties that are not in the table are ignored, as ARM providers do.
"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from emulator.body import Body, dig, leaves, put
from emulator.errors import ArmError, invalid_value

SWITCH = ("Enabled", "Disabled")


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some words, in any case."""

    words: tuple[str, ...]

    def read(self, path: str, value: Any) -> Any:
        """Return the word as the service writes it."""
        for word in self.words:
            if isinstance(value, str) and word.lower() == value.lower():
                return word
        raise invalid_value(path)


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number within bounds."""

    least: int
    most: int

    def read(self, path: str, value: Any) -> Any:
        """Return the number."""
        if isinstance(value, bool) or not isinstance(value, int) or not self.least <= value <= self.most:
            raise invalid_value(path)
        return value


@dataclass(frozen=True, slots=True)
class Kept:
    """Any value of a JSON type, kept as it is."""

    json: type

    def read(self, path: str, value: Any) -> Any:
        """Return the value."""
        if not isinstance(value, self.json):
            raise invalid_value(path)
        return value


TEXT, FLAG, ITEMS = Kept(str), Kept(bool), Kept(list)


@dataclass(frozen=True, slots=True)
class Rule:
    """A settable property; create-only ones may be sent later if they do not differ."""

    kind: Choice | Whole | Kept
    create_only: bool = False
    is_secret: bool = False  # taken and never stored
    unset: str = ""  # what a resource has that says nothing


class Settable:
    """The settable properties of one resource type, found without case."""

    def __init__(self, rules: Mapping[str, Rule]) -> None:
        self._rules = rules
        self._by_lower = {path.lower(): path for path in rules}

    def with_rules(self, more: Mapping[str, Rule]) -> "Settable":
        """Return these rules and some more."""
        return Settable({**self._rules, **more})

    def changed(self, old: Body | None, sent: Body, ignoring: tuple[str, ...] = ()) -> Body:
        """Return the stored body after a write, `old` being None when the resource is new."""
        result = copy.deepcopy(old or {})
        result.setdefault("properties", {})
        given = {name: sent[name] for name in ("sku", "properties") if isinstance(sent.get(name), dict)}
        for written, value in leaves(given):
            path = self._by_lower.get(written.lower())
            if path is None or value is None or path in ignoring or self._rules[path].is_secret:
                continue
            self._set(result, old, path, value)
        if isinstance(sent.get("tags"), dict):  # given as a whole, taken as a whole
            result["tags"] = copy.deepcopy(sent["tags"])
        if isinstance(sent.get("identity"), dict):
            result["identity"] = merged_identity(result.get("identity") or {}, sent["identity"])
        return result

    def _set(self, result: Body, old: Body | None, path: str, value: Any) -> None:
        rule = self._rules[path]
        good = rule.kind.read(path, value)
        before = dig(old, path)
        before = rule.unset if before is None else before
        if rule.create_only and old is not None and str(good).lower() != str(before).lower():
            raise ArmError(400, "PropertyChangeNotAllowed", f"Changing property '{path}' is not allowed.")
        put(result, path, good)


def merged_identity(old: Body, sent: Body) -> Body:
    """Return an identity after a write: user-assigned ones are added, and removed by null (recorded 2024-04)."""
    users = dict(old.get("userAssignedIdentities") or {})
    for one, value in (sent.get("userAssignedIdentities") or {}).items():
        users = {other: kept for other, kept in users.items() if other.lower() != one.lower()}
        if value is not None:
            users[one] = {}
    kind = str(sent.get("type") or old.get("type") or "None")
    if "userassigned" not in kind.lower().replace(" ", ""):
        users = {}
    return {"type": kind} | ({"userAssignedIdentities": users} if users else {})


def require_growth(old: Body | None, new: Body, *paths: str) -> None:
    """Refuse a write that makes one of these numbers smaller."""
    for path in paths:
        before, after = dig(old, path), dig(new, path)
        if before is not None and after is not None and float(after) < float(before):
            raise invalid_value(path)
