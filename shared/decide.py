"""May we? One small pure function per reason, asked in order; the first that answers decides.

Each answer carries its own sentence, which is shown wherever the decision is: record, notification, command line.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from shared.control import Change, Control, Disposition, Drift, LastGood, Risk
from shared.plan import Judge, Plan
from shared.policy import Mode, Rule
from shared.state import State


class Verb(StrEnum):
    """What is done about a drift."""

    RECORD = "record"
    TELL = "tell"
    ASK = "ask"
    ACT = "act"


@dataclass(frozen=True, slots=True)
class Decision:
    """What is done about one drift, and why."""

    verb: Verb
    reason: str


@dataclass(frozen=True, slots=True)
class Question:
    """One drift with everything that bears on whether it may be mended."""

    control: Control
    drift: Drift
    fresh: bool
    rule: Rule
    changes: tuple[Change, ...]
    refusal: str

    @property
    def mode(self) -> Mode:
        """The mode that holds for this drift."""
        return self.rule.fresh if self.fresh else self.rule.first_sight


def decide(question: Question) -> Decision:
    """Answer the question. Without an answer from any step the change may be made."""
    for step in _STEPS:
        decision = step(question)
        if decision is not None:
            return decision
    return Decision(Verb.ACT, f"the policy says enforce for {question.control.id}")


def decide_all(state: State, judges: Sequence[Judge], plan: Plan, last_good: LastGood) -> list[tuple[Drift, Decision]]:
    """Decide about every drift the judges find in the state."""
    found = state.settings()
    answers = []
    for judge in judges:
        for drift in judge.drifts(state):
            question = Question(
                control=judge.remediator.control,
                drift=drift,
                fresh=any(last_good.changed_since(setting, found.get(setting)) for setting in drift.settings),
                rule=judge.rule,
                changes=plan.only(drift.settings).changes,
                refusal=plan.refusals.get(drift.setting, ""),
            )
            answers.append((drift, decide(question)))
    return answers


def _observing(question: Question) -> Decision | None:
    since = "it held before" if question.fresh else "first seen like this, no earlier good value is known"
    match question.mode:
        case Mode.OFF | Mode.AUDIT:
            return Decision(Verb.RECORD, f"the policy says {question.mode} ({since})")
        case Mode.NOTIFY:
            return Decision(Verb.TELL, f"the policy says notify ({since})")
        case Mode.APPROVE | Mode.ENFORCE:
            return None


def _refused(question: Question) -> Decision | None:
    if question.refusal:
        return Decision(Verb.TELL, question.refusal)
    if not question.changes:
        return Decision(Verb.TELL, "no change of this server's settings would mend it")
    return None


def _needs_a_person(question: Question) -> Decision | None:
    if question.mode is not Mode.APPROVE:
        return None
    asks = question.control.fresh if question.fresh else question.control.first_sight
    said_so = question.rule.named and question.rule.fresh is Mode.APPROVE
    if said_so or asks is not Disposition.APPROVAL:
        return Decision(Verb.ASK, "the policy says approve")
    since = "" if question.fresh else " at first sight"
    return Decision(Verb.ASK, f"the catalogue asks for a person before this control is mended{since}")


_ALWAYS_ASK = {
    Risk.CUTS_ONLY_DOOR: "it would close the only way into the server",
    Risk.NEEDS_RESTART: "it needs a restart of the server",
    Risk.WIDENS_ACCESS: "it would let more in than now",
}


def _too_risky(question: Question) -> Decision | None:
    for change in question.changes:
        if change.risk in _ALWAYS_ASK:
            return Decision(Verb.ASK, f"a person has to approve it: {_ALWAYS_ASK[change.risk]}")
    return None


_STEPS = (_observing, _refused, _needs_a_person, _too_risky)
