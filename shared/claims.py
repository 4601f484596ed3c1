"""Who really made a change: a claim in an event counts for less being done only where Azure itself bears it out.

Whose claims count, and why: docs/decisions/0004-whose-claims-count.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.control import Drift
from shared.decide import Circumstances
from shared.journal import Trigger
from shared.memory import Acceptance
from shared.policy import Policy, Trusted
from shared.ports import Arm
from shared.scene import Scene
from shared.scope import Place
from shared.scribe import blame
from shared.state import Setting, State
from shared.witnesses import Log, Witnesses, about, ids_of, is_resource, names, only, tells_of_a_write

# The activity log shows a write within minutes, at times within 20: an acceptance that rests on it is checked again.
_LOG_COMPLETE_AFTER = timedelta(minutes=30)
_ASK_LOG_AGAIN = timedelta(minutes=2)


async def still_accepted(arm: Arm, scene: Scene, state: State, at: datetime) -> Mapping[str, Acceptance]:
    """The acceptances, less those whose value is gone, that somebody's event contests, or that the log, now complete,
    does not bear out."""
    kept = dict(scene.memory.accepted)
    for text, acceptance in scene.memory.accepted.items():
        setting = Setting.parse(text)
        if _is_gone(state, setting, acceptance) or _contested(scene, setting, acceptance):
            del kept[text]
        elif not acceptance.final and acceptance.since is not None and at >= acceptance.at + _LOG_COMPLETE_AFTER:
            writers = await arm.writers(scene.target, setting.path(scene.target.kind), acceptance.since)
            if only(writers, frozenset(acceptance.ids), await arm.own_identity()):
                kept[text] = replace(acceptance, final=True)
            else:
                del kept[text]
    return kept


def recheck_at(acceptance: Acceptance) -> datetime | None:
    """When the log has to be asked again, if it has."""
    return None if acceptance.final else acceptance.at + _LOG_COMPLETE_AFTER


async def weighed(arm: Arm, scene: Scene, state: State, drifts: Sequence[Drift], known: Circumstances) -> Circumstances:
    """The circumstances with what is known about who made these drifts."""
    claims = _claims(scene, drifts, known)
    if not claims:
        return known
    own, log = await arm.own_identity(), Log(arm, scene)
    for claim in claims:
        if claim.trusted is not None:
            known = await _weigh_trusted(
                claim, claim.trusted, Witnesses(scene, log, claim.trusted.ids, own), state, known
            )
        elif names(claim.trigger, own) and await Witnesses(scene, log, own, own).proof(claim.drift.setting):
            known = replace(known, ours=known.ours | {claim.drift.setting})
    return known


def unconfirmed_triggers(triggers: Sequence[Trigger], known: Circumstances) -> list[Trigger]:
    """The triggers that say who made what is still to be confirmed: without them nobody would know whom to ask for."""
    children = {setting.path(known.place.target.kind) for setting in known.unconfirmed}
    return [trigger for trigger in triggers if trigger.child in children and trigger.actor is not None]


@dataclass(frozen=True, slots=True)
class _Claim:
    """Somebody whose changes we would treat differently is said to have made a drift. `trusted` None: ourselves."""

    drift: Drift
    trigger: Trigger
    trusted: Trusted | None


def _claims(scene: Scene, drifts: Sequence[Drift], known: Circumstances) -> list[_Claim]:
    last_good, claims = scene.memory.last_good(), []
    events = [trigger for trigger in scene.triggers if tells_of_a_write(trigger)]
    for drift in drifts:
        trigger = blame([drift], events)
        # Only what was good before and is not any more can be somebody's change, and only of a resource.
        if trigger is None or not last_good.knows(drift.setting) or not is_resource(drift.setting):
            continue
        trusted = _trusted(scene.policy, known.place, trigger)
        if trusted is not None or (trigger.actor and trigger.actor.kind != "user"):
            claims.append(_Claim(drift, trigger, trusted))
    return claims


def _trusted(policy: Policy, place: Place, trigger: Trigger) -> Trusted | None:
    """Who is trusted now and was when the change was made: an event's own moment is as good as its claims."""
    ids, moments = ids_of(trigger), (trigger.received_at, trigger.at)
    return next(
        (trusted for trusted in policy.trusted if all(trusted.may_change(ids, place, at) for at in moments)), None
    )


async def _weigh_trusted(
    claim: _Claim, trusted: Trusted, witnesses: Witnesses, state: State, known: Circumstances
) -> Circumstances:
    setting = claim.drift.setting
    how = await witnesses.proof(setting)
    if how:
        acceptance = _acceptance(witnesses.scene, claim, trusted, state, known.at, how)
        return replace(known, accepted={**known.accepted, setting: acceptance})
    since = _claimed_since(witnesses.scene, claim, known)
    if since is None:
        return known
    until = since + timedelta(minutes=trusted.patience_minutes)
    known = replace(known, claimed={**known.claimed, setting: since})
    if known.at >= until or await witnesses.contradict(setting):
        return known
    return replace(known, unconfirmed={**known.unconfirmed, setting: min(until, known.at + _ASK_LOG_AGAIN)})


def _claimed_since(scene: Scene, claim: _Claim, known: Circumstances) -> datetime | None:
    """Since when the drift is said to be a trusted identity's: the first such word counts, however many follow.

    Who says so of a drift that people have already heard of comes too late to have it waited for.
    """
    if claim.drift.setting in known.claimed:
        return known.claimed[claim.drift.setting]
    return None if claim.drift.key in scene.memory.told else claim.trigger.received_at


def _is_gone(state: State, setting: Setting, acceptance: Acceptance) -> bool:
    """Whether the accepted value does not stand any more; who sets it once more makes another change."""
    return setting.facet in state.facets() and state.value(setting) != acceptance.value


def _contested(scene: Scene, setting: Setting, acceptance: Acceptance) -> bool:
    """Whether an event says that somebody else wrote the resource after it was last good. A value is read when the pass
    runs, not when the event was made: the one accepted may be the other's, whose event was still on its way."""
    ids, since = frozenset(acceptance.ids), acceptance.since
    others = [trigger for trigger in about(scene, setting) if not names(trigger, ids)]
    return any(since is None or trigger.at > since for trigger in others)


def _acceptance(scene: Scene, claim: _Claim, trusted: Trusted, state: State, at: datetime, how: str) -> Acceptance:
    return Acceptance(
        value=state.value(claim.drift.setting),
        by=trusted.name,
        at=at,
        reason=f"changed by {trusted.name}, a trusted identity, confirmed by {how}",
        ids=tuple(sorted(trusted.ids)),
        since=scene.memory.good_at.get(str(claim.drift.setting.facet)),
        final=False,
    )
