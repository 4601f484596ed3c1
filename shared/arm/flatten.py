"""ARM's JSON as named texts, and back: what a control compares, a person reads, and a plan writes.

`{"a": {"b": true, "c": [1]}}` is `{"a.b": "true", "a.c": "[1]"}`. Numbers and flags look like text; on the way back
they become what they were. Where Azure has text that looks like a number, `TEXTS` names it.
"""

import json
from collections.abc import Mapping
from typing import Any

# Properties that are text in Azure's definitions although they may look like numbers.
TEXTS = frozenset({"version", "postgresqlVersion", "citusVersion", "value"})


def flattened(body: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """The texts by dotted name; what is null or empty is left out."""
    found: dict[str, str] = {}
    for name, value in body.items():
        match value:
            case None:
                continue
            case dict():
                found |= flattened(value, f"{prefix}{name}.")
            case list():
                found[f"{prefix}{name}"] = json.dumps(value, sort_keys=True)
            case bool():
                found[f"{prefix}{name}"] = "true" if value else "false"
            case _:
                found[f"{prefix}{name}"] = str(value)
    return found


def unflattened(texts: Mapping[str, str]) -> dict[str, Any]:
    """The reverse of `flattened`."""
    body: dict[str, Any] = {}
    for path, text in texts.items():
        *parents, name = path.split(".")
        inner = body
        for parent in parents:
            inner = inner.setdefault(parent, {})
        inner[name] = text if name in TEXTS else _plain(text)
    return body


def merge(into: dict[str, Any], more: Mapping[str, Any]) -> None:
    """Put nested members into a body: two settings of one object are one object."""
    for name, value in more.items():
        if isinstance(value, dict) and isinstance(into.get(name), dict):
            merge(into[name], value)
        else:
            into[name] = value


def _plain(text: str) -> Any:
    if text in ("true", "false"):
        return text == "true"
    if text.lstrip("-").isdigit() and str(int(text)) == text:
        return int(text)
    if text[:1] in ("[", "{"):
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text
