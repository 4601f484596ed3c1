"""Where a pass takes place: the server, what the policy and standing orders may ask about it, and what has been heard.

What cannot be found out raises, and then nothing is written.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from shared.journal import Trigger
from shared.memory import Consent, Memory
from shared.orders import Orders
from shared.policy import Policy
from shared.ports import Arm
from shared.scope import MANAGEMENT_GROUP, Place
from shared.state import SERVER, State
from shared.target import Target


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
    groups = await groups_above(arm, scene.policy, scene.target)
    return Place(scene.target, state.server.tags if state.server else {}, groups)


async def groups_above(arm: Arm, policy: Policy, target: Target) -> tuple[str, ...]:
    """The management groups above the server, as far as the policy asks for them."""
    return await arm.management_groups(target.subscription) if policy.needs_management_groups else ()


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
