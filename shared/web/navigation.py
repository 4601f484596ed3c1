"""The pages that every page leads to, in one place: a new page adds its line here."""

from dataclasses import dataclass

from shared.web.http import Request


@dataclass(frozen=True, slots=True)
class Way:
    """A page's words and address; `here` says that it is the page one is on, or one below it."""

    words: str
    href: str
    here: bool


_PAGES = (
    ("Overview", "/api/overview", ("/api/servers/",)),
    ("Records", "/api/records", ("/api/records/",)),
    ("Charts", "/api/charts", ()),
    ("Holds", "/api/holds", ()),
)


def ways(request: Request) -> list[Way]:
    """The pages, as this request sees them."""
    path = request.path.rstrip("/")
    return [Way(words, href, path == href or path.startswith(below)) for words, href, below in _PAGES]
