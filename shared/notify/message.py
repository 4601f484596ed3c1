"""A notice as people read it: a title that says it all, and the facts as plain text and as Markdown."""

from dataclasses import dataclass

from shared.journal import Notice
from shared.notify.facts import facts
from shared.notify.line import Line
from shared.notify.links import Links, NoLinks
from shared.notify.title import title
from shared.notify.tone import Tone, tone_of


@dataclass(frozen=True, slots=True)
class Message:
    """One message, ready to send. `title` is one line that also survives being read as Markdown.

    `lines` are the facts of which `text`, `markdown` and every richer form are made; `tone` says how bad the news is.
    """

    title: str
    text: str
    markdown: str
    lines: tuple[Line, ...]
    tone: Tone


def compose(notice: Notice, links: Links | None = None) -> Message:
    """The message about a notice; `links` lead to the app's pages, if it has any."""
    lines = tuple(facts(notice, links or NoLinks()))
    plain, marked = (line.plain() for line in lines), (line.marked() for line in lines)
    return Message(title(notice), "\n".join(plain), "\n".join(marked), lines, tone_of(notice.kind))
