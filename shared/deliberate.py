"""From what was read to what is done: the plan, and a decision about every drift. Pure: data in, data out.

The engine, the dry run, the policy's own test cases and the comparison of two policies all come through here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from shared.control import Change, LastGood
from shared.decide import Circumstances, Decided, Verb, decide_all, silent
from shared.memory import Consent
from shared.plan import Judge, Plan, checked, make_plan, simulate, without_orphans
from shared.state import State


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is wrong, what would mend it, and what is done about each drift."""

    state: State
    judges: tuple[Judge, ...]
    plan: Plan
    decided: tuple[Decided, ...]

    def of(self, *verbs: Verb) -> list[Decided]:
        """The drifts with one of these decisions."""
        return [pair for pair in self.decided if pair[1].verb in verbs]

    @property
    def carried_out(self) -> Plan:
        """The part of the plan that is carried out."""
        return self.part(self.of(Verb.ACT))

    def part(self, decided: Iterable[Decided]) -> Plan:
        """The part of the plan that is about these drifts; nothing of it mends what only a person can."""
        return self.plan.only(setting for drift, _ in decided if not drift.person for setting in drift.settings)

    def left_over(self) -> list[Decided]:
        """The drifts that are not mended, less those that go away with what is."""
        after = simulate(self.state, self.carried_out.changes)
        left = {(drift.control, drift.setting) for judge in self.judges for drift in judge.drifts(after)}
        rest = [pair for pair in self.decided if pair[1].verb is not Verb.ACT]
        return [(drift, decision) for drift, decision in rest if (drift.control, drift.setting) in left]


def deliberate(state: State, judges: Sequence[Judge], last_good: LastGood, circumstances: Circumstances) -> Outcome:
    """Plan and decide. A part of a plan that would do harm by itself is not carried out.

    What a person agreed to is carried out whole: a consent of which something is in the way counts for nothing.
    """
    plan = make_plan(state, judges, last_good, silent(state, judges, last_good, circumstances))
    while True:
        outcome = _harmless(state, judges, plan, last_good, circumstances)
        halves = _halves(outcome, circumstances.consents)
        if not halves:
            return outcome
        whole = tuple(consent for consent in circumstances.consents if consent not in halves)
        circumstances = replace(circumstances, consents=whole)


def _harmless(
    state: State, judges: Sequence[Judge], plan: Plan, last_good: LastGood, circumstances: Circumstances
) -> Outcome:
    decided = decide_all(state, judges, plan, last_good, circumstances)
    outcome = Outcome(state, tuple(judges), plan, tuple(decided))
    part = outcome.carried_out
    alone = checked(state, part, judges)
    if alone == part:
        return outcome
    rest = without_orphans(
        replace(plan, changes=tuple(one for one in plan.changes if one not in part.changes), refusals=alone.refusals)
    )
    again = decide_all(state, judges, rest, last_good, circumstances)
    # What was not to be done with the whole plan is not done with a part of it either.
    cautious = [
        (drift, old if new.verb is Verb.ACT and old.verb is not Verb.ACT else new)
        for (drift, old), (_, new) in zip(decided, again, strict=True)
    ]
    return Outcome(state, tuple(judges), rest, tuple(cautious))


def _halves(outcome: Outcome, consents: Iterable[Consent]) -> list[Consent]:
    """The consents that something is done with, and something that belongs to it is not."""
    used = {decision.consent for _, decision in outcome.of(Verb.ACT)}
    carried_out = {change.key for change in outcome.carried_out.changes}
    return [
        consent
        for consent in consents
        if consent.id in used and not {change.key for change in _left_of(consent, outcome.state)} <= carried_out
    ]


def _left_of(consent: Consent, state: State) -> list[Change]:
    """What is still to be done; of what was begun, a part may be."""
    return [one for one in consent.changes if not (consent.begun and state.value(one.setting) == one.after)]
