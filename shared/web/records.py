"""The page of a record: the whole way from an event to who was told. Operators can have what it changed taken back."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from shared.errors import Refused
from shared.journal import Entry, Origin, Stage, Trigger, Wish, new_id
from shared.journal import Request as Asked
from shared.notify.wording import LONG, moment_words, setting_words, tame, way_words
from shared.undo import promoted_in, written_in
from shared.web.http import Request, Response
from shared.web.shown import shown_report
from shared.web.site import Site, Visit, must_sign_in, no_operator
from shared.web.timeline import fullest

_RECORD = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LONGEST_REASON = 500
_STAGES = {
    Stage.DETECTED: "Found",
    Stage.ASKED: "A person was asked",
    Stage.DECIDED: "The question was closed",
    Stage.INTENDED: "Begun: written down before anything was sent",
    Stage.APPLIED: "Azure took the change",
    Stage.PROVEN: "Proven by reading again",
    Stage.FAILED: "Not done",
    Stage.RESOLVED: "Right again",
    Stage.ORDERED: "Ordered",
    Stage.NOTIFIED: "Told",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of the record."""

    stage: str
    title: str
    at: str
    text: str


@dataclass(frozen=True, slots=True)
class Back:
    """One setting that an undo would put back."""

    setting: str
    now: str
    then: str


async def record(site: Site, request: Request) -> Response:
    """Show the record to whoever is signed in."""
    visit = site.visit(request)
    if visit.me is None:
        return must_sign_in(visit, "see a record")
    name = request.values.get("record", "")
    entries = await _entries(site, name)
    if not entries:
        return _unknown(visit)
    report = fullest(entries)
    shown = shown_report(report)
    return visit.page(
        "record.html",
        title=f"{shown.server}: {shown.news}",
        report=shown,
        record=name,
        steps=[_step(entry) for entry in entries if entry.stage is not Stage.NOTIFIED],
        told=[_step(entry) for entry in entries if entry.stage is Stage.NOTIFIED],
        backs=_backs(entries),
        refusal=no_operator(site, visit.me),
        longest_hours=f"{_longest_hours(site):g}",
        seal=site.seal(visit, "undo", name, new_id(visit.at)),
    )


async def undo(site: Site, request: Request) -> Response:
    """Ask for what the record changed to be taken back; the pass over the server does it, or says why not."""
    visit = site.visit(request)
    if visit.me is None:
        return must_sign_in(visit, "take a change back")
    name = request.values.get("record", "")
    form = request.form()
    (id_,) = site.sealed(visit, form, "undo", name)
    if refusal := no_operator(site, visit.me):
        raise Refused(refusal.removesuffix("."))
    reason = form.get("reason", "").strip()[:_LONGEST_REASON]
    if not reason:
        raise Refused("an undo needs a reason: people will want to know why the drift is back")
    hours = _hours(form.get("hours", ""), _longest_hours(site))
    report = written_in(await _entries(site, name))
    asked = Asked(Wish.UNDO, visit.me, record=name, reason=reason, exempt_hours=hours)
    at = visit.at
    # The form brings the trigger's name along, so that one that is sent twice is one wish.
    await site.store.remember(
        Trigger(f"undo-{id_}", report.target, "*", "", at, Origin.PERSON, visit.me, received_at=at, request=asked)
    )
    return visit.message(202, "The undo is under way", _UNDER_WAY, f"/api/records/{name}", "Back to the record")


async def _entries(site: Site, name: str) -> list[Entry]:
    return await site.store.record(name) if _RECORD.fullmatch(name) else []


def _unknown(visit: Visit) -> Response:
    return visit.message(404, "There is no such record", "It was removed, or the address is not complete.")


def _step(entry: Entry) -> Step:
    outcome = "" if entry.stage is Stage.NOTIFIED else entry.report.outcome
    said = dict.fromkeys(tame(text, LONG) for text in (entry.detail, outcome, entry.report.error) if text)
    return Step(entry.stage.value, _STAGES[entry.stage], moment_words(entry.at), "; ".join(said))


def _backs(entries: Sequence[Entry]) -> list[Back]:
    """What an undo would put back; nothing for a record that wrote nothing, or that another failover takes back."""
    if promoted_in(entries):
        return []
    try:
        report = written_in(entries)
    except Refused:
        return []
    return [Back(setting_words(line.setting), *way_words(line.after, line.before)) for line in reversed(report.changes)]


def _hours(text: str, longest: float) -> float:
    try:
        hours = float(text or "0")
    except ValueError:
        hours = math.nan
    if not 0 <= hours <= longest:
        raise Refused(f"found {tame(text)!r} hours, wanted a number from 0 to {longest:g}")
    return hours


def _longest_hours(site: Site) -> float:
    return site.policy.exempting.longest_days * 24


_UNDER_WAY = (
    "Holdfast looks at the server now and puts back what was there before. If the server has changed since, it does"
    " nothing and tells people why. Either way a new record says how it went."
)
