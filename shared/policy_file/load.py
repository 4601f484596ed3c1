"""The policy's files: YAML to a checked Policy. Every error says file:line:column, what was found and what is right.

All errors are collected, so that one run shows all there is to mend.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath

from pydantic import BaseModel, ValidationError

from shared.control import Catalogue
from shared.errors import BadPolicy
from shared.policy import Policy
from shared.policy.spot import Problem
from shared.policy_file.assemble import assemble
from shared.policy_file.document import Document, Path
from shared.policy_file.gather import gather
from shared.policy_file.names import references
from shared.policy_file.sheet import Sheet
from shared.policy_file.sheet_playbooks import with_parameters
from shared.policy_file.shelf import SUFFIXES, Folder, Shelf, Texts
from shared.policy_file.wording import nearest, note_errors
from shared.references import References

DEFAULT_POLICY = FilePath(__file__).parent.with_name("default_policy.yaml")
_MOST_SHOWN = 50
_LONGEST_TEXT = 500


@dataclass(frozen=True, slots=True)
class Reading:
    """A policy, with what only its author wants to know: where everything stands, and which names are used."""

    policy: Policy
    document: Document
    references: References


def default_policy(catalogue: Catalogue) -> Policy:
    """The policy that ships: every control observes, none changes anything."""
    return load_policy_file(DEFAULT_POLICY, catalogue)


def load_policy_file(path: FilePath, catalogue: Catalogue) -> Policy:
    """Read and check a file, or all files of a folder, with what they include. Raises BadPolicy."""
    return read_policy(path, catalogue).policy


def read_policy(path: FilePath, catalogue: Catalogue) -> Reading:
    """The same, for the policy's author. Raises BadPolicy."""
    shelf, names = _shelf(path)
    return _read(shelf, names, folder_of(path), catalogue)


def load_policy(text: str | bytes, name: str, catalogue: Catalogue) -> Policy:
    """Check a text; `name` stands for the file in errors. Raises BadPolicy."""
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return load_policy_texts({name: data}, catalogue)


def load_policy_texts(texts: Mapping[str, bytes], catalogue: Catalogue) -> Policy:
    """Check several files that are already in memory. Raises BadPolicy."""
    return _read(Texts(texts), sorted(texts), "", catalogue).policy


def policy_texts(path: FilePath) -> Mapping[str, bytes]:
    """The files that make up the policy at this path, by their names in errors; right or wrong. Raises BadPolicy."""
    gathered = gather(*_shelf(path))
    if gathered.unreadable:
        raise bad_policy(gathered.unreadable, folder_of(path))
    return gathered.texts


def folder_of(path: FilePath) -> str:
    """What stands before the names of the policy's files, for people who look from here."""
    folder = path if path.is_dir() else path.parent
    return "" if str(folder) == "." else f"{folder}/"


def bad_policy(problems: Iterable[Problem], folder: str = "") -> BadPolicy:
    """The error that lists these problems."""
    lines = [f"{folder}{str(problem)[:_LONGEST_TEXT]}" for problem in sorted(set(problems))]
    more = [f"and {len(lines) - _MOST_SHOWN} more errors"] if len(lines) > _MOST_SHOWN else []
    return BadPolicy("\n".join(lines[:_MOST_SHOWN] + more))


def _shelf(path: FilePath) -> tuple[Shelf, list[str]]:
    if not path.is_dir():
        try:
            real = path.resolve(strict=True)
        except OSError as error:
            raise BadPolicy(f"{path}: cannot be read: {error.strerror}") from error
        return Folder(real.parent), [real.name]
    shelf = Folder(path)
    names = sorted(name for suffix in SUFFIXES for name in shelf.names(f"*{suffix}"))
    if not names:
        raise BadPolicy(f"{path}: found no *.yaml file in this folder")
    return shelf, names


def _read(shelf: Shelf, names: list[str], folder: str, catalogue: Catalogue) -> Reading:
    document = gather(shelf, names).document
    reading = _checked(document, catalogue) if isinstance(document.data, dict) else None
    if reading is None or document.problems:
        raise bad_policy(document.problems, folder)
    return reading


def _checked(document: Document, catalogue: Catalogue) -> Reading | None:
    named = references(document)
    # An empty line says nothing.
    data = {key: value for key, value in document.data.items() if value is not None or key in ("version", "mode")}
    data["controls"] = _controls(document, ("controls",), data.get("controls"), catalogue, named)
    if isinstance(data.get("scopes"), list):
        data["scopes"] = [
            _with_controls(document, index, scope, catalogue, named) for index, scope in enumerate(data["scopes"])
        ]
    data["playbooks"] = with_parameters(document, data.get("playbooks", []), named)
    try:
        sheet = Sheet.model_validate(data, context=named)
    except ValidationError as error:
        note_errors(document, (), Sheet, error)
        return None
    return Reading(assemble(sheet, document, catalogue), document, named)


def _with_controls(document: Document, index: int, scope: object, catalogue: Catalogue, named: References) -> object:
    if not isinstance(scope, dict):
        return scope
    path: Path = ("scopes", index, "controls")
    return {**scope, "controls": _controls(document, path, scope.get("controls"), catalogue, named)}


def _controls(document: Document, path: Path, controls: object, catalogue: Catalogue, named: References) -> object:
    """The controls' lines, each with its parameters checked by the control's own model."""
    if not isinstance(controls, dict):
        return {} if controls is None else controls
    known: dict[str, object] = {}
    for name, line in controls.items():
        if name not in catalogue:
            document.note((*path, name), f"unknown control {name[:100]!r}; {nearest(name, catalogue)}", key=True)
        elif line is None or isinstance(line, dict):
            model = catalogue[name].control.parameters
            below: Path = (*path, name, "parameters")
            given = (line or {}).get("parameters")
            known[name] = {**(line or {}), "parameters": _parameters(document, below, model, given, named)}
        else:
            known[name] = line
    return known


def _parameters[T: BaseModel](
    document: Document, path: Path, model: type[T], given: object, named: References
) -> T | None:
    try:
        return model.model_validate({} if given is None else given, context=named)
    except ValidationError as error:
        note_errors(document, path, model, error)
        return None
