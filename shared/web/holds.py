"""The kill switch: what is held, and for operators the forms that hold and release. Both work within seconds."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.errors import MalformedEvent, Refused
from shared.journal import Actor, new_id
from shared.notify.wording import LONG, moment_words, tame
from shared.orders import Hold
from shared.scope import parse_scope
from shared.standing import orders_of
from shared.stewardship import hold, look_again, release
from shared.target import Target, parse_target
from shared.web.http import Request, Response
from shared.web.pages import redirect
from shared.web.site import Site, Visit, must_sign_in, no_operator

_LONGEST_REASON = 500
_PLACES = {
    "flexibleservers": "Server",
    "resourcegroups": "Resource group",
    "subscriptions": "Subscription",
    "managementgroups": "Management group",
}


@dataclass(frozen=True, slots=True)
class ShownHold:
    """A hold in words, with the hidden field of the form that releases it."""

    id: str
    where: str
    scope: str
    control: str
    reason: str
    by: str
    at: str
    seal: str


async def holds(site: Site, request: Request) -> Response:
    """Show what is held, or change it."""
    visit = site.visit(request)
    if visit.me is None:
        return must_sign_in(visit, "see or change what is held")
    if request.method == "POST":
        return await _changed(site, visit, visit.me)
    in_force = sorted((await orders_of(site.store)).holds, key=lambda order: order.at, reverse=True)
    return visit.page(
        "holds.html",
        title="Holds",
        holds=[_shown(site, visit, order) for order in in_force],
        everything=any(not order.scope and not order.control for order in in_force),
        controls=sorted(site.catalogue),
        refusal=no_operator(site, visit.me),
        seal=site.seal(visit, "hold", new_id(visit.at)),
    )


async def _changed(site: Site, visit: Visit, me: Actor) -> Response:
    form = visit.request.form()
    if refusal := no_operator(site, me):
        raise Refused(refusal.removesuffix("."))
    if form.get("action") == "hold":
        (name,) = site.sealed(visit, form, "hold")
        await hold(site.store, _ordered(site, visit, me, form, name), me)
    elif form.get("action") == "release":
        (name,) = site.sealed(visit, form, "release")
        lifted = await release(site.store, [name], me, form.get("reason", "").strip()[:_LONGEST_REASON], visit.at)
        await look_again(site.store, _servers(lifted), me, visit.at)
    else:
        raise Refused("the form says neither hold nor release")
    # A reload of what comes next must not send the form again.
    return redirect(visit.request.path)


def _ordered(site: Site, visit: Visit, me: Actor, form: dict[str, str], name: str) -> Hold:
    control = form.get("control", "")
    if control and control not in site.catalogue:
        raise Refused(f"there is no control {tame(control)!r}")
    try:
        scope = parse_scope(form.get("scope", ""))
    except MalformedEvent as error:
        raise Refused(f"that is no place: {error}") from error
    return Hold(name, scope, form.get("reason", "").strip()[:_LONGEST_REASON], me.name, visit.at, control)


def _servers(lifted: Sequence[Hold]) -> list[Target]:
    """The servers that were held by name; the sweep looks at the others."""
    found = []
    for order in lifted:
        try:
            found.append(parse_target(order.scope))
        except MalformedEvent:
            continue
    return found


def _where(scope: str) -> str:
    """The place in words; its id is shown beside them."""
    if not scope:
        return "Everything"
    kind, _, name = scope.rpartition("/")
    words = next((words for ending, words in _PLACES.items() if kind.lower().endswith(ending)), "")
    return f"{words} {tame(name)}".strip()


def _shown(site: Site, visit: Visit, order: Hold) -> ShownHold:
    return ShownHold(
        id=order.id,
        where=_where(order.scope),
        scope=tame(order.scope, LONG),
        control=tame(order.control),
        reason=tame(order.reason, LONG),
        by=f"{tame(order.by)} (by itself)" if order.automatic else tame(order.by),
        at=moment_words(order.at),
        seal=site.seal(visit, "release", order.id),
    )
