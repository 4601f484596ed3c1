"""The page of one server: how each control stands, what waits, what is held or exempt, and what happened when.

Three reads of the store: the server's summary, its memory, its newest records; and the standing orders.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.control_ids import DOMAINS
from shared.memory import Memory
from shared.notify.wording import LONG, moment_words, setting_words, tame, value_words
from shared.orders import Exemption, Orders
from shared.scope import Place, covers
from shared.standing import orders_of
from shared.summaries import summary_of
from shared.summary import Mark, Summary
from shared.target import Target, parse_target
from shared.web.heat import SIGNS, WORDS, short, slug, trouble_of
from shared.web.http import Request, Response
from shared.web.links import link_token
from shared.web.shown import Fact, ShownFinding, portal_link, time_left
from shared.web.site import Site, Visit, must_sign_in
from shared.web.timeline import Happening, happenings

_KEY = re.compile(r"[0-9a-f]{24}")
_ENTRIES = 200
_MOST_VALUES = 400


@dataclass(frozen=True, slots=True)
class Standing:
    """How one control stands; `finding` is the newest thing found about it, where it does not hold."""

    control: str
    title: str
    severity: str
    mark: Mark
    sign: str
    words: str
    finding: ShownFinding | None


@dataclass(frozen=True, slots=True)
class Domain:
    """The controls of one domain, the worst first, as the domains are."""

    name: str
    slug: str
    standings: tuple[Standing, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan that waits for a person, and where it is shown."""

    link: str
    asked: str
    left: str
    what: str


async def server(site: Site, request: Request) -> Response:
    """Show the server to whoever is signed in."""
    visit = site.visit(request)
    if visit.me is None:
        return must_sign_in(visit, "see a server")
    key = request.values.get("server", "")
    shown = await summary_of(site.store, key) if _KEY.fullmatch(key) else None
    if shown is None:
        return visit.message(404, "There is no such server", _UNKNOWN, "/api/overview", "To the fleet")
    target = parse_target(shown.target)
    memory = (await site.store.load(target)).memory
    orders = await orders_of(site.store)
    found = happenings(await site.store.history(target, _ENTRIES))
    place = Place(target)
    return visit.page(
        "server.html",
        live=True,
        title=target.name,
        seconds=5,
        at=f"{visit.at:%H:%M:%S} UTC",
        said=_said(shown.summary),
        facts=_facts(target, shown.summary),
        trouble=trouble_of(shown.summary, visit.at),
        domains=list(_domains(site, shown.summary, found)),
        plans=_plans(site, visit, memory),
        holds=[one for one in orders.holds if covers(one.scope, place)],
        exemptions=_exempted(site, orders, place, visit.at),
        happenings=found,
        values_known=_values(memory),
        moment=moment_words,
        tame=lambda text: tame(text, LONG),
    )


def _said(summary: Summary) -> str:
    counts = {mark: sum(found is mark for found in summary.marks.values()) for mark in Mark}
    words = ", ".join(f"{count} {WORDS[mark]}" for mark, count in counts.items() if count)
    return f"Controls: {words or 'none judged yet'}."


def _facts(target: Target, summary: Summary) -> list[Fact]:
    return [
        Fact("Server", target.name, portal_link(target)),
        Fact("Resource group", tame(target.resource_group)),
        Fact("Subscription", tame(target.subscription)),
        Fact("Kind", target.kind.value),
        Fact("Standing written down", moment_words(summary.at)),
    ]


def _domains(site: Site, summary: Summary, found: Sequence[Happening]) -> Iterator[Domain]:
    newest: dict[str, ShownFinding] = {}
    for told in (finding for happening in found for finding in happening.every_finding):
        newest.setdefault(told.control, told)
    by_domain: dict[str, list[tuple[int, int, Standing]]] = {}
    for control, mark in summary.marks.items():
        if control not in site.catalogue:
            continue
        card = site.catalogue[control].control
        finding = None if mark is Mark.OK else newest.get(control)
        one = Standing(control, card.title, str(card.severity), mark, SIGNS[mark], WORDS[mark], finding)
        by_domain.setdefault(card.domain, []).append((mark.rank, -card.severity, one))
    order = [*(name for name in DOMAINS if name in by_domain), *sorted(by_domain.keys() - DOMAINS.keys())]
    for name in sorted(order, key=lambda name: min(by_domain[name], key=lambda entry: entry[0])[0]):
        listed = sorted(by_domain[name], key=lambda entry: (*entry[:2], entry[2].control))
        yield Domain(short(name), slug(name), tuple(one for *_, one in listed))


def _plans(site: Site, visit: Visit, memory: Memory) -> list[Plan]:
    return [
        Plan(
            link=f"/api/approve/{link_token(site.tokens, one.report, one.expires_at)}",
            asked=moment_words(one.asked_at),
            left=time_left(one.expires_at, visit.at),
            what=", ".join(dict.fromkeys(setting_words(str(change.setting)) for change in one.changes)),
        )
        for one in memory.approvals
        if visit.at < one.expires_at
    ]


def _exempted(site: Site, orders: Orders, place: Place, at: datetime) -> list[Exemption]:
    """Those that hold here now; where one asks for tags, the page says which."""
    every: Iterable[Exemption] = (*site.policy.exemptions, *orders.exemptions)
    return [one for one in every if at < one.expires_at and covers(one.scope, place)]


def _values(memory: Memory) -> list[tuple[str, str]]:
    """The last known good values."""
    listed = sorted(memory.values.items())[:_MOST_VALUES]
    return [(setting_words(setting), value_words(value)) for setting, value in listed]


_UNKNOWN = "No look has judged it yet, it was deleted, or the address is not complete."
