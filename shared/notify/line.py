"""The lines of a message, as plain text and as Markdown. All texts in them are tame."""

from dataclasses import dataclass
from urllib.parse import quote

from shared.notify.wording import code, escaped

# What a URL is made of, less what would end a Markdown link early; `%` is there because it is quoted already.
_URL_SAFE = "%:/?#@!$&'*+,;=-._~"


@dataclass(frozen=True, slots=True)
class Exact:
    """A name or value, to be read letter by letter: no receiver makes a link or a mention of it."""

    text: str


class Was(Exact):
    """A value that is to go, or is gone."""

    __slots__ = ()


class Becomes(Exact):
    """The value that takes its place."""

    __slots__ = ()


type Part = str | Exact


@dataclass(frozen=True, slots=True)
class Heading:
    """What the lines below it are about."""

    label: str

    def plain(self) -> str:
        """Without mark-up."""
        return f"\n{self.label}"

    def marked(self) -> str:
        """In Markdown."""
        return f"\n**{escaped(self.label)}**\n"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing to know, under its label."""

    label: str
    parts: tuple[Part, ...]

    def plain(self) -> str:
        """Without mark-up."""
        return f"{self.label}: {''.join(part.text if isinstance(part, Exact) else part for part in self.parts)}"

    def marked(self) -> str:
        """In Markdown."""
        parts = (code(part.text) if isinstance(part, Exact) else escaped(part) for part in self.parts)
        return f"- **{self.label}**: {''.join(parts)}"


@dataclass(frozen=True, slots=True)
class Link:
    """A page to open. Its label stays plain: Slack shows what marks up a link's text."""

    label: str
    url: str

    def plain(self) -> str:
        """Without mark-up."""
        return f"{self.label}: {self.address}"

    @property
    def address(self) -> str:
        """The URL with nothing in it that could end it early."""
        return quote(self.url, safe=_URL_SAFE)

    def marked(self) -> str:
        """In Markdown."""
        return f"- [{self.label}]({self.address})"


type Line = Heading | Fact | Link


def fact(label: str, *parts: Part) -> Fact:
    """A fact of sentences and exact names."""
    return Fact(label, parts)
