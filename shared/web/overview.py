"""The first page: every server by every domain, the worst first, with search and filters.

It reads two things from the store and nothing from Azure: what looks have left of each server (shared.summaries), and
the standing orders. Filters are a form that asks for the same page, so it works without scripts; with them the part
that changes is fetched again and again.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from shared.notify.wording import tame
from shared.standing import orders_of
from shared.summaries import summaries
from shared.summary import Mark
from shared.web.heat import SIGNS, WORDS, Row, columns, row_of, short, worst_first
from shared.web.http import Request, Response
from shared.web.site import Site, must_sign_in

_ON_A_PAGE = 100
_MANY = 500
_OFTEN_SECONDS, _SELDOM_SECONDS = 5, 30


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the form asks for; empty is everything. `words` stand in a server's name or place."""

    words: str = ""
    mark: str = ""
    domain: str = ""
    subscription: str = ""
    page: int = 1

    def takes(self, row: Row) -> bool:
        """Whether the server is asked for."""
        text = f"{row.name} {row.group} {row.subscription} {row.kind}".lower()
        if not all(word in text for word in self.words.lower().split()):
            return False
        if self.subscription not in ("", row.subscription) or (self.domain and self.domain not in row.cells):
            return False
        return self._takes_mark(row)

    def link(self, **changes: object) -> str:
        """The address of the page with something else asked for."""
        asked = {"q": self.words, "mark": self.mark, "domain": self.domain, "subscription": self.subscription}
        given = {name: text for name, text in {**asked, **changes}.items() if text}
        return f"/api/overview?{urlencode(given)}" if given else "/api/overview"

    def _takes_mark(self, row: Row) -> bool:
        match self.mark:
            case "":
                return True
            case "waiting":
                return row.waiting > 0
            case _ if self.domain:
                return row.cells[self.domain].mark == self.mark
            case "ok":
                return row.worst is Mark.OK
            case Mark.UNKNOWN:
                return bool(row.trouble or row.marks.get(Mark.UNKNOWN))
            case mark:
                return any(found == mark for found, count in row.marks.items() if count)


@dataclass(frozen=True, slots=True)
class Count:
    """How many servers, and where they are listed."""

    words: str
    number: int
    mark: str
    link: str
    here: bool


async def overview(site: Site, request: Request) -> Response:
    """Show the fleet to whoever is signed in."""
    visit = site.visit(request)
    if visit.me is None:
        return must_sign_in(visit, "see the fleet")
    orders, found = await orders_of(site.store), await summaries(site.store)
    every = worst_first(row_of(one, site.catalogue, orders, visit.at) for one in found)
    wanted = _wanted(request)
    rows = [row for row in every if wanted.takes(row)]
    pages = max(1, -(-len(rows) // _ON_A_PAGE))
    number = min(wanted.page, pages)
    return visit.page(
        "overview.html",
        title="Fleet",
        wanted=wanted,
        counts=_counts(every, wanted),
        said=_said(every, rows),
        rows=rows[(number - 1) * _ON_A_PAGE : number * _ON_A_PAGE],
        columns=[(domain, short(domain)) for domain in columns(rows)],
        domains=columns(every),
        subscriptions=sorted({row.subscription for row in every}),
        legend=[(SIGNS[mark], WORDS[mark], mark.value) for mark in Mark],
        marks=[*((mark.value, WORDS[mark]) for mark in Mark), ("waiting", "waiting for a person")],
        every_held=any(not order.scope and not order.control for order in orders.holds),
        number=number,
        pages=pages,
        at=f"{visit.at:%H:%M:%S} UTC",
        seconds=_OFTEN_SECONDS if len(every) < _MANY else _SELDOM_SECONDS,
        live=True,
    )


def _wanted(request: Request) -> Wanted:
    asked = request.query()
    page = asked.get("page", "")
    return Wanted(
        words=tame(asked.get("q", "")),
        mark=asked.get("mark", "") if asked.get("mark") in {*map(str, Mark), "waiting"} else "",
        domain=tame(asked.get("domain", "")),
        subscription=tame(asked.get("subscription", "")),
        page=int(page) if page.isascii() and page.isdigit() and 0 < len(page) < 6 and int(page) else 1,
    )


def _counts(rows: Sequence[Row], wanted: Wanted) -> list[Count]:
    """How many servers there are of each sort; each leads to them."""
    worst = Counter(row.worst for row in rows)
    drifting = sum(bool(row.marks.get(Mark.DRIFT)) for row in rows)
    waiting = sum(row.waiting > 0 for row in rows)
    listed = [
        ("servers", len(rows), ""),
        ("with drift", drifting, "drift"),
        ("waiting for a person", waiting, "waiting"),
        ("held back", sum(bool(row.marks.get(Mark.HELD)) for row in rows), "held"),
        ("not fully seen", sum(bool(row.trouble or row.marks.get(Mark.UNKNOWN)) for row in rows), "unknown"),
        ("with an exemption", sum(bool(row.marks.get(Mark.EXEMPT)) for row in rows), "exempt"),
        ("all right", worst[Mark.OK], "ok"),
    ]
    return [Count(words, number, mark, wanted.link(mark=mark), mark == wanted.mark) for words, number, mark in listed]


def _said(every: Sequence[Row], rows: Sequence[Row]) -> str:
    """What stands here, in a sentence that screen readers say when it changes."""
    drifting = sum(bool(row.marks.get(Mark.DRIFT)) for row in every)
    shown = "" if len(rows) == len(every) else f"; {len(rows)} of them shown"
    if not every:
        return "No server was looked at yet."
    state = "none of them drifts" if not drifting else f"{drifting} of them with drift"
    return f"{len(every)} servers, {state}{shown}."
