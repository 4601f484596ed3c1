"""A notice as people read it: a title that says it all, and the facts as plain text and as Markdown."""

from dataclasses import dataclass

from shared.journal import Notice
from shared.notify.facts import Form, Line, facts
from shared.notify.title import title
from shared.notify.wording import code, escaped


@dataclass(frozen=True, slots=True)
class Message:
    """One message, ready to send. `title` is one line that also survives being read as Markdown."""

    title: str
    text: str
    markdown: str


def compose(notice: Notice) -> Message:
    """The message about a notice."""
    lines = list(facts(notice))
    return Message(title(notice), "\n".join(map(_plain, lines)), "\n".join(map(_marked, lines)))


def _plain(line: Line) -> str:
    return f"\n{line.label}" if line.form is Form.HEADING else f"{line.label}: {line.value}"


def _marked(line: Line) -> str:
    match line.form:
        case Form.HEADING:
            return f"\n**{escaped(line.label)}**\n"
        case Form.LINK:
            return f"- **{line.label}**: [{line.value}]({line.value})"
        case Form.SENTENCE:
            return f"- **{line.label}**: {escaped(line.value)}"
        case Form.EXACT:
            return f"- **{line.label}**: {code(line.value)}"
