"""Two witnesses for what an event claims: the activity log, and Event Grid's own delivery.

What makes them trustworthy: docs/decisions/0004-whose-claims-count.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.journal import Origin, Trigger
from shared.ports import Arm
from shared.scene import Scene
from shared.state import Setting

BY_DELIVERY = "Event Grid's own delivery"
BY_LOG = "the activity log"


class Log:
    """Who wrote, as the activity log says; asked once for each resource."""

    def __init__(self, arm: Arm, scene: Scene) -> None:
        self._arm, self._scene = arm, scene
        self._known: dict[str, Sequence[frozenset[str]]] = {}

    async def writers(self, setting: Setting) -> Sequence[frozenset[str]]:
        """Everybody who wrote the setting's resource since it was last good; nobody where that is not known."""
        since, child = self._scene.memory.good_at.get(str(setting.facet)), setting.path(self._scene.target.kind)
        if since is None:
            return ()
        if child not in self._known:
            self._known[child] = await self._arm.writers(self._scene.target, child, since)
        return self._known[child]


@dataclass(frozen=True, slots=True)
class Witnesses:
    """What bears out, or speaks against, that it was the identity with these `ids`. `own` is our own."""

    scene: Scene
    log: Log
    ids: frozenset[str]
    own: frozenset[str]

    async def proof(self, setting: Setting) -> str:
        """What confirms the claim; empty when nothing does."""
        events = about(self.scene, setting)
        if events and all(trigger.authentic and names(trigger, self.ids) for trigger in events):
            return BY_DELIVERY
        return BY_LOG if only(await self.log.writers(setting), self.ids, self.own) else ""

    async def contradict(self, setting: Setting) -> bool:
        """Whether a witness names somebody else already: then there is nothing to wait for."""
        events = about(self.scene, setting)
        if any(trigger.authentic and not names(trigger, self.ids) for trigger in events):
            return True
        return any(not writer & (self.ids | self.own) for writer in await self.log.writers(setting))


def about(scene: Scene, setting: Setting) -> list[Trigger]:
    """The events that say who wrote the setting's resource."""
    child = setting.path(scene.target.kind)
    return [trigger for trigger in scene.triggers if trigger.child == child and tells_of_a_write(trigger)]


def tells_of_a_write(trigger: Trigger) -> bool:
    """Whether it is an event that says who wrote: what failed has changed nothing, nor has a restart."""
    wrote = trigger.operation.rpartition("/")[2] in ("write", "delete") and trigger.outcome == "success"
    return trigger.origin is Origin.EVENT and wrote and trigger.actor is not None


def only(writers: Sequence[frozenset[str]], ids: frozenset[str], own: frozenset[str]) -> bool:
    """Whether somebody with these ids wrote, and nobody else; what we wrote ourselves, we know."""
    return any(writer & ids for writer in writers) and all(writer & (ids | own) for writer in writers)


def names(trigger: Trigger, ids: frozenset[str]) -> bool:
    """Whether the event names one of these."""
    return bool(ids_of(trigger) & ids)


def ids_of(trigger: Trigger) -> frozenset[str]:
    """Whom the event names. A person's application is the tool they used, and anybody may use it."""
    actor = trigger.actor
    if actor is None:
        return frozenset()
    return frozenset({actor.object_id, "" if actor.kind == "user" else actor.app_id} - {""})


def is_resource(setting: Setting) -> bool:
    """Whether one resource holds the setting: all rules of a firewall together have no writer."""
    return bool(setting.name) or setting.on_server
