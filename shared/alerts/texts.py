"""Whatever stands in an alert, as one printable line: it ends in notifications, on a web page, in logs."""

import json
from typing import Any

SHORT = 256
LONG = 2000


def one_line(value: object, most: int = SHORT) -> str:
    """The value as text: white space folded, what does not print left out (control characters, marks that turn the
    direction of writing), cut to `most` characters. Markup stays as it is: whoever shows it knows what to escape."""
    text = value if isinstance(value, str) else _told(value)
    # Ten times as much as is kept is enough to find it; the rest of a megabyte is not looked at.
    kept = "".join(one for one in " ".join(text[: most * 10].split()) if one.isprintable())
    return kept if len(kept) <= most else f"{kept[: most - 1].rstrip()}…"


def parsed(value: object) -> object:
    """The value, or what it holds where it is text that holds a JSON object or array: Log Analytics writes such."""
    if not isinstance(value, str) or value.lstrip()[:1] not in ("{", "["):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def _told(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return _number(value)
    try:
        return json.dumps(value, ensure_ascii=False, default=str)
    except (ValueError, RecursionError):
        return "(nested too deep to show)"


def _number(value: float) -> str:
    try:
        return str(value)
    except ValueError:
        # Python writes no whole number of more than 4,300 digits.
        return "(a number too long to show)"
