"""The page of what happened lately: every record, the newest first, to be searched and filtered.

One read of the store, bounded, as `holdfast history` does; where the records go back further, the page says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from shared.notify.wording import tame
from shared.web.http import Request, Response
from shared.web.site import Site, must_sign_in
from shared.web.timeline import ENDINGS, Happening, happenings

_ENTRIES = 3000
_A_PAGE = 50
_SPANS = (1, 7, 30, 90)
_LONGEST = 100
_SORTS = dict.fromkeys(sort for _, sort in ENDINGS.values())


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for. Empty texts, and 0 days, are everything."""

    words: str = ""
    ending: str = ""
    days: int = 0
    page: int = 1

    def address(self, page: int) -> str:
        """Where another page of the same is."""
        asked = {"q": self.words, "ending": self.ending, "days": str(self.days or ""), "page": str(page)}
        return f"/api/records?{urlencode({name: text for name, text in asked.items() if text})}"


async def history(site: Site, request: Request) -> Response:
    """Show what happened to whoever is signed in."""
    visit = site.visit(request)
    if visit.me is None:
        return must_sign_in(visit, "see what happened")
    wanted, entries = _wanted(request), await site.store.history(None, _ENTRIES)
    since = visit.at - timedelta(days=wanted.days) if wanted.days else None
    lately = [entry for entry in entries if since is None or entry.at >= since]
    found = [one for one in happenings(lately) if _fits(one, wanted)]
    last = max(1, -(-len(found) // _A_PAGE))
    page = min(wanted.page, last)
    return visit.page(
        "history.html",
        title="Records",
        wanted=wanted,
        endings=_SORTS,
        spans=_SPANS,
        number=len(found),
        happenings=found[(page - 1) * _A_PAGE : page * _A_PAGE],
        page=page,
        last=last,
        newer=wanted.address(page - 1) if page > 1 else "",
        older=wanted.address(page + 1) if page < last else "",
        cut=len(entries) == _ENTRIES,
        most=_ENTRIES,
    )


def _wanted(request: Request) -> Wanted:
    asked = request.query()
    ending, days, page = asked.get("ending", ""), asked.get("days", ""), asked.get("page", "")
    return Wanted(
        words=tame(asked.get("q", ""), _LONGEST).strip(),
        ending=ending if ending in _SORTS else "",
        days=int(days) if days in {str(span) for span in _SPANS} else 0,
        page=int(page) if page in {str(number) for number in range(1, _ENTRIES)} else 1,
    )


def _fits(one: Happening, wanted: Wanted) -> bool:
    if wanted.ending not in ("", one.sort):
        return False
    text = " ".join(_said(one)).casefold()
    return all(word in text for word in wanted.words.casefold().split())


def _said(one: Happening) -> Sequence[str]:
    controls = (f"{finding.control} {finding.setting}" for finding in one.every_finding)
    return (one.server, one.news, one.by, one.ending, one.severity, one.outcome, one.record, *controls)
