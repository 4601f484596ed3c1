"""What is wrong in a policy file, in words its author can act on: what was found, what is right.

A route's URL that was written into the file by mistake is never repeated: it holds a secret.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from types import UnionType
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from shared.policy.spot import Problem
from shared.policy_file.document import Document, Path

_LONGEST_FOUND = 60
_FEW = 12
_URL_SETTING = (
    "the name of the application setting that holds the URL, such as TEAMS_URL; "
    "the URL itself is a secret and does not belong in this file"
)
_PATTERNS = {
    r"^[a-z0-9][a-z0-9-]*$": "1 to 64 lower-case letters, digits and dashes",
    r"^[^@\s]+@[^@\s]+$": "a mail address",
    r"^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$": "a mail domain such as contoso.com",
    r"^[A-Za-z0-9 ]{3,40}$": "a region such as westeurope",
    r"^\d{1,2}(\.\d)?$": "a major version such as 16, in quotes",
    r"^/subscriptions/.+/subnets/[^/]+$": "the resource id of a subnet",
}
_SHAPES = {
    "tuple_type": "a list is right",
    "list_type": "a list is right",
    "model_type": "`key: value` lines are right",
    "dict_type": "`key: value` lines are right",
    "mapping_type": "`key: value` lines are right",
}


def note_errors(document: Document, prefix: Path, model: type[BaseModel], error: ValidationError) -> None:
    """Add every error of a validation to the document's problems; `prefix` is where the validated part stands."""
    for detail in error.errors(include_url=False):
        unknown_key = detail["type"] == "extra_forbidden"
        bad_key = detail["loc"][-1:] == ("[key]",)
        path: Path = (*prefix, *(detail["loc"][:-1] if bad_key else detail["loc"]))
        spot = document.near(path, key=unknown_key or bad_key)
        # What YAML already refused has no value to judge.
        if spot not in document.refused:
            text = _unknown_key(model, detail) if unknown_key else _wrong_value(path, detail)
            document.problems.append(Problem(spot, text))


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
            return "there is none"
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
    keys = [held.alias or name for name, held in inner.model_fields.items()]
    words = nearest(str(key), keys) if keys else "no key belongs here"
    return f"unknown key {_found((), key)}; {words}"


def _inside(kind: Any, part: str | int) -> Any:
    """The type below `part`: a model's field, or what a list or mapping holds."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return _bare(kind.model_fields[str(part)].annotation)
    return _bare(get_args(kind)[-1 if isinstance(part, str) else 0])


def _bare(kind: Any) -> Any:
    """Without what is annotated; an optional part is its first alternative wherever something unknown stands in it."""
    while get_origin(kind) is Annotated or isinstance(kind, UnionType):
        kind = get_args(kind)[0]
    return kind


def _wrong_value(path: Path, detail: ErrorDetails) -> str:
    kind, said = detail["type"], detail["msg"]
    if kind == "missing":
        return f"the key {path[-1]!r} is missing"
    if kind == "value_error":
        return said.removeprefix("Value error, ")
    if kind == "unknown_name":
        context = detail["ctx"]
        return f"unknown {context['what']} {context['name'][:100]!r}; {nearest(context['name'], context['known'])}"
    return f"found {_found(path, detail['input'])}; {_right(path, detail)}"


def _right(path: Path, detail: ErrorDetails) -> str:
    if path[-1:] == ("url_setting",):
        return f"right is {_URL_SETTING}"
    kind, value, said = detail["type"], detail["input"], detail["msg"]
    if kind == "string_type" and isinstance(value, int | float):
        return "text is right: put it in quotes"
    word = _WORDS.get(kind)
    return (word(detail) if word else "") or _SHAPES.get(kind) or said.replace("Input should", "it should")


def _of_choice(detail: ErrorDetails) -> str:
    expected = detail["ctx"]["expected"]
    return nearest(str(detail["input"]), re.findall(r"'([^']*)'", expected) or [expected])


def _of_pattern(detail: ErrorDetails) -> str:
    words = _PATTERNS.get(detail["ctx"]["pattern"])
    return f"right is {words}" if words else ""


_WORDS: Mapping[str, Callable[[ErrorDetails], str]] = {
    "enum": _of_choice,
    "literal_error": _of_choice,
    "string_pattern_mismatch": _of_pattern,
    "wanted": lambda detail: f"right is {detail['msg']}",
    "too_long": lambda detail: f"it should have at most {detail['ctx']['max_length']}",
}


def _found(path: Path, value: object) -> str:
    if path[-1:] == ("url_setting",) or "://" in str(value):
        return "something (not shown, it may be a secret)"
    match value:
        case None:
            return "nothing"
        case dict():
            return "a mapping"
        case list() | tuple():
            return "a list"
    text = repr(value)
    return text if len(text) <= _LONGEST_FOUND else f"{text[:_LONGEST_FOUND]}…"
