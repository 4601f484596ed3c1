"""The policy file: YAML to a checked Policy. Every error says file:line:column, what was found and what is right.

All errors are collected, so that one run shows all there is to mend. A route's URL that was written into the file by
mistake is never repeated in an error: it holds a secret.
"""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path as FilePath
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from shared.control import Catalogue
from shared.errors import BadPolicy
from shared.policy import Policy
from shared.policy_yaml import Document, Path, Problem, read_yaml

_DEFAULT = FilePath(__file__).with_name("default_policy.yaml")
_SHOWN = 50
_ROUTE_WORDS = {
    "name": "1 to 64 lower-case letters, digits and dashes",
    "url_setting": "the name of the application setting that holds the URL, such as TEAMS_URL; "
    "the URL itself is a secret and does not belong in this file",
}


def default_policy(catalogue: Catalogue) -> Policy:
    """The policy that ships: every control observes, none changes anything."""
    return load_policy_file(_DEFAULT, catalogue)


def load_policy_file(path: FilePath, catalogue: Catalogue) -> Policy:
    """Read and check the file. Raises BadPolicy."""
    try:
        text = path.read_bytes()
    except OSError as error:
        raise BadPolicy(f"{path}: cannot be read: {error.strerror}") from error
    return load_policy(text, str(path), catalogue)


def load_policy(text: str | bytes, name: str, catalogue: Catalogue) -> Policy:
    """Check the text; `name` stands for the file in errors. Raises BadPolicy."""
    document = read_yaml(text)
    if document.data is not None and not isinstance(document.data, dict):
        document.problems.append(Problem(1, 1, "found no `key: value` lines; a policy starts with `version: 1`"))
    policy = None if not isinstance(document.data, dict) else _checked(document, catalogue)
    if policy is None or document.problems:
        raise BadPolicy(_listed(name, document.problems))
    return policy


def _listed(name: str, problems: Iterable[Problem]) -> str:
    lines = [f"{name}:{line}:{column}: {text}" for line, column, text in sorted(set(problems))]
    more = [f"{name}: and {len(lines) - _SHOWN} more errors"] if len(lines) > _SHOWN else []
    return "\n".join(lines[:_SHOWN] + more)


def _checked(document: Document, catalogue: Catalogue) -> Policy | None:
    data = dict(document.data)
    data["controls"] = _controls(document, data.get("controls"), catalogue)
    data["routes"] = [] if data.get("routes") is None else data["routes"]
    try:
        policy = Policy.model_validate(data)
    except ValidationError as error:
        _note(document, (), Policy, error)
        return None
    _check_names(document, policy)
    return policy


def _controls(document: Document, controls: object, catalogue: Catalogue) -> object:
    """The controls' lines, each with its parameters checked by the control's own model."""
    if not isinstance(controls, dict):
        return {} if controls is None else controls
    known: dict[str, object] = {}
    for name, line in controls.items():
        if name not in catalogue:
            hint = _nearest(name, catalogue)
            document.problems.append(
                Problem(*document.near(("controls", name), key=True), f"unknown control {name!r}; {hint}")
            )
        elif line is None or isinstance(line, dict):
            model = catalogue[name].control.parameters
            path: Path = ("controls", name, "parameters")
            known[name] = {**(line or {}), "parameters": _parameters(document, path, model, line or {})}
        else:
            known[name] = line
    return known


def _parameters[T: BaseModel](document: Document, path: Path, model: type[T], line: Mapping[str, object]) -> T | None:
    given = line.get("parameters")
    try:
        return model.model_validate({} if given is None else given)
    except ValidationError as error:
        _note(document, path, model, error)
        return None


def _check_names(document: Document, policy: Policy) -> None:
    names = [route.name for route in policy.routes]
    for index, name in enumerate(names):
        if name in names[:index]:
            place = document.near(("routes", index, "name"))
            document.problems.append(Problem(*place, f"found a second route {name!r}; each needs its own name"))


def _note(document: Document, prefix: Path, model: type[BaseModel], error: ValidationError) -> None:
    for detail in error.errors(include_url=False):
        path: Path = (*prefix, *detail["loc"])
        is_key = detail["type"] == "extra_forbidden"
        text = _unknown_key(model, detail) if is_key else _wrong_value(path, detail)
        document.problems.append(Problem(*document.near(path, key=is_key), text))


def _unknown_key(model: type[BaseModel], detail: ErrorDetails) -> str:
    *parents, key = detail["loc"]
    inner: Any = model
    for part in parents:
        inner = _inside(inner, part)
    fields = inner.model_fields
    return (
        f"unknown key {key!r}; {_nearest(str(key), fields)}" if fields else f"unknown key {key!r}; none is known here"
    )


def _inside(kind: Any, part: str | int) -> Any:
    """The type below `part`: a model's field, or what a list or mapping holds; always a model at the end."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        kind = kind.model_fields[str(part)].annotation
    else:
        kind = get_args(kind)[-1 if isinstance(part, str) else 0]
    return kind


def _wrong_value(path: Path, detail: ErrorDetails) -> str:
    found, said = _found(path, detail["input"]), detail["msg"].removeprefix("Value error, ")
    match detail["type"]:
        case "missing":
            return f"the key {path[-1]!r} is missing"
        case "enum" | "literal_error":
            words = re.findall(r"'([^']*)'", detail["ctx"]["expected"]) or [detail["ctx"]["expected"]]
            return f"found {found}; {_nearest(str(detail['input']), words)}"
        case "string_type" if isinstance(detail["input"], int | float):
            return f"found {found}; text is right: put it in quotes"
        case _ if path[:1] == ("routes",) and path[-1] in _ROUTE_WORDS:
            return f"found {found}; right is {_ROUTE_WORDS[str(path[-1])]}"
        case _:
            return f"found {found}; {said[:1].lower()}{said[1:]}"


def _found(path: Path, value: object) -> str:
    if path[-1:] == ("url_setting",) or "://" in str(value):
        return "something else (not shown, it may be a secret)"
    match value:
        case None:
            return "nothing"
        case dict():
            return "a mapping"
        case list():
            return "a list"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"


def _nearest(word: str, words: Iterable[str]) -> str:
    """`did you mean …?`, or the words themselves when none is near."""
    known = list(words)
    near = get_close_matches(word[:100], known, 1, 0.6)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"right is {'one of ' if len(known) > 1 else ''}{', '.join(known)}"
