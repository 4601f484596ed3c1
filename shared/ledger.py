"""What a pass writes down: it gathers memory, record entries and notices, which then become one commit, or nothing.

No I/O here. The engine says what happened; the ledger finds the words, and sees to it that nothing is told twice.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared import scribe
from shared.baseline import learn
from shared.control import Catalogue, Change, is_response
from shared.decide import Decided
from shared.errors import NotOpened
from shared.incident import answering, answers_by
from shared.journal import Entry, FindingLine, Notice, NoticeKind, Report, Request, Stage, Trigger, new_id
from shared.memory import Consent, Memory, Purpose, Remediation, Trouble
from shared.originals import PARITY
from shared.plan import Judge
from shared.policy import Policy
from shared.ports import Commit, Dossier
from shared.state import DATABASE_FACETS, State
from shared.target import Target
from shared.telemetry.names import DRIFT, FIXES, TIME_TO_REVERT, Metric

_REMEMBERED_ECHOES = 20
_NOT_DONE = {Purpose.FIX: "not fixed", Purpose.UNDO: "not undone", Purpose.PROMOTE: "not failed over"}
_TELL_TROUBLE_AFTER = 5


@dataclass(frozen=True, slots=True)
class Sum:
    """A value of a metric that holds once what is written down is kept."""

    metric: Metric
    value: float
    dimensions: Mapping[str, str]


class Ledger:
    """The book of one pass over one target."""

    def __init__(
        self, target: Target, dossier: Dossier, catalogue: Catalogue, policy: Policy, clock: Callable[[], datetime]
    ) -> None:
        self.target = target
        self.catalogue = catalogue
        self.policy = policy
        self.clock = clock
        self.triggers = dossier.triggers
        self.memory = dossier.memory
        self.tags: Mapping[str, str] = {}
        self.management_groups: tuple[str, ...] = ()
        # Who writes after a look began may have written after what it saw.
        self.looked_at = clock()
        self.failed = False
        self._entries: tuple[Entry, ...] = ()
        self._notices: tuple[Notice, ...] = ()
        self._sums: tuple[Sum, ...] = ()
        self._unhandled: frozenset[str] = frozenset()
        self._done: frozenset[str] = frozenset()

    @property
    def open(self) -> Remediation | None:
        """The fix that is under way."""
        return self.memory.open

    def _is_done(self, trigger: Trigger, handled: bool) -> bool:
        return trigger.id in self._done or (handled and trigger.id not in self._unhandled)

    def postpone(self, triggers: Iterable[Trigger]) -> None:
        """Keep these triggers for another pass."""
        self._unhandled |= {trigger.id for trigger in triggers}

    def take(self, handled: bool) -> Commit:
        """Everything gathered since the last time, as one commit; `handled` also takes the triggers off the list."""
        ids = [trigger.id for trigger in self.triggers if self._is_done(trigger, handled)]
        commit = Commit(self.memory, self._entries, self._notices, tuple(ids))
        self._entries, self._notices = (), ()
        return commit

    def sums(self) -> tuple[Sum, ...]:
        """What to count once that commit is kept."""
        sums, self._sums = self._sums, ()
        return sums

    # -- a fix --------------------------------------------------------------------------------------------------

    def begin(
        self,
        act: Sequence[Decided],
        changes: tuple[Change, ...],
        consents: Iterable[Consent] = (),
        besides: Sequence[Decided] = (),
    ) -> Remediation:
        """Open a fix, or go on with the open one. The intent is part of the next commit, before any write. What is said
        besides is not mended by it."""
        told = {drift.key for drift, _ in act}
        kept = {key: value for key, value in self.memory.told.items() if key not in told}
        self.remember(told=kept | {drift.key: scribe.digest(drift, decision) for drift, decision in besides})
        remediation = (
            self._continued(self.open, act, changes, besides) if self.open else self._opened(act, changes, besides)
        )
        used = {decision.consent for _, decision in act} - {one.id for one in remediation.agreed}
        agreed = (*remediation.agreed, *(consent for consent in consents if consent.id in used))
        remediation = replace(remediation, agreed=agreed)
        self.went_on(remediation)
        return remediation

    def begin_undo(self, trigger: Trigger, request: Request, changes: tuple[Change, ...], of: Report) -> Remediation:
        """Open the undo of a record that a person asked for."""
        at = self.clock()
        text = f"undoes {request.record}: {request.reason}"
        if request.exempt_hours:
            controls = ", ".join(sorted({line.control for line in of.findings}))
            hours = min(request.exempt_hours, self.policy.exempting.longest_days * 24)
            text = f"{text}; the server is exempt from {controls} for {hours:g} hours"
        report = self.report("high", text)
        report = replace(report, trigger=trigger, findings=of.findings, changes=scribe.change_lines(changes))
        self.write(scribe.entry(report, 0, Stage.INTENDED, at))
        remediation = Remediation(
            id=report.record,
            controls=tuple(sorted({line.control for line in of.findings})),
            changes=changes,
            report=report,
            opened_at=at,
            entries=1,
            attempts=1,
            purpose=Purpose.UNDO,
            undoes=request.record,
            exempt_hours=request.exempt_hours,
        )
        self.went_on(remediation)
        return remediation

    def begin_lift(self, measures: tuple[str, ...], changes: tuple[Change, ...], report: Report) -> Remediation:
        """Open the way back for measures that are over. The intent is part of the next commit, before any write."""
        at = self.clock()
        report = replace(self.placed(report), changes=scribe.change_lines(changes))
        self.write(scribe.entry(report, 0, Stage.INTENDED, at))
        remediation = Remediation(
            id=report.record,
            controls=tuple(sorted({one.partition("|")[2] for one in measures})),
            changes=changes,
            report=report,
            opened_at=at,
            entries=1,
            attempts=1,
            measures=measures,
            purpose=Purpose.UNDO,
        )
        self.went_on(remediation)
        return remediation

    def begin_promotion(
        self,
        trigger: Trigger,
        changes: tuple[Change, ...],
        text: str,
        findings: tuple[FindingLine, ...],
        approval: str = "",
    ) -> Remediation:
        """Open the promotion of a replica that a person asked for; everybody hears of it before it happens."""
        at = self.clock()
        report = replace(self.report("high", text), trigger=trigger, findings=findings, approval=approval)
        report = replace(report, changes=scribe.change_lines(changes))
        self.announce(report, Stage.INTENDED, NoticeKind.FAILOVER_BEGUN)
        remediation = Remediation(
            id=report.record,
            controls=(),
            changes=changes,
            report=report,
            opened_at=at,
            entries=1,
            attempts=1,
            announced=True,
            purpose=Purpose.PROMOTE,
        )
        self.went_on(remediation)
        return remediation

    def promoted(self, remediation: Remediation, text: str, findings: tuple[FindingLine, ...]) -> None:
        """The replica follows nobody any more; `findings` are what is left for people."""
        report = scribe.finished(remediation.report, self.clock(), text)
        self._close(remediation, replace(report, findings=findings), Stage.PROVEN, NoticeKind.FAILED_OVER)

    def not_promoted(self, trigger: Trigger | None, text: str, error: str) -> None:
        """A failover ends before anything was written."""
        report = replace(self.report("high", text, error), trigger=trigger)
        self.announce(report, Stage.FAILED, NoticeKind.FAILOVER_FAILED)

    def refused(self, trigger: Trigger, reason: str) -> None:
        """What a person asked for is not done; the record says why, once."""
        if trigger.id in self._done:
            return
        report = replace(self.report("low", "not done", reason), trigger=trigger)
        self.write(scribe.entry(report, 0, Stage.FAILED, self.clock(), reason))
        self._done |= {trigger.id}

    def went_on(self, remediation: Remediation) -> None:
        """Note how far the fix came."""
        self.remember(open=remediation)

    def tries_again(self, remediation: Remediation) -> Remediation:
        """Another attempt begins."""
        remediation = replace(remediation, attempts=remediation.attempts + 1, operations=())
        self.went_on(remediation)
        return remediation

    def waits(self, remediation: Remediation) -> None:
        """The fix goes on later: Azure is busy, or took the writes and the proof is still to come.

        Only now machines hear of the drift by itself: one that is mended at once is told with its mending.
        """
        at = self.clock()
        if not remediation.announced:
            announcement = scribe.notice(remediation.report, NoticeKind.DRIFT_DETECTED, at, 0, quiet=True)
            self._notices = (*self._notices, announcement)
        if remediation.sent:
            text = "accepted by Azure, not yet proven"
            self.write(scribe.entry(remediation.report, remediation.entries, Stage.APPLIED, at, text))
            remediation = replace(remediation, entries=remediation.entries + 1)
        self.remember(open=replace(remediation, announced=True))

    def proven(self, remediation: Remediation) -> None:
        """The same checks that found the drift find none."""
        at = self.clock()
        how = "put back and proven by reading again" if remediation.sent else "already as wanted when looked at again"
        copied = self.memory.copied
        if remediation.sent and copied is not None and {*remediation.controls} <= {*PARITY}:
            how = f"copied from {copied.source.rpartition('/')[2]} and proven by reading again"
        if remediation.purpose is Purpose.UNDO:
            report = scribe.finished(remediation.report, at, f"{remediation.report.outcome}; {how}")
            kind = NoticeKind.MEASURE_LIFTED if remediation.measures else NoticeKind.UNDONE
            self._close(remediation, report, Stage.PROVEN, kind)
            return
        report = scribe.finished(remediation.report, at, how)
        self._close(remediation, report, Stage.PROVEN, NoticeKind.REMEDIATED)
        # The next drift like these is another one, with its own warning and time.
        over = {line.key for line in report.findings}
        self.remember(waiting={key: item for key, item in self.memory.waiting.items() if key not in over})
        self._count(remediation)

    def fought_over(self, remediation: Remediation, error: str) -> None:
        """What was written does not stay written."""
        self._count(remediation)
        self.gave_up(remediation, error)

    def count_anew(self, controls: Collection[str]) -> None:
        """The breaker's count has done its work for these controls: they are held."""
        kept = (fix for fix in self.memory.fixes if fix[0].rpartition("|")[2] not in controls)
        self.remember(fixes=tuple(kept))

    def _count(self, remediation: Remediation) -> None:
        """Count the fix for the breaker, which never needs more of a control than trip it. What answers alerts counts
        for each alert: many attackers are not somebody who fights back."""
        rule, at = self.policy.breaker, self.clock()
        controls = [control for control in remediation.controls if not is_response(control)]
        fixes = [*self.memory.fixes, *((one, at) for one in (*controls, *remediation.measures))]
        kept, counted = [], Counter[str]()
        for control, moment in reversed(fixes):
            counted[control] += 1
            if counted[control] <= rule.fixes and moment > at - timedelta(minutes=rule.minutes):
                kept.append((control, moment))
        self.remember(fixes=tuple(reversed(kept)))

    def gave_up(self, remediation: Remediation, error: str, quiet: bool = False) -> None:
        """The fix did not succeed, and trying again now changes nothing."""
        self.failed = True
        said = "not taken back" if remediation.purpose is Purpose.UNDO and remediation.measures else ""
        said = said or _NOT_DONE[remediation.purpose]
        report = scribe.finished(remediation.report, self.clock(), said, error)
        key = f"failed|{'|'.join(remediation.controls)}"
        promotes = remediation.purpose is Purpose.PROMOTE
        quiet = quiet or (self.memory.told.get(key) == error and not promotes)
        kind = NoticeKind.FAILOVER_FAILED if promotes else NoticeKind.REMEDIATION_FAILED
        self._close(remediation, report, Stage.FAILED, kind, quiet)
        self.remember(told={**self.memory.told, key: error})

    # -- looks that came to nothing -------------------------------------------------------------------------------

    def waited(self, reason: str) -> int:
        """Azure wants us to come back; after a while somebody hears of it. Returns how often this happened."""
        before = self.memory.trouble or Trouble(reason, self.clock(), 0)
        trouble = replace(before, reason=reason, times=before.times + 1)
        if trouble.times >= _TELL_TROUBLE_AFTER and not trouble.told:
            report = self.report("high", "Holdfast keeps trying", reason)
            self.announce(report, Stage.FAILED, NoticeKind.CANNOT_OBSERVE)
            trouble = replace(trouble, told=True)
        self.remember(trouble=trouble)
        return trouble.times

    def blind(self, reason: str) -> None:
        """The server cannot be read and a person has to know, once."""
        if "observe|" in self.memory.told:
            return
        report = self.report("high", "the server could not be read; the next sweep looks again", reason)
        self.announce(report, Stage.FAILED, NoticeKind.CANNOT_OBSERVE)
        self.remember(told={**self.memory.told, "observe|": reason})

    def blind_to(self, state: State) -> None:
        """What stands outside the server, or in its databases, and cannot be seen: people have to know, once for each
        facet until it is seen again."""
        seen = {f"unseen|{facet}" for facet in state.facets()}
        told = {key: text for key, text in self.memory.told.items() if key not in seen}
        # What nobody opened is not missed.
        missed = {facet: error for facet, error in state.unread.items() if not isinstance(error, NotOpened)}
        new = {f"unseen|{facet}": str(error) for facet, error in missed.items() if f"unseen|{facet}" not in told}
        places = {str(error): facet.kind in DATABASE_FACETS for facet, error in missed.items()}
        for reason in dict.fromkeys(new.values()):
            what = "what is in its databases" if places[reason] else "what stands around the server"
            report = self.report("medium", f"{what} could not be read; the rest is looked after", reason)
            self.announce(report, Stage.FAILED, NoticeKind.CANNOT_OBSERVE)
        self.remember(told={**told, **new})

    def gone(self, reason: str) -> None:
        """The server does not exist any more: close what was open and forget the rest."""
        if self.open is not None:
            self.gave_up(self.open, "the server was deleted before the fix was proven")
        elif self.memory != Memory():
            self.write(
                scribe.entry(
                    self.report("low", "the server does not exist any more", reason), 0, Stage.RESOLVED, self.clock()
                )
            )
        self.memory = Memory()

    def miss_appointment(self) -> None:
        """What was to be decided by now cannot be seen: the next sweep looks at everything anyway."""
        due = self.memory.due_at
        if due is not None and due <= self.clock():
            self.remember(due_at=None)

    def look_at(self, moment: datetime) -> None:
        """Have the server looked at then, if not before."""
        due = self.memory.due_at
        self.remember(due_at=min(due, moment) if due is not None and due > self.clock() else moment)

    # -- remembering ----------------------------------------------------------------------------------------------

    def learn(self, state: State, judges: Sequence[Judge]) -> None:
        """Keep the good values of this look, and forget old failures of controls that hold again."""
        drifting = {judge.id for judge in judges if judge.drifts(state)}
        judged = {judge.id for judge in judges}
        seen = {"observe|", *(f"unseen|{facet}" for facet in state.facets())}
        told = {
            key: value
            for key, value in self.memory.told.items()
            if not (key in seen or (key.startswith("failed|") and _mended(key, judged, drifting)))
        }
        good_at = {**self.memory.good_at, **_undisputed(self.memory, state, judges, self.looked_at)}
        self.memory = learn(replace(self.memory, trouble=None, told=told, good_at=good_at), state, judges)

    def _opened(self, act: Sequence[Decided], changes: tuple[Change, ...], besides: Sequence[Decided]) -> Remediation:
        at = self.clock()
        report = self.reported([*act, *besides], changes, at)
        agreed = [decision.consent for _, decision in act if decision.consent]
        report = replace(report, approval=agreed[0] if agreed else "")
        self.write(scribe.entry(report, 0, Stage.INTENDED, at))
        return Remediation(report.record, _controls(act), changes, report, at, entries=1, attempts=1)

    def _continued(
        self, opened: Remediation, act: Sequence[Decided], changes: tuple[Change, ...], besides: Sequence[Decided]
    ) -> Remediation:
        at, planned = self.clock(), {change.setting for change in changes}
        kept = [change for change in opened.changes if change.setting not in planned]
        remediation = replace(
            self.tries_again(opened),
            controls=tuple(sorted({*opened.controls, *_controls(act)})),
            changes=(*kept, *changes),
        )
        report = scribe.joined(opened.report, self.reported([*act, *besides], changes, at))
        if report == opened.report:
            return remediation
        self.write(scribe.entry(report, opened.entries, Stage.INTENDED, at))
        return replace(remediation, report=report, entries=opened.entries + 1)

    def _close(
        self, remediation: Remediation, report: Report, stage: Stage, kind: NoticeKind, quiet: bool = False
    ) -> None:
        at, number = self.clock(), remediation.entries
        self._sums += _sums_of(remediation, report, stage)
        self.write(
            scribe.entry(report, number, stage, at, report.error), scribe.notice(report, kind, at, number, quiet)
        )
        self.remember(open=None, closed=(*self.memory.closed, remediation.id)[-_REMEMBERED_ECHOES:])

    def report(self, severity: str, outcome: str, error: str = "") -> Report:
        """A new record about the server as a whole."""
        at = self.clock()
        trigger = self.triggers[-1] if self.triggers else None
        return self.placed(Report(new_id(at), self.target.id, severity, at, trigger, outcome=outcome, error=error))

    def reported(self, decided: Sequence[Decided], changes: Sequence[Change], at: datetime) -> Report:
        """A new record about these drifts."""
        report = scribe.report(new_id(at), self.target, at, self.catalogue, decided, self.triggers, changes)
        answers = answers_by(self.memory, {drift.control for drift, _ in decided})
        return self.placed(answering(report, answers) if answers else report)

    def placed(self, report: Report) -> Report:
        """The report with what the policy's routes may ask about the server."""
        return replace(report, tags=self.tags, management_groups=self.management_groups)

    def announce(self, report: Report, stage: Stage, kind: NoticeKind, quiet: bool = False) -> None:
        """Make a record of one line, and tell of it."""
        at = self.clock()
        self.write(scribe.entry(report, 0, stage, at, report.error), scribe.notice(report, kind, at, 0, quiet))

    def write(self, entry: Entry, *notices: Notice) -> None:
        """Add an entry to its record, and messages about it."""
        self._entries = (*self._entries, entry)
        if not entry.number and entry.stage is not Stage.ORDERED:
            self._sums += tuple(
                Sum(DRIFT, 1, {"control": line.control, "severity": line.severity, "verb": line.verb})
                for line in entry.report.findings
            )
        self._notices = (*self._notices, *notices)

    def remember(self, **changes: object) -> None:
        """Change what is known about the server."""
        self.memory = replace(self.memory, **changes)  # type: ignore[arg-type]  # names are checked by replace itself


def _sums_of(remediation: Remediation, report: Report, stage: Stage) -> tuple[Sum, ...]:
    outcome = "proven" if stage is Stage.PROVEN else "failed"
    fix = Sum(FIXES, 1, {"purpose": str(remediation.purpose), "outcome": outcome})
    if remediation.purpose is not Purpose.FIX or stage is not Stage.PROVEN or report.elapsed_seconds is None:
        return (fix,)
    return (fix, Sum(TIME_TO_REVERT, report.elapsed_seconds, {"severity": report.severity}))


def _controls(act: Sequence[Decided]) -> tuple[str, ...]:
    return tuple(sorted({drift.control for drift, _ in act}))


def _undisputed(memory: Memory, state: State, judges: Sequence[Judge], at: datetime) -> dict[str, datetime]:
    """The facets in which nothing that was good has become a drift: who writes there from now on made what comes."""
    judges = [judge for judge in judges if not judge.measures]
    last_good, found = memory.last_good(), (judges[0].seen(state) if judges else state).settings()
    settings = {setting for judge in judges for drift in judge.drifts(state) for setting in drift.settings}
    fresh = {setting.facet for setting in settings if last_good.changed_since(setting, found.get(setting))}
    return {str(facet): at for facet in state.facets() - fresh}


def _mended(key: str, judged: set[str], drifting: set[str]) -> bool:
    controls = set(key.split("|")[1:])
    return controls <= judged and not controls & drifting
