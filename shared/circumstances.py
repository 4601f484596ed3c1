"""Everything outside a server's state that a decision needs: orders, exemptions, tags, who really made a change.

Asked for as late and as little as possible: most passes find nothing, and then none of it matters. What cannot be
found out raises, and then nothing is written. Whose claims count: docs/decisions/0004-whose-claims-count.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from shared.control import Drift
from shared.decide import Circumstances, Decided, Verb
from shared.journal import Trigger
from shared.memory import Acceptance, Consent, Memory
from shared.orders import Orders
from shared.policy import Policy, Trusted
from shared.ports import Arm
from shared.scope import MANAGEMENT_GROUP, Place
from shared.scribe import blame
from shared.state import SERVER, Setting, SettingKind, State
from shared.target import Target

# The activity log shows a write within minutes, at times within 20: an acceptance that rests on it is checked again.
_LOG_COMPLETE_AFTER = timedelta(minutes=30)
_ASK_LOG_AGAIN = timedelta(minutes=2)
_WOULD_WRITE = (Verb.ACT, Verb.ASK, Verb.WAIT)


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a pass takes place, and what has been heard there."""

    target: Target
    policy: Policy
    memory: Memory
    triggers: Sequence[Trigger]
    consents: tuple[Consent, ...] = ()


async def place_of(arm: Arm, scene: Scene, state: State) -> Place:
    """The server with its tags and management groups, as far as the policy asks for them."""
    groups = await arm.management_groups(scene.target.subscription) if scene.policy.needs_management_groups else ()
    return Place(scene.target, state.server.tags if state.server else {}, groups)


async def place_under(arm: Arm, policy: Policy, place: Place, orders: Orders) -> Place:
    """The place with what standing orders ask about it besides: a hold that nobody can place would stop nothing."""
    scopes = {hold.scope for hold in orders.holds} | {exemption.scope for exemption in orders.exemptions}
    asks_for_groups = any(scope.startswith(MANAGEMENT_GROUP) for scope in scopes)
    if asks_for_groups and not policy.needs_management_groups and not place.management_groups:
        place = replace(place, management_groups=await arm.management_groups(place.target.subscription))
    asks_for_tags = any(exemption.tags for exemption in orders.exemptions)
    if asks_for_tags and not policy.needs_tags and not place.tags:
        state = await arm.observe(place.target, [SERVER])
        place = replace(place, tags=state.server.tags if state.server else {})
    return place


def circumstances_at(scene: Scene, place: Place, orders: Orders, at: datetime) -> Circumstances:
    """The circumstances, as far as nobody has to be asked for them."""
    memory, policy = scene.memory, scene.policy
    since = at - timedelta(minutes=policy.breaker.minutes)
    fixes = [control for control, moment in memory.fixes if moment > since]
    until, remark = break_glass(policy, place, at)
    return Circumstances(
        place=place,
        at=at,
        orders=orders,
        exemptions=(*policy.exemptions, *orders.exemptions),
        break_glass_until=until,
        accepted={Setting.parse(text): acceptance for text, acceptance in memory.accepted.items()},
        consents=scene.consents,
        denials=memory.denials,
        waiting=memory.waiting,
        fixes={control: fixes.count(control) for control in fixes},
        breaker=policy.breaker,
        remark=remark,
    )


async def asked_about(
    arm: Arm, scene: Scene, state: State, decided: Sequence[Decided], known: Circumstances
) -> Circumstances:
    """The circumstances with what only Azure can tell, for the drifts that would be mended otherwise."""
    drifts = [drift for drift, decision in decided if decision.verb in _WOULD_WRITE]
    if drifts and scene.policy.exempting.azure_policy:
        known = replace(known, waivers=await arm.waivers(scene.target))
    claims = _claims(scene, drifts, known)
    if not claims:
        return known
    return await _confirmed(arm, scene, state, claims, known)


async def still_accepted(arm: Arm, scene: Scene, at: datetime) -> Mapping[str, Acceptance]:
    """The acceptances, less those that somebody's event contests or that the log, now complete, does not bear out."""
    kept = dict(scene.memory.accepted)
    for text, acceptance in scene.memory.accepted.items():
        if _contested(scene, Setting.parse(text), acceptance):
            del kept[text]
            continue
        if acceptance.final or acceptance.since is None or at < acceptance.at + _LOG_COMPLETE_AFTER:
            continue
        writers = await arm.writers(scene.target, _child(Setting.parse(text)), acceptance.since)
        if _only(writers, frozenset(acceptance.ids)):
            kept[text] = replace(acceptance, final=True)
        else:
            del kept[text]
    return kept


def _contested(scene: Scene, setting: Setting, acceptance: Acceptance) -> bool:
    """Whether an event says that somebody else wrote the resource after it was last good. A value is read when the pass
    runs, not when the event was made: the one accepted may be the other's, whose event was still on its way."""
    ids, since = frozenset(acceptance.ids), acceptance.since
    others = [trigger for trigger in _about(scene, setting) if not _names(trigger, ids)]
    return any(since is None or trigger.at > since for trigger in others)


def recheck_at(acceptance: Acceptance) -> datetime | None:
    """When the log has to be asked again, if it has."""
    return None if acceptance.final else acceptance.at + _LOG_COMPLETE_AFTER


# -- who made it --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Claim:
    """Somebody whose changes we would treat differently is said to have made a drift. `trusted` None: ourselves."""

    drift: Drift
    trigger: Trigger
    trusted: Trusted | None


def _claims(scene: Scene, drifts: Sequence[Drift], known: Circumstances) -> list[_Claim]:
    last_good, claims = scene.memory.last_good(), []
    for drift in drifts:
        trigger = blame([drift], scene.triggers)
        # Only what was good before and is not any more can be somebody's change, and only of a resource.
        if trigger is None or trigger.actor is None or not last_good.knows(drift.setting):
            continue
        if not _is_resource(drift.setting):
            continue
        trusted = _trusted(scene.policy, known.place, trigger)
        if trusted is not None or _may_be_ours(trigger):
            claims.append(_Claim(drift, trigger, trusted))
    return claims


def _trusted(policy: Policy, place: Place, trigger: Trigger) -> Trusted | None:
    ids = _ids(trigger)
    return next((trusted for trusted in policy.trusted if trusted.may_change(ids, place, trigger.received_at)), None)


def _may_be_ours(trigger: Trigger) -> bool:
    actor = trigger.actor
    return actor is not None and actor.kind != "user"


async def _confirmed(
    arm: Arm, scene: Scene, state: State, claims: Sequence[_Claim], known: Circumstances
) -> Circumstances:
    own, log = await arm.own_identity(), _Log(arm, scene)
    accepted, ours, unconfirmed = dict(known.accepted), set(known.ours), dict(known.unconfirmed)
    for claim in claims:
        setting = claim.drift.setting
        if claim.trusted is None and not _names(claim.trigger, own):
            continue
        ids = claim.trusted.ids if claim.trusted else own
        how = await _proof(log, scene, claim, ids)
        if not how:
            patience = timedelta(minutes=claim.trusted.patience_minutes if claim.trusted else 0)
            waits = known.at < claim.trigger.received_at + patience
            if waits and not await _contradicted(log, scene, claim, ids):
                unconfirmed[setting] = min(claim.trigger.received_at + patience, known.at + _ASK_LOG_AGAIN)
        elif claim.trusted is None:
            ours.add(setting)
        else:
            accepted[setting] = _acceptance(scene, claim, claim.trusted, state, known.at, how)
    return replace(known, accepted=accepted, ours=frozenset(ours), unconfirmed=unconfirmed)


_BY_DELIVERY, _BY_LOG = "Event Grid's own delivery", "the activity log"


class _Log:
    """Who wrote, as the activity log says; asked once for each resource."""

    def __init__(self, arm: Arm, scene: Scene) -> None:
        self._arm, self._scene = arm, scene
        self._known: dict[str, Sequence[frozenset[str]]] = {}

    async def writers(self, setting: Setting) -> Sequence[frozenset[str]]:
        """Everybody who wrote the setting's resource since it was last good; nobody where that is not known."""
        since, child = self._scene.memory.good_at.get(str(setting.facet)), _child(setting)
        if since is None:
            return ()
        if child not in self._known:
            self._known[child] = await self._arm.writers(self._scene.target, child, since)
        return self._known[child]


async def _proof(log: _Log, scene: Scene, claim: _Claim, ids: frozenset[str]) -> str:
    """What confirms the claim; empty when nothing does."""
    about = _about(scene, claim.drift.setting)
    if about and all(trigger.authentic and _names(trigger, ids) for trigger in about):
        return _BY_DELIVERY
    return _BY_LOG if _only(await log.writers(claim.drift.setting), ids) else ""


async def _contradicted(log: _Log, scene: Scene, claim: _Claim, ids: frozenset[str]) -> bool:
    """Whether a witness names somebody else already: then there is nothing to wait for."""
    about = _about(scene, claim.drift.setting)
    if any(trigger.authentic and not _names(trigger, ids) for trigger in about):
        return True
    return any(not writer & ids for writer in await log.writers(claim.drift.setting))


def _about(scene: Scene, setting: Setting) -> list[Trigger]:
    """The events that say who wrote the setting's resource."""
    child = _child(setting)
    return [trigger for trigger in scene.triggers if trigger.child == child and trigger.actor is not None]


def _only(writers: Sequence[frozenset[str]], ids: frozenset[str]) -> bool:
    """Whether somebody wrote, and nobody but these."""
    return bool(writers) and all(writer & ids for writer in writers)


def _names(trigger: Trigger, ids: frozenset[str]) -> bool:
    return bool(_ids(trigger) & ids)


def _ids(trigger: Trigger) -> frozenset[str]:
    """Whom the event names. A person's application is the tool they used, and anybody may use it."""
    actor = trigger.actor
    if actor is None:
        return frozenset()
    return frozenset({actor.object_id, "" if actor.kind == "user" else actor.app_id} - {""})


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


def unconfirmed_triggers(triggers: Sequence[Trigger], known: Circumstances) -> list[Trigger]:
    """The triggers that say who made what is still to be confirmed: without them nobody would know whom to ask for."""
    children = {_child(setting) for setting in known.unconfirmed}
    return [trigger for trigger in triggers if trigger.child in children and trigger.actor is not None]


def _is_resource(setting: Setting) -> bool:
    """Whether one resource holds the setting: all rules of a firewall together have no writer."""
    return bool(setting.name) or setting.kind in (SettingKind.PUBLIC_ACCESS, SettingKind.AUTHENTICATION)


def _child(setting: Setting) -> str:
    """The path below the server of the resource that holds the setting, lower case."""
    if setting.kind in (SettingKind.PUBLIC_ACCESS, SettingKind.AUTHENTICATION):
        return ""
    return str(setting).lower()


# -- break glass --------------------------------------------------------------------------------------------------


def break_glass(policy: Policy, place: Place, at: datetime) -> tuple[datetime | None, str]:
    """Until when (UTC) nothing is written here, or why the tag does not count."""
    rule = policy.break_glass
    text = place.tag(rule.tag) if rule else None
    if rule is None or text is None:
        return None, ""
    try:
        until = datetime.fromisoformat(text.strip())
    except ValueError:
        return (
            None,
            f"the tag {rule.tag} was ignored: found {text[:60]!r}, wanted a moment such as 2026-03-01T18:00+01:00",
        )
    if until.tzinfo is None:
        return None, f"the tag {rule.tag} was ignored: {text[:60]!r} names no time zone, such as +01:00 or Z"
    if until > at + timedelta(hours=rule.longest_hours):
        return None, f"the tag {rule.tag} was ignored: it may stand at most {rule.longest_hours:g} hours"
    return (until.astimezone(UTC), "") if at < until else (None, "")
