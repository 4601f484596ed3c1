"""The policy on a disk: in the app's own package, or wherever a path leads. In a blob: `shared.store.policy_blobs`."""

import asyncio
import os
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

from shared.policy_keeper import Fetched


class Files:
    """A file, or a folder of files. `read` gives the texts of all that belong to it, includes too."""

    # A look is a question for some files' dates.
    stale_after = timedelta(seconds=1)

    def __init__(self, path: Path, read: Callable[[Path], Mapping[str, bytes]]) -> None:
        self._path, self._read = path, read
        self._names: tuple[str, ...] = ()

    async def fetch(self, known: str) -> Fetched | None:
        """The files, when the date or size of one of them has changed, or another has come. Raises BadPolicy."""
        return await asyncio.to_thread(self._fetch, known)

    async def close(self) -> None:
        """Nothing is open."""

    def _fetch(self, known: str) -> Fetched | None:
        if known and self._tag() == known:
            return None
        texts = self._read(self._path)
        self._names = tuple(sorted(texts))
        return Fetched(self._tag(), texts)

    def _tag(self) -> str:
        folder = self._path if self._path.is_dir() else self._path.parent
        files = {folder / name for name in self._names}
        if self._path.is_dir():
            files |= {*self._path.glob("*.yaml"), *self._path.glob("*.yml")}
        return " ".join(f"{path}:{stat.st_mtime_ns}:{stat.st_size}" for path, stat in _stats(files))


def _stats(files: set[Path]) -> list[tuple[Path, os.stat_result]]:
    found = []
    for path in sorted(files):
        try:
            found.append((path, path.stat()))
        except OSError:
            continue
    return found
