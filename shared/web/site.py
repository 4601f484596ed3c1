"""What all pages have in common: who asks, what they may, how a form is known to be ours, and how trouble looks."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

from shared.control import Catalogue
from shared.errors import BadToken, ExpiredToken, HoldfastError, Refused
from shared.identity import is_among, signed_in
from shared.journal import Actor, now
from shared.notify.wording import tame
from shared.policy import Policy
from shared.ports import Store
from shared.tokens import Tokens, Use
from shared.web.http import Request, Response, must_be_from_our_page
from shared.web.navigation import ways
from shared.web.pages import page

log = logging.getLogger("holdfast")
_LATER = "Something that it needs does not answer. If you have just sent a form, look whether it was taken."
# App Service keeps a session for as long.
_FORM_LASTS = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class Visit:
    """One request, by whom, and when."""

    request: Request
    me: Actor | None
    at: datetime
    can_sign_in: bool

    def shown(self) -> dict[str, object]:
        """What every template needs."""
        path = quote(self.request.path, safe="", errors="replace")
        return {
            "ways": ways(self.request),
            "me": tame(self.me.name) if self.me else "",
            "can_sign_in": self.can_sign_in,
            "sign_in": f"/.auth/login/aad?post_login_redirect_uri={path}",
            "sign_out": f"/.auth/logout?post_logout_redirect_uri={path}",
        }

    def page(self, template: str, status: int = 200, *, live: bool = False, **shown: object) -> Response:
        """A page for this visitor; a `live` one keeps itself up to date."""
        return page(template, status, live=live, **self.shown(), **shown)

    def message(self, status: int, title: str, text: str, link: str = "", link_text: str = "") -> Response:
        """A page that says one thing, and where to go from here."""
        return self.page("message.html", status, title=title, text=text, link=link, link_text=link_text)


@dataclass(frozen=True, slots=True)
class Front:
    """How the app stands in the world: its address, whether the platform says who is signed in, and the time."""

    address: str
    signs_people_in: bool
    clock: Callable[[], datetime] = now

    def visit(self, request: Request) -> Visit:
        """Who asks, as the platform says."""
        return Visit(request, signed_in(request.headers, self.signs_people_in), self.clock(), self.signs_people_in)


class Site:
    """The pages over one store, under one policy."""

    def __init__(self, store: Store, policy: Policy, catalogue: Catalogue, tokens: Tokens, front: Front) -> None:
        self.store = store
        self.policy = policy
        self.catalogue = catalogue
        self.tokens = tokens
        self._front = front

    def visit(self, request: Request) -> Visit:
        """Who asks, as the platform says."""
        return self._front.visit(request)

    def seal(self, visit: Visit, *deed: str) -> str:
        """A hidden field that lets this person, and nobody else, do this one thing with the form."""
        me = visit.me.object_id if visit.me else ""
        return self.tokens.made(Use.FORM, [me, *deed], visit.at + _FORM_LASTS)

    def sealed(self, visit: Visit, form: dict[str, str], *deed: str) -> tuple[str, ...]:
        """What else stands in the form's hidden field. Raises BadToken for a form that was made for anything else."""
        must_be_from_our_page(visit.request, self._front.address)
        me, *texts = self.tokens.read(Use.FORM, form.get("seal", ""), visit.at)
        if visit.me is None or me != visit.me.object_id or tuple(texts[: len(deed)]) != deed:
            raise BadToken("this form was made for somebody or something else; open the page again")
        return tuple(texts[len(deed) :])


def trouble(visit: Visit, error: HoldfastError) -> Response:
    """The page about something that could not be done. What failed inside is for the log, not for everybody."""
    back = visit.request.path
    match error:
        case Refused():
            return visit.message(409, "Nothing was done", sentence(error), back, "Back to the page")
        case ExpiredToken():
            return visit.message(403, "The page was open for too long", sentence(error), back, "Open it again")
        case BadToken():
            return visit.message(403, "Nothing was done", sentence(error), back, "Open the page again")
        case _:
            log.error("a page could not be shown: %s", error)
            return visit.message(503, "Holdfast cannot answer now", _LATER, back, "Try again")


def no_operator(site: Site, me: Actor) -> str:
    """Why this person may neither hold nor undo on the pages; empty for those who may."""
    if not site.policy.operators:
        return "The policy names no operators, so nobody may do this on the page."
    return "" if is_among(me, site.policy.operators) else f"{me.name} is not among the operators that the policy names."


def sentence(error: HoldfastError) -> str:
    """The text of an error as a sentence that stands by itself."""
    text = str(error)
    first = text.partition(" ")[0]
    # A sign-in name keeps its letters.
    return f"{text}." if not first.isalpha() else f"{text[:1].upper()}{text[1:]}."


def must_sign_in(visit: Visit, what: str) -> Response:
    """The page for somebody who is not signed in where one has to be."""
    return visit.page("sign_in.html", 401, title="Sign in first", what=what)
