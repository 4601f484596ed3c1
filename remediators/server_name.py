"""server-name-convention: the server's name follows the naming convention.

Why      People, bills and alerts find a server by its name; one that fits no pattern is found last.
Fix      None: a name is given once. Holdfast tells the name and the pattern.
Refuses  Not applicable without a pattern in the policy. A pattern that could take long on some name is refused with the
         policy: no repetition of groups, no look-around, no back reference, few open repetitions.
Undo     Nothing was written, so nothing is undone.
"""

import re
from functools import lru_cache
from typing import Annotated

from pydantic import AfterValidator

from shared.control import (
    Control,
    Disposition,
    Drift,
    Finding,
    NotApplicable,
    Parameters,
    Remediator,
    Revert,
    Severity,
)
from shared.state import SERVER, Setting, SettingKind, State
from shared.target import Kind

_LONGEST_NAME = 63
_LONGEST_PATTERN = 200
_MOST_STEPS = 5_000_000
_PIECE = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?:|\{\d*,?\d*\}|.", re.DOTALL)
_OPENS = ("(", "(?:")
_REPEATS = re.compile(r"[*+?]|\{(\d*)(,?)(\d*)\}")
_compiled = lru_cache(maxsize=64)(re.compile)


def _harmless(pattern: str) -> str:
    """The pattern, if no name makes it slow. Raises ValueError that says what is in the way."""
    if len(pattern) > _LONGEST_PATTERN:
        raise ValueError(f"a pattern of {len(pattern)} characters, at most {_LONGEST_PATTERN} are taken")
    try:
        _compiled(pattern)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from error
    if _steps(pattern) > _MOST_STEPS:
        raise ValueError("the pattern has too many repetitions and alternatives: some name would take too long")
    return pattern


def _steps(pattern: str) -> int:
    """How many ways there are at most to lay the pattern over a name; a matcher tries no more of them."""
    ways, branches, before = 1, [1], ""
    for piece in _PIECE.findall(pattern):
        _must_be_taken(piece, before)
        if piece in _OPENS:
            branches.append(1)
        elif piece == "|":
            branches[-1] += 1
        elif piece == ")":
            ways *= branches.pop()
        elif repeats := _REPEATS.fullmatch(piece):
            ways *= _times(repeats)
        before = piece
    return ways * branches[0]


def _must_be_taken(piece: str, before: str) -> None:
    repeats = _REPEATS.fullmatch(piece) is not None
    if repeats and before == ")" and piece != "?":
        raise ValueError("a group may be left out ('?'), not repeated: write it as often as it occurs")
    if repeats and before == "(":
        raise ValueError(f"'({piece}' is not taken: only plain groups and '(?:'")
    if re.fullmatch(r"\\\d", piece):
        raise ValueError(f"'{piece}' refers back to a group, which is not taken")


def _times(repeats: re.Match[str]) -> int:
    """In how many ways a repetition can end."""
    fewest, comma, most = repeats.groups()
    if fewest is None:
        return 2 if repeats[0] == "?" else _LONGEST_NAME + 1
    if not comma:
        return 1
    return max(1, min(int(most or _LONGEST_NAME), _LONGEST_NAME) - int(fewest or 0) + 1)


class Convention(Parameters):
    """`pattern`: the regular expression that the whole name must match, such as `pg-[a-z]+-(dev|test|prod)`."""

    pattern: Annotated[str, AfterValidator(_harmless)] = ""


CONTROL = Control(
    id="server-name-convention",
    title="Server name follows the naming convention",
    domain="Underlying OS / Use of Latest Version",
    severity=Severity.LOW,
    facets=(SERVER,),
    operations=frozenset({"write"}),
    permissions=frozenset(),
    fresh=Disposition.NOTIFY,
    first_sight=Disposition.NOTIFY,
    revert=Revert.CREATE_TIME,
    kinds=frozenset(Kind),
    parameters=Convention,
    optional=True,
)


def detect(state: State, wish: Convention) -> Finding:
    """Find a name that does not match."""
    if not wish.pattern:
        return NotApplicable("the policy names no pattern")
    if state.server is None:
        return NotApplicable("the server was not read")
    name = state.target.name
    if len(name) <= _LONGEST_NAME and _compiled(wish.pattern).fullmatch(name):
        return ()
    person = "a name is given once: restore it into a new server with a name that fits, or exempt this one"
    why = "the name does not follow the convention"
    return (Drift(CONTROL.id, Setting(SettingKind.PROPERTY, "name"), name, wish.pattern, why, person=person),)


REMEDIATORS = (Remediator(CONTROL, detect),)
