"""Small pieces of text and colour."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from shared.notify.wording import LONG, tame, value_words, way_words
from shared.state import Value
from shared.target import FLEET, Target

SEVERITIES: Mapping[str, str] = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "blue"}
_SHORT_ID = 8
_ID = re.compile(
    r"/subscriptions/[0-9a-f-]{36}(?:/resourcegroups/[\w.()-]+(?:/providers/microsoft\.dbforpostgresql/\w+/[\w-]+)?)?"
    r"|/providers/microsoft\.management/managementgroups/[\w.()-]+",
    re.IGNORECASE,
)


def printable(text: str) -> str:
    """The text with its lines, and nothing that could command a terminal."""
    return "".join(letter if letter == "\n" or letter.isprintable() else "�" for letter in text)


def said(text: str, style: str = "") -> Text:
    """Text that others wrote, on one line."""
    return Text(tame(text, LONG), style)


def value(thing: Value, style: str = "") -> Text:
    """A setting's value."""
    return Text(value_words(thing), style)


def way(before: Value, after: Value) -> Text:
    """From one value to another; of several members only those that differ."""
    was, becomes = way_words(before, after)
    return Text.assemble((was, "red"), " → ", (becomes, "green"))


@dataclass(frozen=True, slots=True)
class Pairs:
    """Labels and what belongs to them, one below the other; what is long goes on below itself."""

    rows: tuple[tuple[str, Text], ...]
    indent: int = 2

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The lines, without blanks at their ends."""
        labels = max(len(label) for label, _ in self.rows)
        room = max(20, options.max_width - self.indent - labels - 2)
        for label, content in self.rows:
            for number, line in enumerate(content.wrap(console, room)):
                line.rstrip()
                shown = "" if number else label
                yield Text.assemble(" " * self.indent, (shown.ljust(labels), "dim"), "  ", line)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A text that goes on below itself, without blanks at the ends of its lines."""

    text: Text
    indent: int = 0

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The lines."""
        for line in self.text.wrap(console, max(20, options.max_width - self.indent)):
            line.rstrip()
            yield Text.assemble(" " * self.indent, line)


def short(identity: str) -> str:
    """The end of a record's id: enough to name it."""
    return identity[-_SHORT_ID:]


def where(scope: str) -> str:
    """A scope in as few words as name it: a server's name, a group's, a subscription."""
    if not scope or scope == FLEET.id:
        return "everything"
    parts = scope.strip("/").split("/")
    kind = {2: "subscription", 4: "resource group"}.get(len(parts), "")
    if "managementgroups" in parts:
        kind = "management group"
    return tame(f"{kind} {parts[-1]}".strip())


def named(text: str) -> str:
    """The text with names in place of the ids of servers and the scopes above them."""
    return _ID.sub(lambda match: where(match[0]), text)


def moment(at: datetime) -> str:
    """The moment to the minute."""
    return f"{at:%Y-%m-%d %H:%M} UTC"


def lasting(span: timedelta) -> str:
    """How long something lasts: `3 days`, `5 h`, `12 min`."""
    minutes = int(span.total_seconds() // 60)
    if minutes >= 2 * 24 * 60:
        return f"{minutes / (24 * 60):.0f} days"
    return f"{minutes / 60:.0f} h" if minutes >= 120 else f"{max(0, minutes)} min"


def full_id(target: Target) -> Text:
    """A server's ARM id."""
    return Text(target.id, "dim", no_wrap=True, overflow="ignore")
