"""The Arm port on real ARM: reads facets concurrently, writes groups of changes, looks at operations, lists servers."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from shared.arm import servers
from shared.arm.activity_log import ActivityLog
from shared.arm.administrators import administrator_from
from shared.arm.answers import as_defined, text
from shared.arm.client import Answer, ArmClient, Call
from shared.arm.graph import rows
from shared.arm.management_groups import ManagementGroups
from shared.arm.metrics import Metrics
from shared.arm.neighbours import merges, needed, neighbour_call, read_call_of
from shared.arm.pages import pages
from shared.arm.parameters import own_name, parameter_from
from shared.arm.remembering import Remembering
from shared.arm.surroundings import Surroundings
from shared.arm.waivers import Waivers
from shared.control import Change
from shared.copies import with_original
from shared.errors import Frozen, Gone, Rejected, Stop
from shared.journal import now
from shared.ports import Accepted, Arm, Creation, Lag, Progress, Waiver
from shared.state import (
    EVERY_PARAMETER,
    NEIGHBOURS,
    ROLE_ASSIGNMENTS,
    SERVER,
    Facet,
    FacetKind,
    Parameter,
    SettingKind,
    State,
    parameter_names,
)
from shared.target import PROVIDER, Kind, Target, parse_target

_TYPES = ", ".join(f"'{PROVIDER}/{kind}'".lower() for kind in Kind)
_SERVERS = f"resources | where type in~ ({_TYPES}) | project id | order by id asc"
_OUTSIDE = frozenset(map(Facet, NEIGHBOURS))
_PARTS = {
    FacetKind.SERVER: "server",
    FacetKind.FIREWALL_RULES: "firewall_rules",
    FacetKind.ADMINISTRATORS: "administrators",
}


class AzureArm:
    """ARM for all kinds of server. `subscriptions` narrows the fleet; empty means all the identity can see."""

    def __init__(
        self, client: ArmClient, subscriptions: Sequence[str] = (), clock: Callable[[], datetime] = now
    ) -> None:
        self._client = client
        self._subscriptions = tuple(subscriptions)
        self._clock = clock
        self._groups = ManagementGroups(client, clock)
        self._log = ActivityLog(client, clock)
        self._waivers = Waivers(client, clock)
        self._metrics = Metrics(client, clock)
        self._around = Surroundings(client)

    def for_many(self) -> Arm:
        """The same for reading many servers in a row: what stands around several of them is read once a minute."""
        arm = AzureArm(self._client, self._subscriptions, self._clock)
        arm._around = Surroundings(Remembering(self._client, self._clock))
        return arm

    async def observe(self, target: Target, facets: Iterable[Facet]) -> State:
        """Read these facets, at the same time; then what stands outside, which the server itself says where to find."""
        wanted = set(facets)
        with as_defined(f"GET {target}"):
            if any(facet.kind is FacetKind.ORIGINAL for facet in wanted):
                return await with_original(self.observe, target, wanted)
            outside = needed(target.kind, (facet.kind for facet in wanted & _OUTSIDE))
            state = await self._observe(target, wanted - _OUTSIDE | {Facet(kind) for kind in outside - NEIGHBOURS})
            return await self._around.look(state, outside & NEIGHBOURS) if outside else state

    async def _observe(self, target: Target, wanted: Iterable[Facet]) -> State:
        wanted = sorted(set(wanted))
        names = [facet.name for facet in wanted if facet.kind is FacetKind.PARAMETER]
        others = [facet for facet in wanted if facet.kind is not FacetKind.PARAMETER]
        parameters, *answers = await asyncio.gather(
            self._parameters(target, names), *(self._read(target, facet) for facet in others)
        )
        if names and not others and not any(parameters.values()):
            # Every parameter answered 404: is it the parameters that are missing, or the server?
            await self._read(target, SERVER)
        parts: dict[str, Any] = {"parameters": parameters, "children": {}, "at": self._clock()}
        if ROLE_ASSIGNMENTS in others:
            parts["ourselves"] = await self.own_identity()
        for facet, answer in zip(others, answers, strict=True):
            if facet.kind in _PARTS:
                parts[_PARTS[facet.kind]] = answer
            else:
                parts["children"][facet.kind] = answer
        return State(target, **parts)

    def requests(self, target: Target, changes: Sequence[Change]) -> list[tuple[Change, ...]]:
        """Group the changes into the fewest writes, in order."""
        return servers.grouped(target, changes)

    async def write(self, target: Target, group: Sequence[Change], correlation_id: str) -> Accepted:
        """Send one group of changes. Raises Frozen for a firewall rule of a server whose firewall is out of force."""
        with as_defined(f"GET {target}"):
            call = await self._call(target, group, correlation_id)
        try:
            answer = await self._client.send(call)
        except Rejected as error:
            await self._explain(target, group, error)
            raise
        operation = answer.headers.get("azure-asyncoperation", "") if answer.status in (201, 202) else ""
        return Accepted(operation, answer.retry_after_seconds)

    async def progress(self, operation: str) -> Progress:
        """Look at an operation. One that Azure does not show us counts as done: the state decides anyway."""
        try:
            answer = await self._client.follow(operation, servers.operation_call(operation))
        except Stop:
            return Progress(done=True)
        with as_defined("an operation"):
            return _progress(answer)

    async def management_groups(self, subscription: str) -> tuple[str, ...]:
        """The names of the management groups above the subscription, nearest first."""
        with as_defined(f"management groups of {subscription}"):
            return await self._groups.above(subscription)

    async def writers(self, target: Target, child: str, since: datetime) -> tuple[frozenset[str], ...]:
        """Everybody who wrote this very resource since then, as the activity log says."""
        with as_defined(f"activity log of {target}"):
            return await self._log.writers(target, child, since)

    async def creation(self, target: Target) -> Creation | None:
        """How the server was made, as the activity log says."""
        with as_defined(f"activity log of {target}"):
            return await self._log.creation(target)

    async def waivers(self, target: Target) -> tuple[Waiver, ...]:
        """The Azure Policy exemptions in force for the server."""
        with as_defined(f"exemptions of {target}"):
            return await self._waivers.in_force(target)

    async def lag(self, replica: Target) -> Lag:
        """How far the replica lags behind its primary."""
        with as_defined(f"metrics of {replica}"):
            return await self._metrics.lag(replica)

    async def own_identity(self) -> frozenset[str]:
        """Our own object id and application id."""
        return await self._client.identity()

    async def claims(self) -> dict[str, Any]:
        """What our token says about us. Raises Forbidden when there is none."""
        return await self._client.claims()

    async def servers(self) -> AsyncIterator[Target]:
        """Every server the identity can see, through Resource Graph."""
        async for row in rows(self._client, _SERVERS, self._subscriptions):
            yield parse_target(text(row.get("id"), "id of a server"))

    async def close(self) -> None:
        """Let go of connections."""
        await self._client.close()

    async def _call(self, target: Target, group: Sequence[Change], correlation_id: str) -> Call:
        call = servers.write_call(target, group, correlation_id)
        if merges(group[0]):
            found = (await self._client.send(read_call_of(group[0]))).body
            return neighbour_call(group, found, correlation_id)
        if call.method == "PUT" and call.path == target.id:
            # What is left out of a PUT of a server goes back to its default.
            call = servers.completed(call, (await self._client.send(servers.read_call(target, SERVER))).body)
        return call

    async def _explain(self, target: Target, group: Sequence[Change], error: Rejected) -> None:
        """Azure documents that rules cannot be changed without public access, but not with which code it says so."""
        if group[0].setting.kind is not SettingKind.FIREWALL_RULE:
            return
        server = servers.server_from(target.kind, (await self._client.send(servers.read_call(target, SERVER))).body)
        if server.virtual_network or server.closed:
            raise Frozen(f"{group[0].setting}: without public access the rules are not in force") from error

    async def _read(self, target: Target, facet: Facet) -> Any:
        call = servers.read_call(target, facet)
        match facet.kind:
            case FacetKind.SERVER:
                return servers.server_from(target.kind, (await self._client.send(call)).body)
            case FacetKind.FIREWALL_RULES:
                return tuple(sorted([servers.rule_from(row) async for row in pages(self._client, call)]))
            case FacetKind.ADMINISTRATORS:
                found = [administrator_from(target.kind, row) async for row in pages(self._client, call)]
                return tuple(sorted(one for one in found if one is not None))
            case FacetKind.REPLICAS if target.kind is Kind.CITUS:
                return servers.citus_replicas((await self._client.send(call)).body)
            case _:
                return servers.children_from(target, facet.kind, [row async for row in pages(self._client, call)])

    async def _parameters(self, target: Target, names: Sequence[str]) -> dict[str, Parameter | None]:
        """Parameters by name. One that this version of the server does not have is None: not applicable, no finding."""
        whole = EVERY_PARAMETER.name in names
        wanted = sorted(set(map(own_name, names)))
        bodies: dict[str, Mapping[str, Any] | None]
        if whole or servers.lists_parameters(wanted):
            rows = pages(self._client, servers.parameters_call(target))
            bodies = {str(row["name"]).lower(): row async for row in rows}
        else:
            answers = await asyncio.gather(*(self._body(target, name) for name in wanted))
            bodies = dict(zip(map(str.lower, wanted), answers, strict=True))
        if whole:
            own = (str(body["name"]) for body in bodies.values() if body)
            named = {name for one in own for name in parameter_names(target.kind, one)}
            names = sorted({*names, *named} - {EVERY_PARAMETER.name})
        found = {name: bodies.get(own_name(name).lower()) for name in names}
        return {name: parameter_from(target.kind, name, body) if body else None for name, body in found.items()}

    async def _body(self, target: Target, name: str) -> Mapping[str, Any] | None:
        """What ARM says of a parameter; None when there is none."""
        try:
            answer = await self._client.send(servers.read_call(target, Facet(FacetKind.PARAMETER, name)))
        except Gone:
            return None
        body: Mapping[str, Any] = answer.body
        return body


def _progress(answer: Answer) -> Progress:
    """What an operation says of itself. Raises TypeError and its like for one that says nothing of the kind."""
    status = str(answer.body.get("status", "")).lower()
    if status in ("failed", "canceled", "cancelled"):
        error = answer.body.get("error") or {}
        return Progress(True, f"{error.get('code') or status}: {error.get('message') or 'no reason given'}")
    return Progress(status == "succeeded", "", answer.retry_after_seconds)
