"""From what was read to what is done: the plan, and a decision about every drift. Pure: data in, data out.

The engine, the dry run, the policy's own test cases and the comparison of two policies all come through here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shared.control import LastGood
from shared.decide import Circumstances, Decided, Verb, decide_all
from shared.plan import Judge, Plan, checked, make_plan, simulate
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
        """The part of the plan that is about these drifts."""
        return self.plan.only(setting for drift, _ in decided for setting in drift.settings)

    def left_over(self) -> list[Decided]:
        """The drifts that are not mended, less those that go away with what is."""
        after = simulate(self.state, self.carried_out.changes)
        left = {(drift.control, drift.setting) for judge in self.judges for drift in judge.drifts(after)}
        rest = [pair for pair in self.decided if pair[1].verb is not Verb.ACT]
        return [(drift, decision) for drift, decision in rest if (drift.control, drift.setting) in left]


def deliberate(state: State, judges: Sequence[Judge], last_good: LastGood, circumstances: Circumstances) -> Outcome:
    """Plan and decide. A part of a plan that would do harm by itself is not carried out."""
    plan = make_plan(state, judges, last_good)
    decided = decide_all(state, judges, plan, last_good, circumstances)
    outcome = Outcome(state, tuple(judges), plan, tuple(decided))
    part = outcome.carried_out
    alone = checked(state, part, judges)
    if alone == part:
        return outcome
    kept = tuple(change for change in plan.changes if change not in part.changes)
    plan = Plan(kept, alone.refusals)
    return Outcome(state, tuple(judges), plan, tuple(decide_all(state, judges, plan, last_good, circumstances)))
