"""What a pass writes down: it gathers memory, record entries and notices, which then become one commit, or nothing.

No I/O here. The engine says what happened; the ledger finds the words, and sees to it that nothing is told twice.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from shared import scribe
from shared.baseline import learn
from shared.control import Catalogue, Change
from shared.decide import Verb
from shared.journal import Entry, Notice, NoticeKind, Report, Stage, new_id
from shared.memory import Memory, Remediation, Trouble
from shared.plan import Judge, Plan
from shared.ports import Commit, Dossier
from shared.scribe import Decided
from shared.state import State
from shared.target import Target

_REMEMBERED_ECHOES = 20
_TELL_TROUBLE_AFTER = 5
# Drifts that are not mended: what people and machines are told, and whether people hear it at all.
_TOLD_AS = (
    (Verb.RECORD, NoticeKind.DRIFT_DETECTED, True),
    (Verb.TELL, NoticeKind.DRIFT_DETECTED, False),
    (Verb.ASK, NoticeKind.APPROVAL_NEEDED, False),
)


class Ledger:
    """The book of one pass over one target."""

    def __init__(self, target: Target, dossier: Dossier, catalogue: Catalogue, clock: Callable[[], datetime]) -> None:
        self._target = target
        self._catalogue = catalogue
        self._clock = clock
        self._triggers = dossier.triggers
        self._entries: tuple[Entry, ...] = ()
        self._notices: tuple[Notice, ...] = ()
        self.memory = dossier.memory
        self.failed = False

    @property
    def open(self) -> Remediation | None:
        """The fix that is under way."""
        return self.memory.open

    def take(self, handled: bool) -> Commit:
        """Everything gathered since the last time, as one commit; `handled` also takes the triggers off the list."""
        ids = tuple(trigger.id for trigger in self._triggers) if handled else ()
        commit = Commit(self.memory, self._entries, self._notices, ids)
        self._entries, self._notices = (), ()
        return commit

    # -- a fix --------------------------------------------------------------------------------------------------

    def begin(self, act: Sequence[Decided], changes: tuple[Change, ...]) -> Remediation:
        """Open a fix, or go on with the open one. The intent is part of the next commit, before any write."""
        told = {scribe.told_key(drift) for drift, _ in act}
        self._remember(told={key: value for key, value in self.memory.told.items() if key not in told})
        remediation = self._continued(self.open, act, changes) if self.open else self._opened(act, changes)
        self.went_on(remediation)
        return remediation

    def went_on(self, remediation: Remediation) -> None:
        """Note how far the fix came."""
        self._remember(open=remediation)

    def waits(self, remediation: Remediation) -> None:
        """The fix goes on later: Azure is busy, or took the writes and the proof is still to come.

        Only now machines hear of the drift by itself: one that is mended at once is told with its mending.
        """
        at = self._clock()
        if not remediation.announced:
            announcement = scribe.notice(remediation.report, NoticeKind.DRIFT_DETECTED, at, 0, quiet=True)
            self._notices = (*self._notices, announcement)
        if remediation.sent:
            text = "accepted by Azure, not yet proven"
            self._write(scribe.entry(remediation.report, remediation.entries, Stage.APPLIED, at, text))
            remediation = replace(remediation, entries=remediation.entries + 1)
        self._remember(open=replace(remediation, announced=True))

    def proven(self, remediation: Remediation) -> None:
        """The same checks that found the drift find none."""
        at = self._clock()
        how = "put back and proven by reading again" if remediation.sent else "already as wanted when looked at again"
        report = scribe.finished(remediation.report, at, how)
        self._close(remediation, report, Stage.PROVEN, NoticeKind.REMEDIATED)

    def gave_up(self, remediation: Remediation, error: str, quiet: bool = False) -> None:
        """The fix did not succeed, and trying again now changes nothing."""
        self.failed = True
        report = scribe.finished(remediation.report, self._clock(), "not fixed", error)
        key = f"failed|{'|'.join(remediation.controls)}"
        quiet = quiet or self.memory.told.get(key) == error
        self._close(remediation, report, Stage.FAILED, NoticeKind.REMEDIATION_FAILED, quiet)
        self._remember(told={**self.memory.told, key: error})

    # -- drifts that are not mended -------------------------------------------------------------------------------

    def tell(self, decided: Sequence[Decided], plan: Plan) -> None:
        """Record and announce drifts that are not mended, each once until something about it changes."""
        for verb, kind, quiet in _TOLD_AS:
            news = scribe.news(self.memory.told, [pair for pair in decided if pair[1].verb is verb])
            if not news:
                continue
            at = self._clock()
            changes = plan.only(setting for drift, _ in news for setting in drift.settings).changes
            report = scribe.report(new_id(at), self._target, at, self._catalogue, news, self._triggers, changes)
            report = replace(report, outcome="nothing was changed")
            self._write(scribe.entry(report, 0, Stage.DETECTED, at), scribe.notice(report, kind, at, 0, quiet))
            told = {scribe.told_key(drift): scribe.digest(drift, decision) for drift, decision in news}
            self._remember(told={**self.memory.told, **told})

    def resolved(self, decided: Sequence[Decided], judges: Sequence[Judge]) -> None:
        """Say so when a drift that was told is gone without us."""
        judged = {judge.id for judge in judges}
        drifting = {scribe.told_key(drift) for drift, _ in decided}
        gone = sorted(key for key in self.memory.told if key.split("|")[0] in judged and key not in drifting)
        if not gone:
            return
        report = self._report("low", "no longer drifting: " + ", ".join(key.replace("|", ": ") for key in gone))
        self._announce(report, Stage.RESOLVED, NoticeKind.DRIFT_RESOLVED, quiet=True)
        self._remember(told={key: value for key, value in self.memory.told.items() if key not in gone})

    # -- looks that came to nothing -------------------------------------------------------------------------------

    def waited(self, reason: str) -> int:
        """Azure wants us to come back; after a while somebody hears of it. Returns how often this happened."""
        before = self.memory.trouble or Trouble(reason, self._clock(), 0)
        trouble = replace(before, reason=reason, times=before.times + 1)
        if trouble.times >= _TELL_TROUBLE_AFTER and not trouble.told:
            report = self._report("high", "Holdfast keeps trying", reason)
            self._announce(report, Stage.FAILED, NoticeKind.CANNOT_OBSERVE)
            trouble = replace(trouble, told=True)
        self._remember(trouble=trouble)
        return trouble.times

    def blind(self, reason: str) -> None:
        """The server cannot be read and a person has to know, once."""
        if "observe|" in self.memory.told:
            return
        report = self._report("high", "the server could not be read; the next sweep looks again", reason)
        self._announce(report, Stage.FAILED, NoticeKind.CANNOT_OBSERVE)
        self._remember(told={**self.memory.told, "observe|": reason})

    def gone(self, reason: str) -> None:
        """The server does not exist any more: close what was open and forget the rest."""
        if self.open is not None:
            self.gave_up(self.open, "the server was deleted before the fix was proven")
        elif self.memory != Memory():
            self._write(
                scribe.entry(
                    self._report("low", "the server does not exist any more", reason), 0, Stage.RESOLVED, self._clock()
                )
            )
        self.memory = Memory()

    # -- remembering ----------------------------------------------------------------------------------------------

    def learn(self, state: State, judges: Sequence[Judge]) -> None:
        """Keep the good values of this look, and forget old failures of controls that hold again."""
        drifting = {judge.id for judge in judges if judge.drifts(state)}
        judged = {judge.id for judge in judges}
        told = {
            key: value
            for key, value in self.memory.told.items()
            if not (key == "observe|" or (key.startswith("failed|") and _mended(key, judged, drifting)))
        }
        self.memory = learn(replace(self.memory, trouble=None, told=told), state, judges)

    def _opened(self, act: Sequence[Decided], changes: tuple[Change, ...]) -> Remediation:
        at = self._clock()
        report = scribe.report(new_id(at), self._target, at, self._catalogue, act, self._triggers, changes)
        self._write(scribe.entry(report, 0, Stage.INTENDED, at))
        return Remediation(report.record, _controls(act), changes, report, at, entries=1, attempts=1)

    def _continued(self, opened: Remediation, act: Sequence[Decided], changes: tuple[Change, ...]) -> Remediation:
        known = {change.setting for change in opened.changes}
        return replace(
            opened,
            controls=tuple(sorted({*opened.controls, *_controls(act)})),
            changes=(*opened.changes, *(change for change in changes if change.setting not in known)),
            attempts=opened.attempts + 1,
            operations=(),
        )

    def _close(
        self, remediation: Remediation, report: Report, stage: Stage, kind: NoticeKind, quiet: bool = False
    ) -> None:
        at, number = self._clock(), remediation.entries
        self._write(
            scribe.entry(report, number, stage, at, report.error), scribe.notice(report, kind, at, number, quiet)
        )
        self._remember(open=None, closed=(*self.memory.closed, remediation.id)[-_REMEMBERED_ECHOES:])

    def _report(self, severity: str, outcome: str, error: str = "") -> Report:
        at = self._clock()
        trigger = self._triggers[-1] if self._triggers else None
        return Report(new_id(at), self._target.id, severity, at, trigger, outcome=outcome, error=error)

    def _announce(self, report: Report, stage: Stage, kind: NoticeKind, quiet: bool = False) -> None:
        at = self._clock()
        self._write(scribe.entry(report, 0, stage, at, report.error), scribe.notice(report, kind, at, 0, quiet))

    def _write(self, entry: Entry, *notices: Notice) -> None:
        self._entries = (*self._entries, entry)
        self._notices = (*self._notices, *notices)

    def _remember(self, **changes: object) -> None:
        self.memory = replace(self.memory, **changes)  # type: ignore[arg-type]  # names are checked by replace itself


def _controls(act: Sequence[Decided]) -> tuple[str, ...]:
    return tuple(sorted({drift.control for drift, _ in act}))


def _mended(key: str, judged: set[str], drifting: set[str]) -> bool:
    controls = set(key.split("|")[1:])
    return controls <= judged and not controls & drifting
