"""What happened, record by record, the newest first: where, who, what from and to what, and how it ended."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from shared.journal import Entry, Origin, Report, Stage, Wish
from shared.notify.wording import LONG, moment_words, tame
from shared.target import Target, parse_subject
from shared.web.shown import ShownChange, ShownFinding, server_link, shown_report, who

ENDINGS = {
    Stage.DETECTED: ("Found, not changed", "found"),
    Stage.ASKED: ("Waits for a person", "waiting"),
    Stage.DECIDED: ("Decided", "found"),
    Stage.INTENDED: ("Under way", "waiting"),
    Stage.APPLIED: ("Under way", "waiting"),
    Stage.PROVEN: ("Put right and proven", "proven"),
    Stage.FAILED: ("Not done", "failed"),
    Stage.RESOLVED: ("Right again", "resolved"),
    Stage.ORDERED: ("Ordered", "found"),
}


@dataclass(frozen=True, slots=True)
class Happening:
    """One record. `sort` stands for how it ended, `by` for whose change it was; `link` leads to the page of the server,
    where it is about one. `findings` are to be shown where there are no changes that say the same."""

    record: str
    server: str
    link: str
    at: str
    ending: str
    sort: str
    news: str
    severity: str
    by: str
    outcome: str
    changes: tuple[ShownChange, ...]
    findings: tuple[ShownFinding, ...]
    every_finding: tuple[ShownFinding, ...]


def happenings(entries: Iterable[Entry]) -> list[Happening]:
    """The records of these entries, in their order; what only says who was told makes none."""
    by_record = groupby(entries, key=lambda entry: entry.record)
    told_apart = ([one for one in found if one.stage is not Stage.NOTIFIED] for _, found in by_record)
    return [_happening(found) for found in told_apart if found]


def fullest(entries: Sequence[Entry]) -> Report:
    """The report that says most: the last one about the matter itself, with its changes if there are any."""
    matter = [entry.report for entry in entries if entry.stage is not Stage.NOTIFIED] or [entries[-1].report]
    return next((report for report in reversed(matter) if report.changes), matter[-1])


def _happening(entries: Sequence[Entry]) -> Happening:
    report, last = fullest(entries), entries[-1]
    shown, (ending, sort) = shown_report(report), ENDINGS[last.stage]
    asked = report.trigger.request if report.trigger else None
    subject = parse_subject(report.target)
    undone = asked is not None and asked.wish is Wish.UNDO
    return Happening(
        record=report.record,
        server=subject.name,
        link=server_link(subject) if isinstance(subject, Target) else "",
        at=moment_words(entries[0].at),
        ending="Taken back and proven" if undone and last.stage is Stage.PROVEN else ending,
        sort=sort,
        news=shown.news,
        severity=shown.severity,
        by=_by(report),
        outcome=tame(last.report.error or last.report.outcome or last.detail, LONG),
        changes=shown.changes,
        findings=() if shown.changes else shown.findings,
        every_finding=shown.findings,
    )


def _by(report: Report) -> str:
    trigger = report.trigger
    if trigger is None or trigger.origin is Origin.SWEEP:
        return "found by the sweep"
    actor = trigger.request.by if trigger.request else trigger.actor
    address = f" from {tame(actor.ip)}" if actor and actor.ip else ""
    return f"{who(actor)}{address}"
