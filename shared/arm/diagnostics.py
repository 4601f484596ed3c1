"""Diagnostic settings as they were meant: what Azure adds to each entry by itself is taken off.

Whoever writes one entry reads a list of all: null members, retention of zero days, and every other category, switched
off. What says nothing is left out, so that a setting equals what was written, and a person can read it.
"""

import json
from collections.abc import Mapping
from typing import Any

_LISTS = ("logs", "metrics")
_NO_RETENTION = {"enabled": False, "days": 0}


def tidied(properties: Mapping[str, Any]) -> dict[str, Any]:
    """The setting with entries that are on, or keep something, in one order; without a list that has none."""
    told = {name: _entries(value) if name in _LISTS else value for name, value in properties.items()}
    return {name: value for name, value in told.items() if value != []}


def _entries(value: object) -> list[dict[str, Any]]:
    entries = [_entry(one) for one in value if isinstance(one, dict)] if isinstance(value, list) else []
    return sorted((one for one in entries if one.get("enabled") or "retentionPolicy" in one), key=json.dumps)


def _entry(one: Mapping[str, Any]) -> dict[str, Any]:
    said = {name: member for name, member in sorted(one.items()) if member is not None}
    return {name: member for name, member in said.items() if (name, member) != ("retentionPolicy", _NO_RETENTION)}
