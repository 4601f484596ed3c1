"""Drifts that are not mended: told once until something about them changes, reminded of, and said to be over.

No I/O. Whoever hears of the same thing again and again stops listening, so what changes to and fro is told a few
times and then only recorded.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from shared import scribe
from shared.asking import ask_again, asked
from shared.decide import Decided, Verb
from shared.deliberate import Outcome
from shared.journal import NoticeKind, Report, Stage
from shared.ledger import Ledger
from shared.memory import Memory, Waiting
from shared.originals import PARITY
from shared.policy import Flapping, Rule

# What people and machines are told.
_TOLD_AS = (
    (Verb.RECORD, NoticeKind.DRIFT_DETECTED),
    (Verb.TELL, NoticeKind.DRIFT_DETECTED),
    (Verb.WAIT, NoticeKind.REMEDIATION_SCHEDULED),
    (Verb.HOLD, NoticeKind.HELD),
    (Verb.ASK, NoticeKind.APPROVAL_NEEDED),
)


def tell(ledger: Ledger, outcome: Outcome) -> None:
    """Record and announce drifts that are not mended, each once until something about it changes."""
    _unmute(ledger, outcome)
    asked, done = outcome.of(Verb.ASK), outcome.of(Verb.ACT)
    with_them = besides(outcome, [*asked, *done])
    left = [pair for pair in outcome.left_over() if pair not in with_them]
    for verb, kind in _TOLD_AS:
        for known in (False, True):
            some = [pair for pair in left if pair[1].verb is verb and pair[1].known is known]
            news = scribe.news(ledger.memory.told, some)
            if news and verb is Verb.ASK and not done:
                # One message about a copy says all of it.
                news += scribe.news(ledger.memory.told, besides(outcome, news))
            if news:
                _tell(ledger, kind, outcome, news, quiet=known or verb is Verb.RECORD)


def besides(outcome: Outcome, with_: Sequence[Decided]) -> list[Decided]:
    """What else there is to say of a copy that is brought in step: what is not copied, and why."""
    controls = {drift.control for drift, _ in with_} & {*PARITY}
    left = outcome.left_over() if controls else []
    return [pair for pair in left if pair[0].control in controls and pair[1].verb in (Verb.TELL, Verb.RECORD)]


def quiet_until(memory: Memory, rule: Flapping) -> list[datetime]:
    """When people may be told again of what changed to and fro, if it still drifts then."""
    return [since + timedelta(minutes=rule.minutes) for since in memory.muted.values()]


def resolved(ledger: Ledger, decided: Sequence[Decided], judged: Collection[str]) -> None:
    """Say so when a drift that was told is gone without us."""
    drifting = {drift.key for drift, _ in decided}
    gone = sorted(key for key in ledger.memory.told if key.split("|")[0] in judged and key not in drifting)
    if not gone:
        return
    report = ledger.report("low", "no longer drifting: " + ", ".join(key.replace("|", ": ") for key in gone))
    ledger.announce(report, Stage.RESOLVED, NoticeKind.DRIFT_RESOLVED, quiet=True)
    ledger.remember(told={key: value for key, value in ledger.memory.told.items() if key not in gone})


def keep_waiting(ledger: Ledger, outcome: Outcome) -> None:
    """Remember since when drifts wait to be put back, and remind of those whose time comes near."""
    judged = {judge.id for judge in outcome.judges}
    kept = {key: item for key, item in ledger.memory.waiting.items() if key.split("|")[0] not in judged}
    for pair in outcome.of(Verb.WAIT):
        key = pair[0].key
        kept[key] = _reminded(ledger, outcome, pair, ledger.memory.waiting.get(key, Waiting(ledger.clock())))
    # What is due, or held, has had its time and does not get it anew.
    over = {drift.key for drift, _ in outcome.of(Verb.ACT, Verb.HOLD)}
    kept |= {key: item for key, item in ledger.memory.waiting.items() if key in over}
    ledger.remember(waiting=kept)


def reminders(rule: Rule, due_at: datetime | None) -> list[datetime]:
    """When to remind of a drift that is put back at `due_at`, the earliest first."""
    if rule.delay is None or due_at is None:
        return []
    return sorted(due_at - timedelta(hours=hours) for hours in rule.delay.remind_hours_before)


def _tell(ledger: Ledger, kind: NoticeKind, outcome: Outcome, news: Sequence[Decided], quiet: bool) -> None:
    at = ledger.clock()
    changes = outcome.part(news).changes
    report = replace(ledger.reported(news, changes, at), outcome="nothing was changed")
    stage = Stage.DETECTED
    if kind is NoticeKind.APPROVAL_NEEDED:
        report, stage = asked(ledger, report, changes), Stage.ASKED
    elif kind is NoticeKind.HELD:
        report = replace(report, severity="critical")
    if not quiet:
        quiet, report = _calmed(ledger, news, report, at)
    ledger.write(scribe.entry(report, 0, stage, at), scribe.notice(report, kind, at, 0, quiet))
    told = {drift.key: scribe.digest(drift, decision) for drift, decision in news}
    ledger.remember(told={**ledger.memory.told, **told})


def _unmute(ledger: Ledger, outcome: Outcome) -> None:
    """What has been quiet for long enough is news again, as it stands now. What is over needs no news."""
    over = ledger.clock() - timedelta(minutes=ledger.policy.flapping.minutes)
    judged, drifting = {judge.id for judge in outcome.judges}, {drift.key for drift, _ in outcome.decided}
    gone = {key for key in ledger.memory.muted if key.split("|")[0] in judged and key not in drifting}
    due = {key for key, since in ledger.memory.muted.items() if since <= over and key in drifting}
    if not gone and not due:
        return
    ask_again(ledger, due)
    ledger.remember(
        muted={key: since for key, since in ledger.memory.muted.items() if key not in gone | due},
        told={key: told for key, told in ledger.memory.told.items() if key not in due},
    )


def _calmed(ledger: Ledger, news: Sequence[Decided], report: Report, at: datetime) -> tuple[bool, Report]:
    """Whether people have heard of these drifts too often lately; the last time says so."""
    rule = ledger.policy.flapping
    since = at - timedelta(minutes=rule.minutes)
    recent = {
        key: tuple(filter(lambda moment: moment > since, moments)) for key, moments in ledger.memory.flips.items()
    }
    keys = [drift.key for drift, _ in news]
    recent |= {key: (*recent.get(key, ()), at) for key in keys}
    ledger.remember(flips={key: moments for key, moments in recent.items() if moments})
    fewest = min(len(recent[key]) for key in keys)
    if not rule.reports or fewest < rule.reports:
        return False, report
    text = (
        f"{report.outcome}. It changes to and fro: told {fewest} times within {rule.minutes:g} minutes, and not again"
        " before it has been quiet for as long; the record goes on"
    )
    if fewest > rule.reports:
        ledger.remember(muted={**ledger.memory.muted, **dict.fromkeys(keys, at)})
    return fewest > rule.reports, replace(report, outcome=text)


def _reminded(ledger: Ledger, outcome: Outcome, pair: Decided, waits: Waiting) -> Waiting:
    drift, decision = pair
    at = ledger.clock()
    rule = next(judge.rule for judge in outcome.judges if judge.id == drift.control)
    passed = len([moment for moment in reminders(rule, decision.until) if waits.since < moment <= at])
    if passed > waits.reminded:
        report = ledger.reported([pair], outcome.part([pair]).changes, at)
        report = replace(report, outcome="a reminder: nothing was changed yet")
        ledger.announce(report, Stage.DETECTED, NoticeKind.REMEDIATION_SCHEDULED)
    return Waiting(waits.since, max(waits.reminded, passed))
