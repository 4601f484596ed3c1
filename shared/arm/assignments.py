"""What Azure Policy assigns to a server: the definitions behind an assignment, looked up at the server's own scope.

An assignment is often made at a management group that the identity cannot read; the list at the server shows it all
the same. learn.microsoft.com, "Policy Assignments - List For Resource" (2022-06-01) and "Policy Set Definitions - Get"
(2021-06-01).
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shared.arm.answers import elements, members, text, unreadable
from shared.arm.client import Call, Pipeline
from shared.arm.pages import pages
from shared.target import Target

_AUTHORIZATION = "Microsoft.Authorization"
_ASSIGNMENTS = "2022-06-01"
_SETS = "2021-06-01"
_FRESH = timedelta(hours=1)
# One that is not there may have been made a moment ago.
_ASK_AGAIN = timedelta(minutes=1)

type Definitions = tuple[tuple[str, str], ...]
"""Reference id within the initiative (empty without one) and id of the definition, lower case."""


@dataclass(frozen=True, slots=True)
class _Known[T]:
    value: T
    until: datetime


class Assignments:
    """Looks assignments and initiatives up, and keeps them for an hour: what one assigns does not change."""

    def __init__(self, client: Pipeline, clock: Callable[[], datetime]) -> None:
        self._client, self._clock = client, clock
        self._definition: dict[str, _Known[str]] = {}
        self._initiative: dict[str, _Known[Definitions]] = {}

    async def assigned(self, target: Target, assignments: Iterable[str]) -> Mapping[str, Definitions]:
        """What each of these assignments (ids, lower case) assigns; nothing for one that is no longer in force."""
        wanted = set(assignments)
        if any(_is_stale(self._definition.get(one), self._clock()) for one in wanted):
            await self._list(target, wanted)
        found = {one: self._definition[one].value for one in wanted}
        initiatives = sorted({one for one in found.values() if "/policysetdefinitions/" in one})
        held = dict(zip(initiatives, await asyncio.gather(*map(self._held, initiatives)), strict=True))
        return {one: held.get(definition) or _alone(definition) for one, definition in found.items()}

    async def _list(self, target: Target, wanted: set[str]) -> None:
        listed = [row async for row in pages(self._client, _list_call(target))]
        until = self._clock() + _FRESH
        for row in listed:
            id_ = text(row.get("id"), "id of a policy assignment").lower()
            properties = members(row.get("properties"), id_)
            self._definition[id_] = _Known(text(properties.get("policyDefinitionId"), id_).lower(), until)
        for one in wanted - {str(row["id"]).lower() for row in listed}:
            self._definition[one] = _Known("", self._clock() + _ASK_AGAIN)

    async def _held(self, initiative: str) -> Definitions:
        """The definitions in an initiative."""
        known = self._initiative.get(initiative)
        if known is None or _is_stale(known, self._clock()):
            known = self._initiative[initiative] = _Known(await self._get(initiative), self._clock() + _FRESH)
        return known.value

    async def _get(self, initiative: str) -> Definitions:
        if not initiative.startswith("/") or ".." in initiative:
            # It becomes part of an address.
            raise unreadable("policyDefinitionId of an assignment", initiative, "the id of an initiative")
        call = Call("GET", initiative, _SETS, f"{_AUTHORIZATION}/policySetDefinitions/read", initiative)
        properties = members(members((await self._client.send(call)).body, initiative).get("properties"), initiative)
        listed = elements(properties.get("policyDefinitions"), initiative)
        return tuple(_reference(members(one, initiative), initiative) for one in listed)


def _list_call(target: Target) -> Call:
    return Call(
        "GET",
        f"{target.id}/providers/{_AUTHORIZATION}/policyAssignments",
        _ASSIGNMENTS,
        f"{_AUTHORIZATION}/policyAssignments/read",
        target.id,
        query={"$filter": "atScope()"},
    )


def _reference(one: Mapping[str, Any], initiative: str) -> tuple[str, str]:
    reference = text(one.get("policyDefinitionReferenceId"), f"a reference id in {initiative}")
    return reference.lower(), text(one.get("policyDefinitionId"), f"a definition in {initiative}").lower()


def _alone(definition: str) -> Definitions:
    return (("", definition),) if definition else ()


def _is_stale[T](known: _Known[T] | None, at: datetime) -> bool:
    return known is None or at >= known.until
