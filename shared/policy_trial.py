"""What a policy would make of a server that somebody wrote down. The very step that decides about real servers."""

from collections.abc import Set
from dataclasses import dataclass, replace
from datetime import datetime

from shared.baseline import learn
from shared.circumstances import circumstances_at
from shared.control import Catalogue
from shared.deliberate import Outcome, deliberate
from shared.memory import Acceptance, Memory, Waiting
from shared.orders import Orders
from shared.plan import Judge
from shared.policy import Policy
from shared.policy_servers import StateSheet
from shared.scene import Scene
from shared.scope import Place
from shared.select import able, judges_for
from shared.state import State


@dataclass(frozen=True, slots=True)
class Situation:
    """A server as it is found at a moment. `known_good` None: it was never seen before.

    `actor` are the ids of who made the change, taken to be confirmed; `since` is when the drift was first told.
    """

    place: Place
    state: StateSheet
    at: datetime
    known_good: StateSheet | None = None
    actor: frozenset[str] = frozenset()
    since: datetime | None = None


def outcome_of(policy: Policy, catalogue: Catalogue, situation: Situation) -> Outcome:
    """What is wrong, what would mend it, and what is done."""
    state = situation.state.state(situation.place)
    judges = able(judges_for(catalogue, policy, situation.place), state.facets())
    memory = _memory(policy, situation, state, judges)
    scene = Scene(situation.place.target, policy, memory, ())
    state = replace(state, recalled=memory.last_good().values)
    circumstances = circumstances_at(scene, situation.place, Orders(), situation.at)
    return deliberate(state, judges, memory.last_good(), circumstances)


def _memory(policy: Policy, situation: Situation, state: State, judges: tuple[Judge, ...]) -> Memory:
    """What Holdfast would know of the server."""
    memory = Memory()
    if situation.known_good is not None:
        before = situation.known_good.over(situation.state).state(situation.place)
        memory = learn(memory, before, able(judges, before.facets()))
    state = replace(state, recalled=memory.last_good().values)
    drifts = [drift for judge in judges for drift in judge.drifts(state)]
    waiting = {drift.key: Waiting(situation.since) for drift in drifts if situation.since is not None}
    trusted = _trusted(policy, situation.actor, situation.place, situation.at)
    last_good = memory.last_good()
    accepted = {
        str(drift.setting): Acceptance(
            state.value(drift.setting), trusted, situation.at, f"changed by {trusted}, a trusted identity"
        )
        for drift in drifts
        if trusted and last_good.changed_since(drift.setting, state.value(drift.setting))
    }
    return replace(memory, waiting=waiting, accepted=accepted)


def _trusted(policy: Policy, ids: Set[str], place: Place, at: datetime) -> str:
    return next((trusted.name for trusted in policy.trusted if trusted.may_change(ids, place, at)), "")
