"""To whom a route with `{address}` in its URL writes.

Names in events are claims, and whoever can send an event can claim any. So only a plain mail address in one of the
route's own domains is written to: a forged event can at most bother a colleague. Plain means letters, digits and
`. _ -`; the rest that an address may hold, receivers read in ways of their own: for Apprise `o'brien@` is `brien@`.
"""

import re
from collections.abc import Iterable
from urllib.parse import quote

from shared.journal import Origin, Report
from shared.policy import Route

_PLACE = "{address}"
_WORD = "[A-Za-z0-9_-]+"
_ADDRESS = re.compile(rf"(?=[A-Za-z0-9])(?P<local>{_WORD}(\.{_WORD})*)@(?P<domain>[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+)")
# RFC 5321, 4.5.3.1: the local part, and what fits into a path of 256 characters with its brackets.
_LONGEST_LOCAL, _LONGEST = 64, 254


def is_personal(route: Route) -> bool:
    """Whether the route writes to somebody else each time."""
    return route.to_actor or route.to_owner


def address_for(route: Route, report: Report) -> str:
    """The mail address that the route writes to about this report; empty when there is none that it may use."""
    if route.to_owner:
        return allowed(report.owner, route.domains)
    trigger = report.trigger
    # Applications have no mailbox, Holdfast's own identity least of all; a person's request was no surprise to them.
    if trigger is None or trigger.actor is None or trigger.origin is not Origin.EVENT or trigger.actor.kind != "user":
        return ""
    return allowed(trigger.actor.name, route.domains)


def allowed(text: str, domains: Iterable[str]) -> str:
    """The text, if it is a plain mail address in one of the domains; else nothing."""
    found = _ADDRESS.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None or len(found["local"]) > _LONGEST_LOCAL:
        return ""
    return text if found["domain"].lower() in {domain.lower() for domain in domains} else ""


def has_place(url: str) -> bool:
    """Whether the URL says where the address goes."""
    return _PLACE in url


def addressed(url: str, address: str) -> str:
    """The URL with the address in it."""
    return url.replace(_PLACE, quote(address, safe=""))
