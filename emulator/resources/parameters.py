"""Server parameters of flexible servers: what each is, what it may be, since and until which major version.

About sixty of the several hundred that Azure lists: those that security policies look at, some more for company.
The table is `flexible/parameters.json`, one line each. Sources: PostgreSQL's documentation and
 azure-databases-docs; lists of extensions and libraries are shortened.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from emulator.errors import ArmError

_DOCS = "https://www.postgresql.org/docs/{version}/runtime-config-{page}.html#GUC-{name}"
_NUMBER = r"(-?[\d.]+(?:e\+\d+)?)"
_RANGE = re.compile(f"{_NUMBER}-{_NUMBER}")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One server parameter."""

    name: str
    default: str
    kind: str  # Boolean, Integer, Numeric, Enumeration, Set or String
    allowed: str  # words, a range, or for String a regular expression
    description: str
    page: str = ""  # of PostgreSQL's documentation
    dynamic: bool = True  # false: waits for a restart
    read_only: bool = False
    unit: str = ""
    since: int = 11
    until: int = 99

    def exists_in(self, version: str) -> bool:
        """Whether a major version has the parameter."""
        return self.since <= int(version) <= self.until

    def link(self, version: str) -> str:
        """Return the address of its documentation."""
        name = self.name.upper().replace("_", "-")
        return _DOCS.format(version=version, page=self.page, name=name) if self.page else ""

    def read(self, value: object) -> str:
        """Return the value as the service stores it, or refuse it; words are compared without case."""
        good = self._good(value) if isinstance(value, str) else None
        if good is None:
            text = (
                f"Value '{value}' is invalid for server parameter '{self.name}'. Allowed values are '{self.allowed}'."
            )
            raise ArmError(400, "ServerParameterToCMSUnAllowedParameterValue", text)
        return good

    def _good(self, value: str) -> str | None:
        match self.kind:
            case "Boolean" | "Enumeration":
                return self._word(value)
            case "Set":
                words = [self._word(one.strip()) for one in value.split(",") if one.strip()]
                return None if None in words else ",".join(str(one) for one in words)
            case "Integer" | "Numeric":
                return value if self._in_range(value) else None
            case _:
                return value if re.fullmatch(self.allowed, value) else None

    def _word(self, value: str) -> str | None:
        return next((word for word in self.allowed.split(",") if word.lower() == value.lower()), None)

    def _in_range(self, value: str) -> bool:
        bounds = _RANGE.fullmatch(self.allowed)
        try:
            number = int(value) if self.kind == "Integer" else float(value)
        except ValueError:
            return False
        return bounds is not None and float(bounds[1]) <= number <= float(bounds[2])


def load(path: Path) -> tuple[Parameter, ...]:
    """Read a table of parameters."""
    return tuple(Parameter(**row) for row in json.loads(path.read_text(encoding="utf-8")))


TABLE = load(Path(__file__).parent / "flexible" / "parameters.json")


def find(name: str, version: str) -> Parameter | None:
    """Return a parameter of a major version; names are compared without case."""
    low = name.lower()
    return next((one for one in TABLE if one.name == low and one.exists_in(version)), None)


def of_version(version: str) -> list[Parameter]:
    """Return the parameters of a major version, by name."""
    return sorted((one for one in TABLE if one.exists_in(version)), key=lambda one: one.name)
