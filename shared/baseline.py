"""Learning what "good" is: a setting that no control objected to becomes its last known good value."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from shared.control import Drift
from shared.memory import Memory
from shared.plan import Judge
from shared.state import Facet, Setting, State, Value


def learn(memory: Memory, state: State, judges: Iterable[Judge]) -> Memory:
    """The memory after this look.

    A setting under drift keeps its earlier good value. Where none is known, or where the known one is what is found
    (the policy is newer than the value), the setting is `standing`: nobody just changed it, so it is not put back as
    if somebody had. A setting that is only part of a finding about several is good unless it just changed. What answers
    an alert for a while is no good value, and whoever judges for it does not say what is.
    """
    judges = [judge for judge in judges if not judge.measures]
    state = judges[0].seen(state) if judges else state
    facets, drifts = _judged(state, judges)
    known = memory.last_good()
    found = {setting: value for setting, value in state.settings().items() if setting.facet in facets}
    flagged = {drift.setting for drift in drifts if not drift.parts}
    flagged |= {part for drift in drifts for part in drift.parts if known.changed_since(part, found.get(part))}
    values = {setting: value for setting, value in known.values.items() if setting.facet not in facets}
    standing = {setting for setting in known.standing if setting.facet not in facets}
    for setting in flagged:
        if known.changed_since(setting, found.get(setting)):
            values |= _kept(known.values, setting)
        else:
            standing.add(setting)
    values |= {setting: value for setting, value in found.items() if setting not in flagged}
    return replace(
        memory,
        values={str(setting): values[setting] for setting in sorted(values)},
        seen=tuple(sorted({*memory.seen, *map(str, facets)})),
        standing=tuple(map(str, sorted(standing))),
    )


def _judged(state: State, judges: Iterable[Judge]) -> tuple[frozenset[Facet], list[Drift]]:
    facets: set[Facet] = set()
    drifts: list[Drift] = []
    for judge in judges:
        finding = judge.find(state)
        if isinstance(finding, tuple):
            facets |= set(judge.remediator.control.facets)
            drifts += finding
    return frozenset(facets) & state.facets(), drifts


def _kept(values: Mapping[Setting, Value], setting: Setting) -> dict[Setting, Value]:
    return {setting: values[setting]} if setting in values else {}
