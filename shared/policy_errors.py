"""What is wrong in a policy file, in words its author can act on: what was found, what is right.

A route's URL that was written into the file by mistake is never repeated: it holds a secret.
"""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from types import UnionType
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from shared.policy_yaml import Document, Path, Problem

_LONGEST_FOUND = 60
_FEW = 12
_ROUTE_WORDS = {
    "name": "1 to 64 lower-case letters, digits and dashes",
    "url_setting": "the name of the application setting that holds the URL, such as TEAMS_URL; "
    "the URL itself is a secret and does not belong in this file",
}
_SHAPES = {
    "tuple_type": "a list is right",
    "list_type": "a list is right",
    "model_type": "`key: value` lines are right",
    "dict_type": "`key: value` lines are right",
}


def note_errors(document: Document, prefix: Path, model: type[BaseModel], error: ValidationError) -> None:
    """Add every error of a validation to the document's problems; `prefix` is where the validated part stands."""
    for detail in error.errors(include_url=False):
        path: Path = (*prefix, *detail["loc"])
        is_key = detail["type"] == "extra_forbidden"
        place = document.near(path, key=is_key)
        # What YAML already refused has no value to judge.
        if place not in document.refused:
            text = _unknown_key(model, detail) if is_key else _wrong_value(path, detail)
            document.problems.append(Problem(*place, text))


def nearest(word: str, words: Iterable[str]) -> str:
    """`did you mean …?`, or the words themselves when none is near."""
    known = list(words)
    near = get_close_matches(word[:100], known, 1)
    match (known, near):
        case (_, [same]) if same == word:
            return f"write {same} without quotes"
        case (_, [close]):
            return f"did you mean {close!r}?"
        case ([], _):
            return "no key belongs here"
        case ([only], _):
            return f"right is {only}"
        case _ if len(known) > _FEW:
            return f"it is none of the {len(known)} known ones"
    return f"right is one of {', '.join(known)}"


def _unknown_key(model: type[BaseModel], detail: ErrorDetails) -> str:
    *parents, key = detail["loc"]
    inner: Any = model
    for part in parents:
        inner = _inside(inner, part)
    return f"unknown key {_found((), key)}; {nearest(str(key), inner.model_fields)}"


def _inside(kind: Any, part: str | int) -> Any:
    """The type below `part`: a model's field, or what a list or mapping holds."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        kind = kind.model_fields[str(part)].annotation
    else:
        kind = get_args(kind)[-1 if isinstance(part, str) else 0]
    # An optional part is its first alternative wherever something unknown stands in it.
    return get_args(kind)[0] if isinstance(kind, UnionType) else kind


def _wrong_value(path: Path, detail: ErrorDetails) -> str:
    kind, value, said = detail["type"], detail["input"], detail["msg"]
    if kind == "missing":
        return f"the key {path[-1]!r} is missing"
    if kind == "value_error":
        return said.removeprefix("Value error, ")
    return f"found {_found(path, value)}; {_right(path, detail)}"


def _right(path: Path, detail: ErrorDetails) -> str:
    kind, value, said = detail["type"], detail["input"], detail["msg"]
    if kind in _SHAPES:
        return _SHAPES[kind]
    if kind in ("enum", "literal_error"):
        expected = detail["ctx"]["expected"]
        return nearest(str(value), re.findall(r"'([^']*)'", expected) or [expected])
    if kind == "string_type" and isinstance(value, int | float):
        return "text is right: put it in quotes"
    if path[:1] == ("routes",) and path[-1] in _ROUTE_WORDS:
        return f"right is {_ROUTE_WORDS[str(path[-1])]}"
    return f"right is {said}" if kind == "scope" else said.replace("Input should", "it should")


def _found(path: Path, value: object) -> str:
    if path[-1:] == ("url_setting",) or "://" in str(value):
        return "something (not shown, it may be a secret)"
    match value:
        case None:
            return "nothing"
        case dict():
            return "a mapping"
        case list():
            return "a list"
    text = repr(value)
    return text if len(text) <= _LONGEST_FOUND else f"{text[:_LONGEST_FOUND]}…"
