"""The folder of the owner's controls, whole or not at all: with half a catalogue nothing may be judged or written."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from shared.control import Catalogue
from shared.errors import BadControls
from shared.own_controls.files import read_file
from shared.own_controls.module import read_module
from shared.own_controls.own import Own
from shared.policy.spot import Problem, Spot
from shared.policy_file.shelf import SUFFIXES, Folder, Unreadable

_MOST_SHOWN = 50
_LONGEST_TEXT = 2000
_ADVICE = "no control counts until this is mended; without HOLDFAST_CONTROLS those that ship count alone"


def with_own(catalogue: Catalogue, folder: Path) -> Catalogue:
    """These controls and those of the folder. Raises BadControls."""
    return {**catalogue, **{name: own.remediator for name, own in read_own(folder, catalogue).items()}}


def read_own(folder: Path, catalogue: Catalogue) -> Mapping[str, Own]:
    """The controls of the folder, by id. Raises BadControls, with everything that is wrong."""
    found: list[Own] = []
    problems: list[Problem] = []
    for name in _names(folder):
        owned, wrong = _read(folder, name)
        found += owned
        problems += wrong
    own: dict[str, Own] = {}
    for one in found:
        if one.id in catalogue:
            problems.append(Problem(one.spot, f"the id {one.id!r} is that of a control that ships; choose another"))
        elif one.id in own:
            text = f"found the id {one.id!r} a second time; the first is in {own[one.id].spot}"
            problems.append(Problem(one.spot, text))
        else:
            own[one.id] = one
    if problems:
        raise _bad(folder, problems)
    return own


def _names(folder: Path) -> list[str]:
    """The files of the folder. Those that begin with `_` or `.` are nobody's controls."""
    if not folder.is_dir():
        raise BadControls(f"HOLDFAST_CONTROLS: there is no folder {folder}; {_ADVICE}")
    try:
        names = sorted(path.name for path in folder.iterdir() if path.suffix in (*SUFFIXES, ".py"))
    except OSError as error:
        raise BadControls(f"HOLDFAST_CONTROLS: {folder} cannot be read: {error.strerror}; {_ADVICE}") from error
    names = [name for name in names if not name.startswith(("_", "."))]
    if not names:
        raise BadControls(f"HOLDFAST_CONTROLS: found no *.yaml or *.py file in {folder}; {_ADVICE}")
    return names


def _read(folder: Path, name: str) -> tuple[list[Own], list[Problem]]:
    try:
        data = Folder(folder).read(name)
    except Unreadable as error:
        return [], [Problem(Spot(name, 1, 1), str(error))]
    return read_module(folder / name) if name.endswith(".py") else read_file(data, name)


def _bad(folder: Path, problems: Iterable[Problem]) -> BadControls:
    lines = [f"{folder / str(problem)[:_LONGEST_TEXT]}" for problem in sorted(set(problems))]
    more = [f"and {len(lines) - _MOST_SHOWN} more errors"] if len(lines) > _MOST_SHOWN else []
    return BadControls("\n".join([*lines[:_MOST_SHOWN], *more, _ADVICE]))
