"""Azure Resource Manager and the databases behind one port: what is inside a database goes to SQL, all else to ARM.

A database that is not opened, or does not answer, leaves its own facets unread and hides nothing that ARM shows.
"""

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from shared.control import Change
from shared.errors import NoAnswer, NotOpened, Rejected, Stop
from shared.policy import DatabaseAccess, Policy
from shared.ports import Accepted, Arm, Creation, Lag, Progress, Waiver
from shared.sql.databases import Databases
from shared.sql.door import Addresses, Door
from shared.state import DATABASE_FACETS, INSIDE, SERVER, STOPPED, Facet, Setting, SettingKind, State
from shared.target import Kind, Target

_INSIDE = frozenset(map(Facet, DATABASE_FACETS))
_HOST = "fullyQualifiedDomainName"
# Flexible and single servers, and Citus clusters, in Azure's public cloud and the sovereign ones.
_AZURES = re.compile(
    r"[a-z0-9-]+(\.[a-z0-9-]+)*\.postgres\.(cosmos\.azure\.com|database\.(azure\.com|usgovcloudapi\.net|chinacloudapi\.cn))"
)
_NOT_OPENED = "the policy does not have Holdfast look into this server's databases: `databases` names none for it"


class Routed:
    """Both behind one port. `policy` says which servers' databases are opened, and as whom; a person's terminal signs
    in as that person's own `user` there."""

    def __init__(
        self,
        arm: Arm,
        databases: Databases,
        addresses: Addresses,
        policy: Callable[[], Awaitable[Policy]],
        user: str = "",
    ) -> None:
        self._arm, self._databases, self._addresses, self._policy = arm, databases, addresses, policy
        self._user = user

    def for_many(self) -> Arm:
        """The same for reading many servers in a row."""
        return Routed(self._arm.for_many(), self._databases, self._addresses, self._policy, self._user)

    async def observe(self, target: Target, facets: Iterable[Facet]) -> State:
        """Read these facets. What is inside the databases is read where the server's own name is known."""
        wanted = frozenset(facets)
        inside = wanted & _INSIDE
        if not inside:
            return await self._arm.observe(target, wanted)
        access = (await self._policy()).database_access(target)
        state = await self._arm.observe(target, (wanted - inside) | ({SERVER} if access or wanted == inside else set()))
        if access is None:
            return _without(state, inside, NotOpened(_NOT_OPENED))
        try:
            door = self._door(state, access)
        except Stop as error:
            return _without(state, inside, error)
        seen = await self._databases.read(door, [facet.kind for facet in sorted(inside)], access.only)
        found = replace(state, children={**state.children, **seen.children})
        return replace(found, unread={**state.unread, **seen.unread})

    def requests(self, target: Target, changes: Sequence[Change]) -> list[tuple[Change, ...]]:
        """Group the changes into the fewest writes, in order."""
        return self._arm.requests(target, changes)

    async def write(self, target: Target, group: Sequence[Change], correlation_id: str) -> Accepted:
        """Send one group of changes; the server's own log knows what SQL did by the correlation id."""
        if group[0].setting.kind not in INSIDE:
            return await self._arm.write(target, group, correlation_id)
        access = (await self._policy()).database_access(target)
        if access is None:
            raise Rejected(f"{target}: {_NOT_OPENED}", "NotOpened")
        door = self._door(await self._arm.observe(target, [SERVER]), access)
        for change in group:
            await self._databases.write(replace(door, label=f"holdfast {correlation_id}"), change)
        return Accepted()

    async def progress(self, operation: str) -> Progress:
        """Look at an operation."""
        return await self._arm.progress(operation)

    async def management_groups(self, subscription: str) -> tuple[str, ...]:
        """The names of the management groups above the subscription, nearest first."""
        return await self._arm.management_groups(subscription)

    async def writers(self, target: Target, child: str, since: datetime) -> tuple[frozenset[str], ...]:
        """Everybody who wrote this very resource since then, as the activity log says."""
        return await self._arm.writers(target, child, since)

    async def waivers(self, target: Target) -> tuple[Waiver, ...]:
        """The Azure Policy exemptions in force for the server."""
        return await self._arm.waivers(target)

    async def creation(self, target: Target) -> Creation | None:
        """How the server came about, as the activity log says."""
        return await self._arm.creation(target)

    async def lag(self, replica: Target) -> Lag:
        """How far the replica is behind."""
        return await self._arm.lag(replica)

    async def own_identity(self) -> frozenset[str]:
        """Our own object id and application id."""
        return await self._arm.own_identity()

    def servers(self) -> AsyncIterator[Target]:
        """Every server the identity can see."""
        return self._arm.servers()

    async def close(self) -> None:
        """Let go of connections."""
        await self._arm.close()

    def _door(self, state: State, access: DatabaseAccess) -> Door:
        """Where the databases are. Raises NoAnswer while there is nothing to connect to."""
        if state.value(Setting(SettingKind.POWER)) == STOPPED:
            raise NoAnswer(f"{state.target.name} is stopped, so that nobody can look into its databases")
        host = _host(state)
        if not host:
            raise NoAnswer(f"Azure names no address of {state.target.name} yet, so its databases cannot be opened")
        if not (self._addresses.knows(host) or _AZURES.fullmatch(host)):
            # Our token goes there as the password.
            raise NoAnswer(f"{host[:200]!r} is no host of Azure's databases, so it is not connected to")
        return self._addresses.door(host, self._user or access.user, access.user)


def _host(state: State) -> str:
    """The server's name in DNS; of a Citus cluster its coordinator's, which is the first that Azure lists."""
    facts = state.server.facts if state.server is not None else {}
    if state.target.kind is not Kind.CITUS:
        return facts.get(_HOST, "")
    nodes = json.loads(facts.get("serverNames", "[]"))
    return str(nodes[0].get(_HOST, "")) if nodes else ""


def _without(state: State, facets: Iterable[Facet], why: Stop) -> State:
    return replace(state, unread={**state.unread, **dict.fromkeys(facets, why)})
