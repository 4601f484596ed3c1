"""Whether a server still reaches its key: while nobody takes the right away it does, whatever the fleet says of it.

Azure looks at the key every few minutes: a single server that has lost it is `Inaccessible` within ten minutes, a
flexible one within an hour (documented; here after just that long). With its right back a flexible server comes back by
itself, here at once; a single one when its key is written again. A server whose identity never had a right in this
fleet is not asked for any.
"""

from datetime import timedelta

from emulator.arm.store import Resource
from emulator.body import dig
from emulator.ids import extended
from emulator.resources.around import vault_keys
from emulator.vaults.standings import Standing
from emulator.world import World

FLEXIBLE, SINGLE = timedelta(hours=1), timedelta(minutes=10)
_ASSIGNMENTS = "Microsoft.Authorization/roleAssignments"
_ACTIONS = tuple(f"{vault_keys.KIND}/{one}" for one in ("read", "wrap/action", "unwrap/action"))
_PERMISSIONS = {"get", "wrapkey", "unwrapkey"}


def is_reached(world: World, uri: str, who: str, patience: timedelta, *, by_itself: bool) -> bool:
    """Whether a server that goes by this identity still reaches its key; `by_itself`: it comes back without help."""
    standing = world.standings.by_pair.get((uri, who))
    if standing is None:
        held = _may(world, uri, who)
        standing = world.standings.by_pair[uri, who] = Standing(held, held, world.clock.now())
    _see(world, standing, uri, who)
    if standing.ever and not standing.held and world.clock.now() - standing.since >= patience:
        standing.broken = True
    if standing.held and by_itself:
        standing.broken = False
    return not standing.broken


def revalidated(world: World, uri: str, who: str) -> None:
    """Somebody wrote the key again: Azure looks whether it can be used."""
    standing = world.standings.by_pair.get((uri, who))
    if standing is not None and standing.held:
        standing.broken = False


def _see(world: World, standing: Standing, uri: str, who: str) -> None:
    held = _may(world, uri, who)
    if held != standing.held:
        standing.held, standing.since = held, world.standings.touched or world.clock.now()
    standing.ever |= held


def _may(world: World, uri: str, who: str) -> bool:
    found = vault_keys.place_of(world, uri)
    if found is None or who in world.standings.deleted:
        return False
    vault, key = found
    if vault.properties.get("enableRbacAuthorization"):
        return any(_gives(world, one, f"{vault.id}/keys/{key}", who) for one in world.store.of_type(_ASSIGNMENTS))
    mine = [one for one in vault.properties.get("accessPolicies") or [] if one["objectId"].lower() == who]
    held = {str(word).lower() for one in mine for word in dig(one, "permissions.keys") or []}
    return "all" in held or held >= _PERMISSIONS


def _gives(world: World, assignment: Resource, key: str, who: str) -> bool:
    if assignment.properties["principalId"].lower() != who:
        return False
    role_id = assignment.properties["roleDefinitionId"].rpartition("/")[2].lower()
    within = world.tree.contains(extended(assignment.id), key)
    return within and all(world.access.role_allows_data(role_id, action) for action in _ACTIONS)
