"""The judges that answer security alerts for a while, beside those of the controls; and the settings they hold.

Each response is judged once for all alerts that it answers in the same way, so that one plan keeps all attackers out.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from ipaddress import IPv4Network
from typing import TYPE_CHECKING

from shared.control import Catalogue, Change, Control, Finding, Parameters
from shared.measure import Answer, Held, Measure
from shared.memory import Memory
from shared.plan import Judge
from shared.policy import Mode, Policy, Rule
from shared.scope import Place
from shared.select import judges_for
from shared.state import Setting, State
from shared.target import Kind

if TYPE_CHECKING:
    from shared.responses import Brief

_ALLOWLIST = "firewall-rule-allowlist"


def judges_here(
    catalogue: Catalogue, policy: Policy, place: Place, memory: Memory, asked: Collection[str] = ()
) -> tuple[Judge, ...]:
    """Every control that is not switched off here or that somebody `asked` for, and what answers alerts. The controls
    do not see what the answers have changed for a while."""
    controls = judges_for(catalogue, policy, place, asked)
    if not memory.answers and not memory.held:
        return controls
    aside = tuple(one.change for one in memory.held)
    allowed = _allowed(catalogue, policy, place)
    answers: list[Judge] = []
    for some in _alike(memory.measures, place.target.kind):
        answers.append(_besides(_judge(some, memory, allowed), answers))
    return (*(replace(judge, aside=aside) for judge in controls), *answers)


def cards_in_force(memory: Memory, kind: Kind) -> tuple[Control, ...]:
    """The cards of the measures that look at this server."""
    if not memory.answers:
        return ()
    from shared.responses import CARDS

    cards = (CARDS[name].control for name in dict.fromkeys(one.response for one in memory.measures))
    return tuple(card.on(kind) for card in cards if kind in card.kinds)


def with_responses(catalogue: Catalogue) -> Catalogue:
    """The catalogue with the cards of the responses: for who tells of both."""
    from shared.responses import CARDS

    return {**catalogue, **CARDS}


def with_measures(memory: Memory, *changed: Measure) -> Memory:
    """The memory with these measures as they are now."""
    now = {one.id: one for one in changed}
    answers = tuple(
        replace(answer, measures=tuple(now.get(one.id, one) for one in answer.measures)) for answer in memory.answers
    )
    return replace(memory, answers=answers)


def with_answer(memory: Memory, answer: Answer) -> Memory:
    """The memory with this answer as it is now."""
    return replace(memory, answers=tuple(answer if one.record == answer.record else one for one in memory.answers))


def alone(judge: Judge, measure: str) -> Judge:
    """The judge as far as it judges for this one of its measures."""
    brief = brief_of(judge)
    single = brief.model_copy(update={"attacks": (brief.attacks[judge.measures.index(measure)],)})
    rule = replace(judge.rule, parameters=single)
    return replace(judge, rule=rule, measures=(measure,))


def brief_of(judge: Judge) -> "Brief":
    """What the judge of a response is told."""
    from shared.responses import Brief

    if not isinstance(judge.rule.parameters, Brief):
        raise TypeError(f"{judge.id} answers no alert")
    return judge.rule.parameters


def held_with(held: Iterable[Held], changes: Iterable[tuple[Change, tuple[str, ...]]]) -> tuple[Held, ...]:
    """What is held after these changes by these measures: what stood there before the first of them stays known.

    Who changes what others hold holds all that they do: a rule that was split goes back as a whole.
    """
    found, given = {one.setting: one for one in held}, list(changes)
    for change, measures in given:
        joined = set(found[change.setting].measures) if change.setting in found else set()
        for one in [one for one in found.values() if joined & set(one.measures)]:
            found[one.setting] = replace(one, measures=tuple(dict.fromkeys((*one.measures, *measures))))
    for change, measures in given:
        before = found.get(change.setting)
        if before is None:
            found[change.setting] = Held(change.setting, change.before, change.after, measures)
        else:
            needed = tuple(dict.fromkeys((*before.measures, *measures)))
            found[change.setting] = replace(before, after=change.after, measures=needed)
    return tuple(one for one in found.values() if one.before != one.after)


def held_without(held: Iterable[Held], settings: Iterable[Setting]) -> tuple[Held, ...]:
    """What is held after somebody else has changed these settings."""
    gone = set(settings)
    return tuple(one for one in held if one.setting not in gone)


def _alike(measures: Sequence[Measure], kind: Kind) -> list[list[Measure]]:
    """The measures that one judge stands for: the same response, as far as it may go, with the same parameters."""
    groups: dict[tuple[str, str, str], list[Measure]] = {}
    for one in measures:
        if kind in _card(one.response).kinds:
            given = json.dumps(one.parameters, sort_keys=True, default=str)
            groups.setdefault((one.response, one.mode, given), []).append(one)
    return sorted(groups.values(), key=lambda some: -Mode(some[0].mode).rank)


def _besides(judge: Judge, above: Sequence[Judge]) -> Judge:
    """The judge of a response that may do less than the same response to other alerts: what those find is theirs."""
    others = [one for one in above if one.id == judge.id]
    if not others:
        return judge

    def detect(state: State, brief: Parameters) -> Finding:
        theirs = {drift.setting for one in others for drift in one.drifts(state)}
        finding = judge.remediator.detect(state, brief)
        mine = (drift for drift in finding if drift.setting not in theirs) if isinstance(finding, tuple) else ()
        return tuple(mine) if isinstance(finding, tuple) else finding

    return replace(judge, remediator=replace(judge.remediator, detect=detect))


def _judge(alike: Sequence[Measure], memory: Memory, allowed: tuple[IPv4Network, ...]) -> Judge:
    from shared.responses import RESPONSES, Brief, attack_of

    first, remediator = alike[0], RESPONSES[alike[0].response].remediator
    alerts = {answer.alert.id: answer.alert for answer in memory.answers}
    brief = Brief(
        attacks=tuple(attack_of(alerts[one.alert]) for one in alike),
        given=remediator.control.parameters.model_validate(first.parameters),
        allowed=allowed,
    )
    mode = Mode(first.mode)
    rule = Rule(mode, mode, brief, named=True, where=first.where, said=first.said)
    return Judge(remediator, rule, measures=tuple(one.id for one in alike))


def _allowed(catalogue: Catalogue, policy: Policy, place: Place) -> tuple[IPv4Network, ...]:
    """The networks inside which the policy lets any firewall rule be."""
    listed = catalogue.get(_ALLOWLIST)
    if listed is None:
        return ()
    found: tuple[IPv4Network, ...] = getattr(policy.rule(listed.control, place).parameters, "allowed_ranges", ())
    return found


@lru_cache
def _card(response: str) -> Control:
    from shared.responses import CARDS

    return CARDS[response].control
