"""May we? One small pure function per reason, asked in order; the first that answers decides.

Each answer carries its own sentence, which is shown wherever the decision is: record, notification, page, command line.
A step can only say no, or "not like this". Writing is what is left when none of them has spoken, so no order of the
steps, and no consent, turns a no into a yes.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from shared.control import Change, Control, Disposition, Drift, LastGood, Risk
from shared.memory import Acceptance, Assent, Consent, Denial, Waiting
from shared.orders import Exemption, Hold, Orders, exemption_for
from shared.plan import Judge, Plan
from shared.policy import Breaker, Mode, Rule
from shared.ports import Waiver
from shared.scope import Place
from shared.state import Setting, State, Value


class Verb(StrEnum):
    """What is done about a drift."""

    RECORD = "record"
    TELL = "tell"
    ASK = "ask"
    WAIT = "wait"
    HOLD = "hold"
    ACT = "act"


@dataclass(frozen=True, slots=True)
class Decision:
    """What is done about one drift, and why.

    `until` is when it has to be decided anew without any event. `trips` says that the breaker has to place a hold.
    `known` says that people have heard the reason elsewhere. `consent` is the id of what somebody agreed to. `where` is
    the policy's line that set the mode.
    """

    verb: Verb
    reason: str
    until: datetime | None = None
    trips: bool = False
    known: bool = False
    consent: str = ""
    where: str = field(default="", compare=False)


type Decided = tuple[Drift, Decision]
type Step = Callable[["Question"], Decision | None]
"""One reason: it says no, or nothing."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Everything outside the server's state that bears on whether it may be changed at `at`.

    `break_glass_until` is set while somebody works on the server in an emergency. `accepted` are values that trusted
    identities set; `unconfirmed` the moments until which a claim to be such an identity may still be confirmed, and
    `claimed` since when it is made.
    `denials` go by a change's key, `waiting` by `control|setting`, `fixes` counts by control. `remark` is added to what
    is said about acting, now or later.
    """

    place: Place
    at: datetime
    orders: Orders = field(default_factory=Orders)
    exemptions: tuple[Exemption, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    break_glass_until: datetime | None = None
    ours: frozenset[Setting] = frozenset()
    accepted: Mapping[Setting, Acceptance] = field(default_factory=dict)
    unconfirmed: Mapping[Setting, datetime] = field(default_factory=dict)
    claimed: Mapping[Setting, datetime] = field(default_factory=dict)
    consents: tuple[Consent, ...] = ()
    denials: Mapping[str, Denial] = field(default_factory=dict)
    waiting: Mapping[str, Waiting] = field(default_factory=dict)
    fixes: Mapping[str, int] = field(default_factory=dict)
    breaker: Breaker = field(default_factory=Breaker)
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """One drift with everything that bears on whether it may be mended."""

    control: Control
    drift: Drift
    fresh: bool
    rule: Rule
    changes: tuple[Change, ...]
    refusal: str
    place: Place
    at: datetime
    exemption: Exemption | None = None
    waiver: Waiver | None = None
    break_glass_until: datetime | None = None
    ours: bool = False
    acceptance: Acceptance | None = None
    unconfirmed_until: datetime | None = None
    hold: Hold | None = None
    consent: Consent | None = None
    denial: Denial | None = None
    waits_since: datetime | None = None
    fixed: int = 0
    breaker: Breaker = field(default_factory=Breaker)
    remark: str = ""

    @property
    def mode(self) -> Mode:
        """The mode that holds for this drift."""
        return self.rule.fresh if self.fresh else self.rule.first_sight

    @property
    def due_at(self) -> datetime | None:
        """When a drift that the policy gives time is put back."""
        delay = self.rule.delay
        return None if delay is None else (self.waits_since or self.at) + timedelta(hours=delay.hours)


def decide(question: Question, steps: Sequence[Step] | None = None) -> Decision:
    """Answer the question. Without an answer from any step the change may be made."""
    remark = f"; {question.remark}" if question.remark else ""
    decision = _answer(question, STEPS if steps is None else steps)
    if decision is not None and decision.verb in (Verb.ASK, Verb.WAIT):
        return replace(decision, reason=decision.reason + remark)
    if decision is not None:
        return decision
    if question.consent is not None:
        consent = question.consent
        return Decision(Verb.ACT, f"{consent.how} by {consent.by}{remark}", consent=consent.id)
    if question.rule.said:
        return Decision(Verb.ACT, f"{question.rule.said}{remark}")
    return Decision(Verb.ACT, f"the policy says enforce for {question.control.id}{remark}")


def _answer(question: Question, steps: Sequence[Step]) -> Decision | None:
    return next((decision for step in steps if (decision := step(question)) is not None), None)


def decide_all(
    state: State, judges: Sequence[Judge], plan: Plan, last_good: LastGood, circumstances: Circumstances
) -> list[Decided]:
    """Decide about every drift the judges find in the state."""
    found = state.settings()
    return [
        (
            drift,
            replace(
                decide(_question(judge, drift, _found(judge, state, found), plan, last_good, circumstances)),
                where=judge.rule.where,
            ),
        )
        for judge in judges
        for drift in judge.drifts(state)
    ]


def silent(state: State, judges: Sequence[Judge], last_good: LastGood, circumstances: Circumstances) -> frozenset[str]:
    """The drifts, by key, that nothing is done about whatever the plan is: what they ask for goes into no change."""
    found, nothing = state.settings(), Plan()
    return frozenset(
        drift.key
        for judge in judges
        for drift in judge.drifts(state)
        if _answer(
            _question(judge, drift, _found(judge, state, found), nothing, last_good, circumstances), BEFORE_PLANNING
        )
        is not None
    )


def in_force(consents: Iterable[Consent], plan: Plan) -> list[Consent]:
    """The consents whose every change is still planned exactly so; of what was begun, a part may be done already."""
    planned = {change.key for change in plan.changes}
    return [consent for consent in consents if consent.begun or {change.key for change in consent.changes} <= planned]


def waiver_for(waivers: Iterable[Waiver], control: Control, at: datetime) -> Waiver | None:
    """The Azure Policy exemption that holds for the control at this moment."""
    given = list(waivers)
    if not given:
        return None
    # A large table that few passes need.
    from shared.standards import frameworks

    definitions = {guid.lower() for guid in frameworks(control).get("azure-policy", ())}
    for waiver in given:
        if definitions & waiver.definitions and (waiver.expires_at is None or at < waiver.expires_at):
            return waiver
    return None


def _found(judge: Judge, state: State, found: Mapping[Setting, Value]) -> Mapping[Setting, Value]:
    """The settings as the judge sees them."""
    return judge.seen(state).settings() if judge.aside else found


def _plain(value: Value) -> object:
    return sorted(value.items()) if isinstance(value, Mapping) else value


def _question(
    judge: Judge,
    drift: Drift,
    found: Mapping[Setting, Value],
    plan: Plan,
    last_good: LastGood,
    given: Circumstances,
) -> Question:
    control = judge.remediator.control
    changes = plan.only(drift.settings).changes
    waits = given.waiting.get(drift.key)
    return Question(
        control=control,
        drift=drift,
        fresh=any(last_good.changed_since(setting, found.get(setting)) for setting in drift.settings),
        rule=judge.rule,
        changes=changes,
        refusal=plan.refusals.get(drift.setting, "") or plan.later.get(drift.key, ""),
        place=given.place,
        at=given.at,
        exemption=exemption_for(given.exemptions, given.place, control.id, given.at),
        waiver=waiver_for(given.waivers, control, given.at),
        break_glass_until=given.break_glass_until,
        ours=drift.setting in given.ours,
        acceptance=_acceptance(given.accepted, drift, found),
        unconfirmed_until=given.unconfirmed.get(drift.setting),
        hold=given.orders.hold(given.place, control.id),
        consent=_consent(in_force(given.consents, plan), changes),
        denial=_denial(given.denials, changes),
        waits_since=waits.since if waits else None,
        fixed=max((given.fixes.get(one, 0) for one in judge.measures or (control.id,)), default=0),
        breaker=given.breaker,
        remark=given.remark,
    )


def _acceptance(
    accepted: Mapping[Setting, Acceptance], drift: Drift, found: Mapping[Setting, Value]
) -> Acceptance | None:
    """The acceptance of the drift's own setting, as long as its value is the accepted one."""
    acceptance = accepted.get(drift.setting)
    if acceptance is None or _plain(acceptance.value) != _plain(found.get(drift.setting)):
        return None
    return acceptance


def _consent(consents: Sequence[Consent], changes: Sequence[Change]) -> Consent | None:
    wanted = {change.key for change in changes}
    for consent in consents:
        if wanted and wanted <= {change.key for change in consent.changes}:
            return consent
    return None


def _denial(denials: Mapping[str, Denial], changes: Sequence[Change]) -> Denial | None:
    """The latest denial, where every one of the changes was denied."""
    found = [denials[change.key] for change in changes if change.key in denials]
    return max(found, key=lambda denial: denial.at) if found and len(found) == len(changes) else None


# -- the steps ----------------------------------------------------------------------------------------------------


def _exempt(question: Question) -> Decision | None:
    exemption = question.exemption
    if exemption is None:
        return None
    ticket = f", {exemption.ticket}" if exemption.ticket else ""
    reason = f"exempt until {_moment(exemption.expires_at)} ({exemption.owner}{ticket}): {exemption.reason}"
    return Decision(Verb.RECORD, reason, exemption.expires_at)


def _waived(question: Question) -> Decision | None:
    waiver = question.waiver
    if waiver is None:
        return None
    ends = f" until {_moment(waiver.expires_at)}" if waiver.expires_at else ""
    return Decision(Verb.RECORD, f"exempt{ends} by the Azure Policy exemption {waiver.name}", waiver.expires_at)


def _break_glass(question: Question) -> Decision | None:
    until = question.break_glass_until
    if until is None:
        return None
    return Decision(Verb.TELL, f"a break-glass tag stands on the server until {_moment(until)}", until)


def _own_change(question: Question) -> Decision | None:
    if not question.ours or question.rule.said:
        return None
    return Decision(Verb.TELL, "Holdfast's own identity made this change, which is confirmed; it only verifies those")


def _trusted(question: Question) -> Decision | None:
    if question.rule.said:
        # Whoever made it: an alert says that it serves an attacker now.
        return None
    acceptance = question.acceptance
    if acceptance is not None:
        return Decision(Verb.RECORD, acceptance.reason)
    until = question.unconfirmed_until
    if until is not None and question.at < until:
        text = "a trusted identity is said to have made this change; the activity log is waited for, to confirm it"
        return Decision(Verb.RECORD, text, until)
    return None


def _observing(question: Question) -> Decision | None:
    if question.consent is not None and question.consent.how is Assent.ASKED_FOR:
        return None
    if question.rule.said and question.mode.rank < Mode.APPROVE.rank:
        return Decision(Verb.TELL if question.mode is Mode.NOTIFY else Verb.RECORD, question.rule.said)
    since = "it held before" if question.fresh else "first seen like this, no earlier good value is known"
    # What a person has to mend was nobody's setting before.
    more = "" if question.drift.person else f" ({since})"
    match question.mode:
        case Mode.OFF | Mode.AUDIT:
            return Decision(Verb.RECORD, f"the policy says {question.mode}{more}")
        case Mode.NOTIFY:
            return Decision(Verb.TELL, f"the policy says notify{more}")
        case Mode.APPROVE | Mode.ENFORCE:
            return None


def _for_a_person(question: Question) -> Decision | None:
    # Before planning: another control's change of the same setting is no answer to it.
    if not question.drift.person:
        return None
    return Decision(Verb.TELL, "no write can mend it, a person has to")


def _refused(question: Question) -> Decision | None:
    if question.refusal:
        return Decision(Verb.TELL, question.refusal)
    if not question.changes:
        return Decision(Verb.TELL, "no change of this server's settings would mend it")
    return None


def _held(question: Question) -> Decision | None:
    hold = question.hold
    if hold is None:
        return None
    # Who holds more than one server has told so; nobody needs a message for each.
    wide = hold.scope != question.place.target.id.lower()
    return Decision(Verb.HOLD, f"held by {hold.by}: {hold.reason}", known=wide)


def _denied(question: Question) -> Decision | None:
    denial = question.denial
    if denial is None or question.consent is not None:
        return None
    said = f": {denial.reason}" if denial.reason else ""
    return Decision(Verb.RECORD, f"not approved by {denial.by} at {_moment(denial.at)}{said}")


def _needs_a_person(question: Question) -> Decision | None:
    if question.mode is not Mode.APPROVE or question.consent is not None:
        return None
    if question.rule.said:
        return Decision(Verb.ASK, question.rule.said)
    asks = question.control.fresh if question.fresh else question.control.first_sight
    said_so = question.rule.named and question.rule.fresh is Mode.APPROVE
    if said_so or asks is not Disposition.APPROVAL:
        return Decision(Verb.ASK, "the policy says approve")
    since = "" if question.fresh else " at first sight"
    return Decision(Verb.ASK, f"the catalogue asks for a person before this control is mended{since}")


_ALWAYS_ASK = {
    Risk.CUTS_ONLY_DOOR: "it would close the only way into the server",
    Risk.ENDS_RECORDING: "it would end the sending of logs",
    Risk.NEEDS_RESTART: "it needs a restart of the server",
    Risk.WIDENS_ACCESS: "it would let more in than now",
    Risk.IRREVERSIBLE: "it cannot be taken back",
}


def _too_risky(question: Question) -> Decision | None:
    if question.consent is not None:
        return None
    for change in question.changes:
        if change.risk in _ALWAYS_ASK:
            return Decision(Verb.ASK, f"a person has to approve it: {_ALWAYS_ASK[change.risk]}")
    return None


def _delayed(question: Question) -> Decision | None:
    due = question.due_at
    if due is None or question.at >= due or question.consent is not None:
        return None
    return Decision(Verb.WAIT, f"it is put back at {_moment(due)} unless it is exempted or mended before", due)


def _fought_over(question: Question) -> Decision | None:
    breaker = question.breaker
    if not breaker.fixes or question.fixed < breaker.fixes:
        return None
    reason = (
        f"{question.control.id} was put back {question.fixed} times within {breaker.minutes:g} minutes and drifts"
        " again: somebody, or something, fights back"
    )
    return Decision(Verb.HOLD, reason, trips=True)


# What is said of a drift whatever the plan is.
BEFORE_PLANNING: tuple[Step, ...] = (_exempt, _waived, _break_glass, _own_change, _trusted, _observing, _for_a_person)
STEPS: tuple[Step, ...] = (
    *BEFORE_PLANNING,
    _refused,
    _held,
    _denied,
    _needs_a_person,
    _too_risky,
    _delayed,
    _fought_over,
)


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
