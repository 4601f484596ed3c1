"""Kusto text to tokens."""

import re
from dataclasses import dataclass

from emulator.errors import ArmError

_TOKEN = re.compile(
    r"""
      (?P<space>\s+|//[^\n]*)
    | (?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
    | (?P<number>\d+(?:\.\d+)?)
    | (?P<word>!?[A-Za-z_]\w*~?)
    | (?P<sign>==|=~|!=|!~|<=|>=|[|(),.=<>\[\]])
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Token:
    """A token: its kind (text, number, word, sign or end) and what it says."""

    kind: str
    value: str


def refused(why: str) -> ArmError:
    """Return the 400 of Resource Graph; the detail says what this emulator did not understand."""
    text = "Please provide below info when asking for support: timestamp and correlationId of this answer."
    return ArmError(
        400, "BadRequest", text, details=(("InvalidQuery", f"The emulator does not understand the query: {why}"),)
    )


def tokens(query: str) -> list[Token]:
    """Cut a query into tokens, the last one being the end."""
    found, place = [], 0
    while place < len(query):
        match = _TOKEN.match(query, place)
        if match is None:
            raise refused(f"unexpected {query[place : place + 10]!r}")
        place = match.end()
        kind = match.lastgroup or ""
        if kind == "text":
            found.append(Token(kind, re.sub(r"\\(.)", r"\1", match[0][1:-1])))
        elif kind != "space":
            found.append(Token(kind, match[0]))
    return [*found, Token("end", "")]
