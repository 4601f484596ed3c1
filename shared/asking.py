"""Plans that wait for a person: asked once, answered once, withdrawn when they are not the plan any more.

No I/O. `shared.approvals` is where people answer; here the pass over a server learns of it and writes it down.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from shared import scribe
from shared.approvals import Ruling, Verdict
from shared.control import Change
from shared.decide import Verb
from shared.deliberate import Outcome
from shared.journal import Actor, NoticeKind, Report, Stage, new_id
from shared.ledger import Ledger
from shared.memory import Approval, Assent, Consent, Denial, Purpose
from shared.plan import plan_digest
from shared.policy import AtExpiry
from shared.state import Setting

_REMEMBERED_DENIALS = 100


def asked(ledger: Ledger, report: Report, changes: tuple[Change, ...]) -> Report:
    """Have the plan wait for a person, under its record's id; the report says until when."""
    at = ledger.clock()
    until = at + timedelta(hours=ledger.policy.approvals.valid_hours)
    report = replace(report, outcome=f"{report.outcome}; {_waits(until)}", approval=report.record)
    approval = Approval(
        id=report.record,
        controls=tuple(sorted({line.control for line in report.findings})),
        changes=changes,
        digest=plan_digest(changes),
        report=report,
        asked_at=at,
        expires_at=until,
        caused_by=_cause(ledger, report),
    )
    ledger.remember(approvals=(*ledger.memory.approvals, approval))
    return report


def hear(ledger: Ledger, rulings: Sequence[tuple[Approval, Ruling | None]]) -> list[Consent]:
    """Take in what people have decided; the consents among it."""
    consents = []
    for approval, ruling in rulings:
        if ruling is None:
            continue
        if ruling.digest != approval.digest:
            _end(ledger, approval, "withdrawn: the decision was about another plan")
        elif ruling.verdict is Verdict.APPROVE:
            consents.append(Consent(approval.id, approval.changes, _named(ruling.by, ruling.reason), Assent.APPROVED))
        else:
            _deny(ledger, approval, ruling.by.name, ruling.reason, f"denied by {ruling.by.name}: {ruling.reason}")
    return consents


def ask_for_failover(ledger: Ledger, report: Report, changes: tuple[Change, ...], by: Actor) -> Report:
    """Have a failover wait for a person: with four eyes another one than who asked for it."""
    report = asked(ledger, report, changes)
    *others, approval = ledger.memory.approvals
    ledger.remember(approvals=(*others, replace(approval, caused_by=by, purpose=Purpose.PROMOTE)))
    ledger.announce(report, Stage.ASKED, NoticeKind.APPROVAL_NEEDED)
    return report


def failovers(ledger: Ledger) -> tuple[Approval, ...]:
    """The failovers that wait for a person."""
    return tuple(approval for approval in ledger.memory.approvals if approval.purpose is Purpose.PROMOTE)


def answered(ledger: Ledger, approval: Approval, text: str, quiet: bool = True) -> None:
    """A failover does not wait any more; the text says why."""
    _end(ledger, approval, text, quiet)


def _of_drifts(ledger: Ledger) -> tuple[Approval, ...]:
    return tuple(approval for approval in ledger.memory.approvals if approval.purpose is not Purpose.PROMOTE)


def close(ledger: Ledger, outcome: Outcome, consents: Sequence[Consent], spoken_of: Collection[str]) -> None:
    """End the approvals that are carried out now, and those whose plan is not the plan any more.

    `spoken_of` are the controls that the policy does not switch off here.
    """
    agreed = {consent.id: consent for consent in consents}
    for approval in _of_drifts(ledger):
        if approval.id in agreed:
            _answered(ledger, approval, agreed[approval.id], outcome)
        elif _is_moot(approval, outcome, spoken_of):
            _end(ledger, approval, "withdrawn: the server or the policy has changed, and this is not the plan any more")
    _forget_denials(ledger, outcome)


def expire(
    ledger: Ledger, consents: Sequence[Consent], outcome: Outcome | None = None, spoken_of: Collection[str] = ()
) -> None:
    """End the approvals whose time is over: that nobody has decided is a decision, too.

    Where the outcome of a look shows that nobody asks any more, they are left to be withdrawn.
    """
    agreed = {consent.id for consent in consents}
    for approval in _of_drifts(ledger):
        over = ledger.clock() >= approval.expires_at and approval.id not in agreed
        if over and not (outcome is not None and _is_moot(approval, outcome, spoken_of)):
            _expire(ledger, approval)


def ask_again(ledger: Ledger, drifts: Collection[str]) -> None:
    """End the approvals of which people were not told, so that they are asked anew. Drifts are `control|setting`."""
    for approval in ledger.memory.approvals:
        if {line.key for line in approval.report.findings} & set(drifts):
            _end(ledger, approval, "withdrawn: it is asked again, now that it does not change to and fro any more")


def withdraw(ledger: Ledger, why: str) -> None:
    """End all approvals."""
    for approval in ledger.memory.approvals:
        _end(ledger, approval, f"withdrawn: {why}")


def unmet(consents: Sequence[Consent], outcome: Outcome) -> dict[str, str]:
    """Why a person's request cannot be carried out, by its id."""
    carried_out = {change.key for change in outcome.carried_out.changes}
    return {
        consent.id: _obstacle(consent, outcome)
        for consent in consents
        if _asked_for(consent) and not {change.key for change in consent.changes} <= carried_out
    }


def _asked_for(consent: Consent) -> bool:
    return consent.how is Assent.ASKED_FOR and not consent.begun


def _cause(ledger: Ledger, report: Report) -> Actor | None:
    """Whose change is asked about: the first of its settings of which somebody is known to have changed it."""
    causes = ledger.memory.causes
    return next((causes[line.setting] for line in report.findings if line.setting in causes), None)


def _waits(until: datetime) -> str:
    return f"waits for a decision until {until:%Y-%m-%d %H:%M} UTC"


def _named(by: Actor, reason: str) -> str:
    return f"{by.name} ({reason})" if reason else by.name


def _is_moot(approval: Approval, outcome: Outcome, spoken_of: Collection[str]) -> bool:
    """Whether nobody asks for this plan any more, as far as this look could see."""
    controls = set(approval.controls)
    if not controls <= set(spoken_of):
        return True
    asked_for = {change.key for change in outcome.part(outcome.of(Verb.ASK)).changes}
    seen = controls <= {judge.id for judge in outcome.judges}
    return seen and not {change.key for change in approval.changes} <= asked_for


def _forget_denials(ledger: Ledger, outcome: Outcome) -> None:
    """A denial is about one change of one drift; the next drift like it is another one."""
    facets = {facet for judge in outcome.judges for facet in judge.remediator.control.facets}
    planned = {change.key for change in outcome.plan.changes}
    kept = {
        key: denial
        for key, denial in ledger.memory.denials.items()
        if key in planned or Setting.parse(denial.setting).facet not in facets
    }
    ledger.remember(denials=kept)


def _answered(ledger: Ledger, approval: Approval, consent: Consent, outcome: Outcome) -> None:
    carried_out = {change.key for change in outcome.carried_out.changes}
    if {change.key for change in approval.changes} <= carried_out:
        _end(ledger, approval, f"approved by {consent.by}, and carried out")
        return
    _end(ledger, approval, f"approved by {consent.by}, and not carried out: {_obstacle(consent, outcome)}", quiet=False)


def _obstacle(consent: Consent, outcome: Outcome) -> str:
    """The first reason that stands between a consent and its plan; that somebody is to be asked is none."""
    planned = {change.key for change in outcome.plan.changes}
    if not {change.key for change in consent.changes} <= planned:
        return "the server or the policy has changed since, and this is not the plan any more"
    settings = {change.setting for change in consent.changes}
    about = [decision for drift, decision in outcome.decided if settings & set(drift.settings)]
    reasons = [decision.reason for decision in about if decision.verb not in (Verb.ACT, Verb.ASK)]
    return reasons[0] if reasons else "a part of it would do harm by itself"


def _expire(ledger: Ledger, approval: Approval) -> None:
    hours = ledger.policy.approvals.valid_hours
    if ledger.policy.approvals.at_expiry is AtExpiry.ESCALATE and not approval.escalated:
        _escalate(ledger, approval, f"nobody has decided within {hours:g} hours")
        return
    _deny(ledger, approval, "nobody", "no decision in time", f"nobody has decided within {hours:g} hours: not done")


def _escalate(ledger: Ledger, approval: Approval, why: str) -> None:
    """Ask again, louder, with a link of its own; the old one is void."""
    at = ledger.clock()
    until = at + timedelta(hours=ledger.policy.approvals.valid_hours)
    record = new_id(at)
    report = replace(
        approval.report,
        record=record,
        approval=record,
        at=at,
        severity="critical",
        escalated=True,
        outcome=f"escalated, {why}; nothing was changed; {_waits(until)}",
    )
    _end(ledger, approval, f"{why}: escalated as {record}", forget=False)
    again = replace(approval, id=record, report=report, asked_at=at, expires_at=until, escalated=True)
    ledger.remember(approvals=(*ledger.memory.approvals, again))
    ledger.announce(report, Stage.ASKED, NoticeKind.APPROVAL_NEEDED)


def _deny(ledger: Ledger, approval: Approval, by: str, reason: str, text: str) -> None:
    at = ledger.clock()
    new = {change.key: Denial(by, at, reason, str(change.setting)) for change in approval.changes}
    denials = {**ledger.memory.denials, **new}
    newest = sorted(denials.items(), key=lambda item: item[1].at)[-_REMEMBERED_DENIALS:]
    ledger.remember(denials=dict(newest))
    _end(ledger, approval, text, quiet=False)


def _end(ledger: Ledger, approval: Approval, text: str, quiet: bool = True, forget: bool = True) -> None:
    """The approval waits no more; `forget` lets its drifts be told anew."""
    at = ledger.clock()
    report = replace(approval.report, outcome=text)
    notice = scribe.notice(report, NoticeKind.APPROVAL_ENDED, at, approval.entries, quiet)
    ledger.write(scribe.entry(report, approval.entries, Stage.DECIDED, at, text), notice)
    keys = {line.key for line in report.findings} if forget else set()
    ledger.remember(
        approvals=tuple(other for other in ledger.memory.approvals if other.id != approval.id),
        told={key: value for key, value in ledger.memory.told.items() if key not in keys},
    )
