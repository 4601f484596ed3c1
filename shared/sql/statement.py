"""SQL as data: a fixed text with places for names and values, which only the driver puts in, quoted as it has to be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Name:
    """An identifier, or several with dots between them."""

    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """A literal."""

    text: str


@dataclass(frozen=True, slots=True)
class Texts:
    """Literals with commas between them."""

    texts: Sequence[str]


type Part = Name | Text | Texts


@dataclass(frozen=True, slots=True)
class Statement:
    """`text` is ours, with `{place}` for each of `parts`. It runs in `database`; empty: in the one for administration.

    `right` is what the login needs for it, in PostgreSQL's own words.
    """

    text: str
    parts: Mapping[str, Part] = field(default_factory=dict)
    database: str = ""
    right: str = ""


def name(*parts: str) -> Name:
    """An identifier."""
    return Name(parts)
