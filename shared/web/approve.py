"""The page of a plan that waits for a person.

Whoever has the link may read: it is signed, it was sent to the people who should know, and it ends. Reading changes
nothing, so a mail scanner that follows links does no harm. Deciding takes a person who is signed in, our own form, and
everything that `shared.approvals` asks for.
"""

from dataclasses import dataclass

from shared.approvals import Found, Ruling, Verdict, decide, find, must_be_allowed, ruling_on
from shared.errors import BadToken, ExpiredToken, Refused
from shared.journal import Actor, Entry, Report, Stage
from shared.memory import Approval
from shared.notify.wording import LONG, moment_words, tame
from shared.tokens import Use
from shared.web.http import Request, Response
from shared.web.links import shown_digest
from shared.web.pages import redirect
from shared.web.shown import shown_report, time_left, who
from shared.web.site import Site, Visit, must_sign_in, sentence

_SAID = {Verdict.APPROVE: "Approved", Verdict.DENY: "Denied"}


@dataclass(frozen=True, slots=True)
class _Link:
    approval: str
    digest: str


async def approve(site: Site, request: Request) -> Response:
    """Show the plan, or decide about it."""
    visit = site.visit(request)
    try:
        link = _Link(*site.tokens.read(Use.APPROVAL_LINK, request.values.get("token", ""), visit.at))
    except ExpiredToken as error:
        return visit.message(410, "The time to decide is over", f"This link has ended: {error}. {_NEWEST}")
    except (BadToken, TypeError):
        return visit.message(400, "This link does not work", _BROKEN)
    if request.method == "POST":
        return await _decided(site, visit, link)
    found = await find(site.store, link.approval)
    if found is not None and found.ruling is None and visit.at < found.approval.expires_at:
        return _waiting(site, visit, link, found.approval)
    return await _over(site, visit, link, found)


def _waiting(site: Site, visit: Visit, link: _Link, approval: Approval) -> Response:
    if shown_digest(approval.report) != link.digest:
        return visit.message(410, "This is not the plan any more", f"What would be done has changed. {_NEWEST}")
    shown = shown_report(approval.report)
    refusals = {verdict.value: _refusal(site, approval, verdict, visit.me) for verdict in Verdict}
    return visit.page(
        "approve.html",
        title=f"{shown.server}: {shown.news}",
        report=shown,
        record=approval.id,
        escalated=approval.escalated,
        asked=moment_words(approval.asked_at),
        until=moment_words(approval.expires_at),
        left=time_left(approval.expires_at, visit.at),
        refusals=refusals,
        seal=site.seal(visit, "decide", approval.id, approval.digest),
    )


async def _decided(site: Site, visit: Visit, link: _Link) -> Response:
    if visit.me is None:
        return must_sign_in(visit, "decide about a plan")
    form = visit.request.form()
    (digest,) = site.sealed(visit, form, "decide", link.approval)
    if form.get("verdict") not in set(Verdict):
        raise Refused("the form says neither approve nor deny")
    verdict = Verdict(form["verdict"])
    reason = form.get("reason", "")
    await decide(site.store, site.policy, link.approval, digest, verdict, visit.me, reason, visit.at)
    # A reload of what comes next must not send the form again.
    return redirect(visit.request.path)


async def _over(site: Site, visit: Visit, link: _Link, found: Found | None) -> Response:
    entries = await site.store.record(link.approval)
    ruling = found.ruling if found else await ruling_on(site.store, link.approval)
    report = found.approval.report if found else _asked_in(entries)
    title, ending = _ending(ruling, visit.me, entries)
    if report is None:
        return visit.message(410, title, f"{ending} {_NEWEST}")
    return visit.page(
        "decided.html",
        200 if ruling else 410,
        title=title,
        ending=ending,
        reason=tame(ruling.reason, LONG) if ruling else "",
        outcome=_outcome(entries),
        report=shown_report(report),
        record=link.approval,
    )


def _ending(ruling: Ruling | None, me: Actor | None, entries: list[Entry]) -> tuple[str, str]:
    """What became of the question, in a title and a sentence."""
    if ruling is not None:
        by = "you" if me and me.object_id == ruling.by.object_id else who(ruling.by)
        return _SAID[ruling.verdict], f"By {by}, at {moment_words(ruling.at)}. A plan is decided about once."
    if _outcome(entries):
        return "Nobody has to decide any more", "The question is closed."
    return "Nobody has to decide any more", "The time to decide is over, or the plan was withdrawn; nothing was done."


def _outcome(entries: list[Entry]) -> str:
    """How the pass after the decision wrote it down."""
    endings = [entry.detail for entry in entries if entry.stage is Stage.DECIDED and entry.detail]
    return tame(endings[-1], LONG) if endings else ""


def _asked_in(entries: list[Entry]) -> Report | None:
    return next((entry.report for entry in entries if entry.stage is Stage.ASKED), None)


def _refusal(site: Site, approval: Approval, verdict: Verdict, me: Actor | None) -> str:
    """Why this visitor may not decide like this; empty when they may."""
    try:
        must_be_allowed(site.policy, approval, verdict, me or Actor(""))
    except Refused as error:
        return sentence(error)
    return ""


_NEWEST = "Open the newest message about the server, or its record."
_BROKEN = f"It was changed or cut off on its way. Copy the whole address from the message. {_NEWEST}"
