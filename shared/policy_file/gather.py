"""The files of a policy, put together: a file, a folder of files, and what they include.

What is a list is joined. Everything else stands once: a key that two files set is an error that names both places.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from shared.policy.spot import Problem, Spot
from shared.policy_file.document import Document, Path
from shared.policy_file.shelf import SUFFIXES, Shelf, Unreadable
from shared.policy_file.yaml_text import MAX_BYTES, read_yaml

_INCLUDE = "include"
_MOST_FILES = 200


@dataclass(frozen=True, slots=True)
class Gathered:
    """The files put together, the text of each, and why some could not be had."""

    document: Document
    texts: Mapping[str, bytes]
    unreadable: Sequence[Problem]


def gather(shelf: Shelf, names: Iterable[str]) -> Gathered:
    """Read these files and what they include, and put them together."""
    first, *_ = given = list(names)
    reading = _Reading(shelf, Document(first))
    for name in given:
        reading.read(name, (), Spot(name, 1, 1))
    reading.whole.problems += reading.unreadable
    return Gathered(reading.whole, reading.texts, reading.unreadable)


class _Reading:
    """One walk over the files; each is read once, however often it is included."""

    def __init__(self, shelf: Shelf, whole: Document) -> None:
        self._shelf, self.whole = shelf, whole
        self.texts: dict[str, bytes] = {}
        self.unreadable: list[Problem] = []
        self._seen: set[str] = set()
        self._left = MAX_BYTES

    def read(self, name: str, above: tuple[str, ...], asked: Spot) -> None:
        """Read a file and its includes; `above` are the files that led here, `asked` the place that names it."""
        if name in above:
            circle = " → ".join((*above[above.index(name) :], name))
            self.whole.problems.append(Problem(asked, f"circular include: {circle}; take one of the lines away"))
        elif name not in self._seen:
            self._seen.add(name)
            document = self._document(name, asked)
            includes = self._includes(document)
            _Merge(self.whole, document).run()
            for included, spot in includes:
                self.read(included, (*above, name), spot)

    def _document(self, name: str, asked: Spot) -> Document:
        if len(self._seen) > _MOST_FILES:
            return Document(name, problems=[Problem(asked, f"the policy has more than {_MOST_FILES} files")])
        try:
            data = self._shelf.read(name)
        except Unreadable as error:
            self.unreadable.append(Problem(Spot(name, 1, 1), str(error)))
            return Document(name)
        self.texts[name] = data
        # A file that is too large by itself is refused as such.
        self._left -= len(data) if len(data) <= MAX_BYTES else 0
        if self._left < 0:
            text = f"the files up to this one have {MAX_BYTES - self._left} bytes, at most {MAX_BYTES} are read"
            return Document(name, problems=[Problem(Spot(name, 1, 1), text)])
        document = read_yaml(data, name)
        if not isinstance(document.data, dict) and not document.problems:
            document.note((), "found no `key: value` lines; a policy starts with `version: 1`")
        return document

    def _includes(self, document: Document) -> list[tuple[str, Spot]]:
        given = document.data.pop(_INCLUDE, None) if isinstance(document.data, dict) else None
        if given is not None and not isinstance(given, list):
            document.note((_INCLUDE,), "a list is right: include: [team.yaml, teams/*.yaml]")
            return []
        found = []
        for index, pattern in enumerate(given or ()):
            spot = document.near((_INCLUDE, index))
            names, wrong = self._named(document.file, pattern)
            if wrong:
                document.problems.append(Problem(spot, wrong))
            found += [(name, spot) for name in names]
        return found

    def _named(self, file: str, pattern: object) -> tuple[list[str], str]:
        """The files that an include means, or why it means none."""
        wrong = _not_inside(pattern)
        if wrong:
            return [], wrong
        names = self._shelf.names(str(PurePosixPath(file).parent / str(pattern)))
        names = [name for name in names if name.endswith(SUFFIXES)]
        return names, "" if names else f"there is no file {pattern!r} below the folder of {file}"


def _not_inside(pattern: object) -> str:
    if not isinstance(pattern, str):
        return f"found {pattern!r}; right is the name of a file, such as team.yaml"
    if pattern.startswith("/") or "\\" in pattern or re.match(r"[A-Za-z]:", pattern):
        return f"found {pattern!r}; right is a name relative to this file, with `/`"
    if ".." in pattern.split("/"):
        return f"found {pattern!r}; files outside the policy's own folder are not read, so `..` has no place here"
    return (
        "" if pattern.endswith(SUFFIXES) else f"found {pattern!r}; right is a .yaml file or a pattern, such as *.yaml"
    )


class _Merge:
    """Adds one file to what is already there."""

    def __init__(self, whole: Document, more: Document) -> None:
        self._whole, self._more = whole, more
        self._offsets: dict[str, int] = {}
        self._left_out: set[Path] = set()

    def run(self) -> None:
        """Add the data, the places and the problems."""
        self._whole.problems += self._more.problems
        self._whole.refused |= self._more.refused
        if not isinstance(self._more.data, dict):
            return
        if not isinstance(self._whole.data, dict):
            self._whole.data = {}
        for key, value in self._more.data.items():
            self._put(self._whole.data, key, value)
        self._places(self._more.keys, self._whole.keys)
        self._places(self._more.values, self._whole.values)

    def _put(self, data: dict[str, Any], key: str, value: object) -> None:
        held = data.get(key)
        match (held, value):
            case (None, _):
                self._set(data, (key,), value)
            case (_, None):
                self._left_out.add((key,))
            case (dict(), dict()):
                self._join(key, held, value)
            case (list(), list()):
                self._offsets[key] = len(held)
                held.extend(value)
            case _ if key == "version" and held == value:
                self._left_out.add((key,))
            case _:
                self._twice((key,))

    def _join(self, key: str, held: dict[str, Any], value: Mapping[str, Any]) -> None:
        for name, part in value.items():
            if held.get(name) is None:
                self._set(held, (key, name), part)
            else:
                self._twice((key, name))

    def _set(self, held: dict[str, Any], path: Path, value: object) -> None:
        held[str(path[-1])] = value
        # An empty line in an earlier file says nothing, so it is not the place to name.
        self._whole.keys.pop(path, None)
        self._whole.values.pop(path, None)

    def _twice(self, path: Path) -> None:
        spot, first = self._more.near(path, key=True), self._whole.near(path, key=True)
        text = f"found {path[-1]!r} a second time; the first is in {first}"
        self._whole.problems.append(Problem(spot, text))
        self._left_out.add(path)

    def _places(self, more: Mapping[Path, Spot], whole: dict[Path, Spot]) -> None:
        for path, spot in more.items():
            if path[:1] in self._left_out or path[:2] in self._left_out:
                continue
            key = str(path[0]) if path else ""
            offset = self._offsets.get(key)
            if offset is None:
                whole.setdefault(path, spot)
            elif len(path) > 1 and isinstance(path[1], int):
                whole[key, path[1] + offset, *path[2:]] = spot
