"""Where the policy's files come from: a folder, or texts that somebody else has read."""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Protocol

# What is too large for a policy, and no accident, is still read, so that it can be told apart from its next version.
_MOST_BYTES = 16_000_000
SUFFIXES = (".yaml", ".yml")


class Unreadable(Exception):
    """A file cannot be had; the text says why."""


class Shelf(Protocol):
    """The files of one policy, by their names relative to its folder."""

    def names(self, pattern: str) -> list[str]:
        """The files that a name, or a pattern with `*`, means; in order."""

    def read(self, name: str) -> bytes:
        """A file's content. Raises Unreadable."""


class Folder:
    """The files of a folder; nothing outside it is read, whatever a link says."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    def names(self, pattern: str) -> list[str]:
        """The files that a name, or a pattern with `*`, means; in order."""
        found = self._root.glob(pattern)
        return sorted(path.relative_to(self._root).as_posix() for path in found if not path.name.startswith("."))

    def read(self, name: str) -> bytes:
        """A file's content. Raises Unreadable."""
        path = self._root / name
        try:
            real = path.resolve(strict=True)
            if not real.is_relative_to(self._root):
                raise Unreadable("cannot be read: it is a link that leads out of the policy's folder")
            if not real.is_file():
                raise Unreadable("cannot be read: it is no file")
            if real.stat().st_size > _MOST_BYTES:
                raise Unreadable(f"cannot be read: it has {real.stat().st_size} bytes, at most {_MOST_BYTES} are read")
            return real.read_bytes()
        except OSError as error:
            raise Unreadable(f"cannot be read: {error.strerror}") from error


class Texts:
    """Files that are already in memory: the policy in a blob, a test."""

    def __init__(self, texts: Mapping[str, bytes]) -> None:
        self._texts = texts

    def names(self, pattern: str) -> list[str]:
        """The files that a name, or a pattern with `*`, means; in order."""
        return sorted(name for name in self._texts if PurePosixPath(name).full_match(pattern))

    def read(self, name: str) -> bytes:
        """A file's content."""
        return self._texts[name]
