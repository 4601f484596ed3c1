"""Writing down what happened: reports, record entries and notices, and who is named as the cause of a drift."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from shared.control import Catalogue, Change, Drift, Severity
from shared.decide import Decided, Decision
from shared.journal import (
    ChangeLine,
    Entry,
    FindingLine,
    Notice,
    NoticeKind,
    Report,
    Stage,
    Trigger,
)
from shared.state import INSIDE, Setting
from shared.target import Target, parse_target

# What is done to the server itself, and not to anything below it.
_ON_SERVER = ("write", "start/action", "stop/action")


def report(
    record: str,
    target: Target,
    at: datetime,
    catalogue: Catalogue,
    decided: Sequence[Decided],
    triggers: Sequence[Trigger],
    changes: Sequence[Change] = (),
) -> Report:
    """What there is to say about these drifts."""
    return Report(
        record=record,
        target=target.id,
        severity=str(max((catalogue[drift.control].control.severity for drift, _ in decided), default=Severity.LOW)),
        at=at,
        trigger=blame([drift for drift, _ in decided], triggers) if _by_somebody(catalogue, decided) else None,
        findings=tuple(
            finding_line(catalogue, drift, decision) for drift, decision in _worst_first(catalogue, decided)
        ),
        changes=change_lines(changes),
    )


def change_lines(changes: Iterable[Change]) -> tuple[ChangeLine, ...]:
    """The changes as people read them."""
    return tuple(
        ChangeLine(str(change.setting), change.before, change.after, change.source.value, change.risk.value)
        for change in changes
    )


def entry(report_: Report, number: int, stage: Stage, at: datetime, detail: str = "") -> Entry:
    """One line of the record."""
    return Entry(report_.record, number, stage, at, report_, detail)


def notice(report_: Report, kind: NoticeKind, at: datetime, number: int, quiet: bool = False) -> Notice:
    """A message about the report; `number` orders the messages of one moment."""
    return Notice(f"{report_.record}.{number}", kind, report_, at, number, quiet)


def finished(report_: Report, at: datetime, outcome: str, error: str = "") -> Report:
    """The report at its end. The time runs from when we heard of it."""
    heard = report_.trigger.received_at if report_.trigger else report_.at
    elapsed = max(0.0, (at - heard).total_seconds())
    return replace(report_, outcome=outcome, error=error, elapsed_seconds=round(elapsed, 3))


def joined(report_: Report, more: Report) -> Report:
    """The report with what came to it later: of each finding and each change the newest is kept."""
    findings = {(line.control, line.setting): line for line in (*report_.findings, *more.findings)}
    changes = {line.setting: line for line in (*report_.changes, *more.changes)}
    return replace(report_, findings=tuple(findings.values()), changes=tuple(changes.values()))


def blame(drifts: Sequence[Drift], triggers: Sequence[Trigger]) -> Trigger | None:
    """The trigger that most likely made the drift: one that names its very setting, else its kind, else any.

    Of these one that succeeded, then one that names somebody, then the latest. It only says whose name stands in the
    message.
    """
    settings = {setting for drift in drifts for setting in drift.settings}

    def likelihood(trigger: Trigger) -> tuple[int, bool, bool, datetime]:
        return closeness(trigger, settings), trigger.outcome == "success", trigger.actor is not None, trigger.at

    return max(triggers, key=likelihood, default=None)


def digest(drift: Drift, decision: Decision) -> str:
    """Changes when there is something new to tell about a drift."""
    text = repr((drift.found, drift.wanted, decision.verb, decision.reason))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def news(told: Mapping[str, str], decided: Iterable[Decided]) -> list[Decided]:
    """The drifts that have not been told like this before."""
    return [(drift, decision) for drift, decision in decided if told.get(drift.key) != digest(drift, decision)]


def _by_somebody(catalogue: Catalogue, decided: Iterable[Decided]) -> bool:
    """Whether somebody's write to Azure can have led to any of it; time alone makes a version old, and of what is done
    inside a database no event says by whom."""
    seen = [drift for drift, _ in decided if drift.setting.kind not in INSIDE]
    return any(catalogue[drift.control].control.operations for drift in seen)


def _worst_first(catalogue: Catalogue, decided: Sequence[Decided]) -> list[Decided]:
    return sorted(decided, key=lambda pair: catalogue[pair[0].control].control.severity, reverse=True)


def finding_line(catalogue: Catalogue, drift: Drift, decision: Decision) -> FindingLine:
    """One drift and what was decided about it, as people read it."""
    control = catalogue[drift.control].control
    return FindingLine(
        control=drift.control,
        title=control.title,
        severity=str(control.severity),
        setting=str(drift.setting),
        found=drift.found,
        wanted=drift.wanted,
        why=drift.why,
        verb=decision.verb.value,
        reason=decision.reason,
        where=decision.where,
        person=drift.person,
    )


def closeness(trigger: Trigger, settings: Iterable[Setting]) -> int:
    """How closely the trigger names one of the settings: 2 the very resource, 1 its kind, 0 something else."""
    kind = parse_target(trigger.target).kind
    children = {setting.path(kind) for setting in settings if not setting.on_server}
    if trigger.child in children:
        return 2
    if trigger.outside and any(child.startswith(f"{trigger.child}/") for child in children):
        return 1
    collections = {_collection(child) for child in children}
    on_server = not trigger.child and not collections and trigger.operation in _ON_SERVER
    return 1 if _collection(trigger.child) in collections or on_server else 0


def _collection(child: str) -> str:
    """The path without the name of the one resource."""
    if child.startswith("/"):
        return child.rpartition("/")[0]
    parts = child.split("/")
    return "/".join(parts[:3] if parts[0] == "providers" else parts[:1])
