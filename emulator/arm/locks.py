"""Management locks as ARM enforces them: on everything at and below their scope, before the provider is asked.

That a lock holds for the children of a resource, too, is documented and not verified for every provider.
"""

from emulator.errors import ArmError
from emulator.ids import extended, is_within
from emulator.world import World

KIND = "Microsoft.Authorization/locks"
_LOCKED = (
    "The scope '{}' cannot perform {} operation because following scope(s) are locked: '{}'. "
    "Please remove the lock and try again."
)


def require_unlocked(world: World, kind: str, verb: str, scope: str) -> None:
    """Refuse a write, a delete or an action that a lock forbids; locks themselves can always be changed."""
    if kind.lower() == KIND.lower():
        return
    forbidding = ("CanNotDelete", "ReadOnly") if verb == "delete" else ("ReadOnly",)
    held = [
        extended(one.id)
        for one in world.store.of_type(KIND)
        if one.properties["level"] in forbidding and is_within(scope, extended(one.id))
    ]
    if held:
        word = "delete" if verb == "delete" else "write"
        raise ArmError(409, "ScopeLocked", _LOCKED.format(scope, word, "', '".join(held)))
