"""What a resource hangs on: whether it is there, and what id an item gets there."""

from emulator.arm.registry import Request
from emulator.arm.store import Resource
from emulator.errors import child_not_found, parent_not_found, subscription_not_found
from emulator.ids import extended, group_of, parse_path, subscription_of
from emulator.resources.answers import require_group
from emulator.world import World

_VERBS = {"GET": "read", "DELETE": "delete"}


def require_scope(world: World, scope: str) -> str:
    """Return the canonical id of a subscription, a group or a resource, or refuse one that is not there."""
    subscription = subscription_of(scope)
    if not subscription:
        return scope
    if world.subscription(subscription) is None:
        raise subscription_not_found(subscription)
    path = parse_path(scope)
    if path is None:
        return require_group(world, scope) if group_of(scope) else f"/subscriptions/{subscription}"
    found = world.store.get(scope)
    if found is None:
        raise child_not_found("/".join((path.namespace, *path.types)), path.names[-1])
    return found.id


def require_parent(request: Request, kind: str) -> str:
    """Return the id that the items of a path hang on, or refuse: the scope, or a resource for a child of one."""
    scope = require_scope(request.world, request.path.scope)
    if len(request.path.types) == 1:
        return scope
    found = request.world.store.get(request.path.parent)
    if found is None:
        raise parent_not_found(_VERBS.get(request.call.method, "write"), kind, request.path.parent)
    return found.id


def item_id(parent: str, kind: str, name: str) -> str:
    """Return the id of an item under its parent."""
    namespace, *words = kind.split("/")
    return f"{parent}/{words[-1]}/{name}" if len(words) > 1 else f"{parent}/providers/{namespace}/{words[0]}/{name}"


def near(request: Request, kind: str, *, below: bool) -> list[Resource]:
    """Return the extension resources of a kind that were made at or above a scope, and those below if wanted."""
    scope = require_scope(request.world, request.path.scope) or "/"
    tree = request.world.tree

    def is_near(one: Resource) -> bool:
        its = extended(one.id)
        return tree.contains(its, scope) or (below and tree.contains(scope, its))

    return [one for one in request.world.store.of_type(kind) if is_near(one)]
