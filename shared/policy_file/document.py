"""What was read from one file, or put together from several: plain data, and where each key and value stands."""

from dataclasses import dataclass, field
from typing import Any

from shared.policy.spot import Problem, Spot

type Path = tuple[str | int, ...]


@dataclass(slots=True)
class Document:
    """`keys` and `values` say where things stand, by path; `refused` are the places that were left out.

    `file` is the file's name; that of the first one where there are several.
    """

    file: str
    data: Any = None
    problems: list[Problem] = field(default_factory=list)
    keys: dict[Path, Spot] = field(default_factory=dict)
    values: dict[Path, Spot] = field(default_factory=dict)
    refused: set[Spot] = field(default_factory=set)

    def near(self, path: Path, key: bool = False) -> Spot:
        """Where the value (or the key) stands; for what is missing, where it would belong."""
        if key and path in self.keys:
            return self.keys[path]
        while path and path not in self.values:
            path = path[:-1]
        return self.values.get(path, Spot(self.file, 1, 1))

    def note(self, path: Path, text: str, key: bool = False) -> None:
        """Add a problem at the value, or the key, of this path."""
        self.problems.append(Problem(self.near(path, key), text))
