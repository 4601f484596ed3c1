"""A world in which replicas can be promoted: what Azure does to the other server, and to the endpoints, happens too."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from shared.control import Change
from shared.ports import Accepted
from shared.state import FacetKind, SettingKind, State
from shared.target import Target
from tests.engine.world import World
from tests.fakes.arm import FakeArm

_ROLES = {"replica.role": "AsyncReplica", "replicationRole": "AsyncReplica"}


class ReplicatingArm(FakeArm):
    """An Azure whose promotions change both servers, as `emulator.resources.flexible.promotions` does."""

    promotions = 0

    async def write(self, target: Target, group: Sequence[Change], correlation_id: str) -> Accepted:
        promotion = group[0].setting.kind is SettingKind.REPLICATION
        before = self.states.get(target)
        try:
            return await super().write(target, group, correlation_id)
        finally:
            # Also where nobody is left to hear the answer.
            if promotion and before is not None and self.states[target] != before:
                self.promoted(target, before, group[0])

    def promoted(self, target: Target, before: State, change: Change) -> None:
        """What else a promotion does."""
        self.promotions += 1
        after = change.after if isinstance(change.after, dict) else {}
        assert isinstance(change.before, dict)
        (old,) = [one for one in self.states if one.id.lower() == change.before["source"].lower()]
        others = [one for one in self.states if one not in (target, old) and self._source(one) == old.id]
        if after.get("promoteMode") != "Switchover":
            self._list(old, others)
            self._endpoints(old, lambda members: [one for one in members if one != target.name])
            return
        self.states[target] = self._with(self.states[target], {"replicationRole": "Primary"})
        for one in (old, *others):
            self.states[one] = self._with(self.states[one], {**_ROLES, "sourceServerResourceId": target.id})
        self._list(old, [])
        self._list(target, [old, *others])
        moved = self._endpoints(old, lambda members: [target.name, *(one for one in members if one != target.name)])
        self._put(old, FacetKind.VIRTUAL_ENDPOINTS, {})
        self._put(target, FacetKind.VIRTUAL_ENDPOINTS, moved)

    def _source(self, target: Target) -> str:
        server = self.states[target].server
        return server.facts.get("sourceServerResourceId", "") if server else ""

    def _with(self, state: State, facts: dict[str, str]) -> State:
        assert state.server is not None
        return replace(state, server=replace(state.server, facts={**state.server.facts, **facts}))

    def _list(self, target: Target, replicas: Sequence[Target]) -> None:
        self._put(target, FacetKind.REPLICAS, {one.name: {"id": one.id} for one in replicas})

    def _endpoints(self, target: Target, change: Any) -> dict[str, dict[str, str]]:
        found = self.states[target].children.get(FacetKind.VIRTUAL_ENDPOINTS, {})
        members = {name: change(json.loads(one["members"])) for name, one in found.items()}
        changed = {name: {"endpointType": "ReadWrite", "members": json.dumps(one)} for name, one in members.items()}
        self._put(target, FacetKind.VIRTUAL_ENDPOINTS, changed)
        return changed

    def _put(self, target: Target, facet: FacetKind, things: dict[str, dict[str, str]]) -> None:
        state = self.states[target]
        self.states[target] = replace(state, children={**state.children, facet: things})


def a_world(*states: State, **more: Any) -> World:
    """The states, the primary first, in an Azure that promotes."""
    world = World(*states, **more)
    world.arm = ReplicatingArm(*states)
    world.with_policy(world.policy)
    return world
