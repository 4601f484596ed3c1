"""The policy file: YAML to a checked Policy. Every error says file:line:column, what was found and what is right.

All errors are collected, so that one run shows all there is to mend.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path as FilePath

from pydantic import BaseModel, ValidationError

from shared.control import Catalogue
from shared.errors import BadPolicy
from shared.policy import Policy
from shared.policy.sheet import Sheet, policy_of
from shared.policy_errors import nearest, note_errors
from shared.policy_yaml import Document, Path, Problem, read_yaml

_DEFAULT = FilePath(__file__).with_name("default_policy.yaml")
_MOST_SHOWN = 50
_LONGEST_TEXT = 500


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
    policy = None
    if isinstance(document.data, dict):
        policy = _checked(document, catalogue)
    elif not document.problems:
        document.problems.append(Problem(1, 1, "found no `key: value` lines; a policy starts with `version: 1`"))
    if policy is None or document.problems:
        raise BadPolicy(_listed(name, document.problems))
    return policy


def _listed(name: str, problems: Iterable[Problem]) -> str:
    lines = [f"{name}:{line}:{column}: {text[:_LONGEST_TEXT]}" for line, column, text in sorted(set(problems))]
    more = [f"{name}: and {len(lines) - _MOST_SHOWN} more errors"] if len(lines) > _MOST_SHOWN else []
    return "\n".join(lines[:_MOST_SHOWN] + more)


def _checked(document: Document, catalogue: Catalogue) -> Policy | None:
    data = dict(document.data)
    data["controls"] = _controls(document, data.get("controls"), catalogue)
    data["routes"] = [] if data.get("routes") is None else data["routes"]
    try:
        sheet = Sheet.model_validate(data)
    except ValidationError as error:
        note_errors(document, (), Sheet, error)
        return None
    policy = policy_of(sheet)
    _check_route_names(document, policy)
    return policy


def _controls(document: Document, controls: object, catalogue: Catalogue) -> object:
    """The controls' lines, each with its parameters checked by the control's own model."""
    if not isinstance(controls, dict):
        return {} if controls is None else controls
    known: dict[str, object] = {}
    for name, line in controls.items():
        if name not in catalogue:
            place = document.near(("controls", name), key=True)
            text = f"unknown control {name[:100]!r}; {nearest(name, catalogue)}"
            document.problems.append(Problem(*place, text))
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
        note_errors(document, path, model, error)
        return None


def _check_route_names(document: Document, policy: Policy) -> None:
    """Records and the outbox know a route by its name."""
    names = [route.name for route in policy.routes]
    for index, name in enumerate(names):
        if name in names[:index]:
            place = document.near(("routes", index, "name"))
            document.problems.append(Problem(*place, f"found a second route {name!r}; each needs its own name"))
