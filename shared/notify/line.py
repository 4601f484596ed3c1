"""One line of a message, as plain text and as Markdown."""

from dataclasses import dataclass
from enum import Enum
from urllib.parse import quote

from shared.notify.wording import code, escaped

# What a URL is made of, less what would end a Markdown link early; `%` is there because it is quoted already.
_URL_SAFE = "%:/?#@!$&'*+,;=-._~"


class Form(Enum):
    """How a line is set."""

    EXACT = "exact"
    SENTENCE = "sentence"
    LINK = "link"
    HEADING = "heading"


@dataclass(frozen=True, slots=True)
class Line:
    """A fact; label and value are tame. A heading has no value, a link's value is its URL."""

    label: str
    value: str = ""
    form: Form = Form.EXACT

    def plain(self) -> str:
        """The line where nothing is marked up."""
        match self.form:
            case Form.HEADING:
                return f"\n{self.label}"
            case Form.LINK:
                return f"{self.label}: {_url(self.value)}"
            case Form.SENTENCE | Form.EXACT:
                return f"{self.label}: {self.value}"

    def marked(self) -> str:
        """The line in Markdown."""
        match self.form:
            case Form.HEADING:
                return f"\n**{escaped(self.label)}**\n"
            case Form.LINK:
                return f"- [**{escaped(self.label)}**]({_url(self.value)})"
            case Form.SENTENCE:
                return f"- **{self.label}**: {escaped(self.value)}"
            case Form.EXACT:
                return f"- **{self.label}**: {code(self.value)}"


def _url(text: str) -> str:
    return quote(text, safe=_URL_SAFE)
