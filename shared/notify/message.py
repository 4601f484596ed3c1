"""A notice as people read it: a title that says it all, and the facts as plain text and as Markdown."""

from dataclasses import dataclass

from shared.journal import Notice
from shared.notify.facts import facts
from shared.notify.links import Links, NoLinks
from shared.notify.title import title


@dataclass(frozen=True, slots=True)
class Message:
    """One message, ready to send. `title` is one line that also survives being read as Markdown."""

    title: str
    text: str
    markdown: str


def compose(notice: Notice, links: Links | None = None) -> Message:
    """The message about a notice; `links` lead to the app's pages, if it has any."""
    lines = list(facts(notice, links or NoLinks()))
    plain, marked = (line.plain() for line in lines), (line.marked() for line in lines)
    return Message(title(notice), "\n".join(plain), "\n".join(marked))
