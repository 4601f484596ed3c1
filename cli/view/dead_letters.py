"""Dead letters on a terminal: a list, and one whole."""

import json
from collections.abc import Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from cli.view.text import Pairs, printable, said
from shared.journal import DeadLetter, encode
from shared.notify.wording import tame
from shared.replay import name_of

_BEGINNING = 160


def listing(found: Sequence[DeadLetter]) -> RenderableType:
    """Three lines for each letter: its name, when and from where; why; how it begins."""
    rows: list[tuple[str, Text]] = []
    for letter in found:
        when = f"{letter.at:%Y-%m-%d %H:%M:%S}  "
        rows.append((name_of(letter), Text.assemble(when, (tame(letter.source), "bold"))))
        rows.append(("", said(letter.reason, "red")))
        rows.append(("", Text(tame(letter.body, _BEGINNING), "dim")))
    return Pairs(tuple(rows), indent=0)


def sheet(letter: DeadLetter) -> RenderableType:
    """One letter whole; JSON is laid out, anything else stands as it came, less what could command a terminal."""
    rows = (
        ("letter", Text(name_of(letter), "bold")),
        ("id", said(letter.id)),
        ("when", Text(f"{letter.at:%Y-%m-%d %H:%M:%S} UTC")),
        ("from", said(letter.source)),
        ("why", said(letter.reason, "red")),
    )
    return Group(Pairs(rows, indent=0), Text(), Text(printable(_laid_out(letter.body))))


def plain(letter: DeadLetter) -> dict[str, Any]:
    """A dead letter, for programs."""
    found: dict[str, Any] = json.loads(encode(letter))
    return {"name": name_of(letter), **found}


def taken_up(letter: DeadLetter, outcome: str) -> Text:
    """It is no dead letter any more."""
    return Text.assemble(("✓ ", "green"), name_of(letter), "  ", said(outcome))


def stays(letter: DeadLetter, why: str) -> Text:
    """It could not be taken up."""
    return Text.assemble(("✗ ", "red"), name_of(letter), "  stays: ", said(why))


def thrown_away(letter: DeadLetter) -> Text:
    """It is gone."""
    return Text.assemble(("✓ ", "green"), name_of(letter), "  thrown away: ", said(letter.reason, "dim"))


def _laid_out(body: str) -> str:
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return body
