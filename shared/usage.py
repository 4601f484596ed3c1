"""Which servers use what stands outside them: the index that leads from an event about a vault to its servers.

A row `users/<path of the neighbour>/<server>` for each pair, a document that can only be made or removed. Its name
begins as the neighbour's ARM id does, so one range query finds whoever uses a vault, or anything in a resource group or
a subscription. A server's memory says which rows it has (`Memory.uses`), so a look that finds nothing new asks the
store for nothing. A row too many costs one look, a row too few is found by the sweep: docs/decisions/0012.
"""

import asyncio
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import batched

from shared.encryption import key_addresses
from shared.errors import Conflict
from shared.outside import Outside
from shared.ports import Store
from shared.state import SERVER, FacetKind, State
from shared.target import Target, parse_target

_USERS = "users"
_AT_ONCE = 32
# More servers than one subscription can hold.
_MANY = 100_000
_PLAIN = re.compile(r"(?!--)[a-z0-9-]{1,60}")
_IDENTITIES = ("dataEncryption.primaryUserAssignedIdentityId", "dataEncryption.geoBackupUserAssignedIdentityId")

type Uses = Mapping[str, tuple[str, ...]]
"""What a server uses: ARM ids, lower case, by the facet that shows it."""


def uses_of(state: State) -> dict[str, tuple[str, ...]]:
    """What the server uses outside itself, as far as what was read of it tells."""
    found = {str(SERVER): _of_server(state)} if state.server else {}
    for facet, texts in _NAMED.items():
        if facet in state.children:
            things = state.children[facet].values()
            found[facet.value] = {thing[name] for thing in things for name in texts if thing.get(name)}
    if FacetKind.VAULTS in state.children:
        found[FacetKind.VAULTS.value] = set(_keys(state))
    if FacetKind.BACKUP_INSTANCES in state.children:
        instances = state.children[FacetKind.BACKUP_INSTANCES]
        found[FacetKind.BACKUP_INSTANCES.value] = {one.rpartition("/backupInstances/")[0] for one in instances}
    return {facet: tuple(sorted(one.lower() for one in ids if one)) for facet, ids in found.items()}


# Texts that name what is used, by the facet whose resources hold them.
_NAMED = {
    FacetKind.PRIVATE_ENDPOINTS: ("privateEndpoint.id",),
    FacetKind.ENDPOINTS: ("subnet.id",),
    FacetKind.SUBNETS: ("networkSecurityGroup.id",),
    FacetKind.DIAGNOSTIC_SETTINGS: ("workspaceId",),
}


def _of_server(state: State) -> set[str]:
    facts = state.server.facts if state.server else {}
    attached = json.loads(facts.get("identity.userAssignedIdentities", "[]"))
    named = (facts.get(name, "") for name in (*_IDENTITIES, "network.delegatedSubnetResourceId"))
    return {*attached, *named}


def _keys(state: State) -> Iterator[str]:
    vaults = {one.rpartition("/")[2].lower(): one for one in state.children.get(FacetKind.VAULTS, {})}
    for address in key_addresses(state):
        if address.vault in vaults:
            yield f"{vaults[address.vault]}/keys/{address.key}"


def ids_in(uses: Uses) -> frozenset[str]:
    """All that is used, whatever shows it."""
    return frozenset(one for ids in uses.values() for one in ids)


async def enlist(store: Store, target: Target, used: Iterable[str]) -> None:
    """Have the server found from these; before the commit that remembers it."""

    async def write(resource: str) -> None:
        # What is there already says the same.
        with suppress(Conflict):
            await store.write_document(_row(resource, target), target.id.encode())

    for some in batched(used, _AT_ONCE, strict=False):
        await asyncio.gather(*map(write, some))


async def unlist(store: Store, target: Target, used: Iterable[str]) -> None:
    """The server uses these no more; after the commit that forgets it."""
    for resource in used:
        await store.remove_document(_row(resource, target))


async def servers_using(store: Store, where: Outside) -> list[Target]:
    """The servers that use what is there, or anything in it; one read of the store.

    A management group is above subscriptions that nothing here can tell apart: all servers that use anything.
    """
    within = where.scope if where.type or where.scope.startswith("/subscriptions/") else ""
    rows = await store.documents(f"{_name(within)}/", _MANY)
    return sorted({parse_target(row.body.decode()) for row in rows})


def _name(resource: str) -> str:
    """The beginning of the names of all rows of this resource, and of what is below it."""
    return "/".join([_USERS, *map(_segment, resource.strip("/").split("/"))]) if resource else _USERS


def _segment(text: str) -> str:
    """A name in an id as a name of a document can hold it: as it is, or what stands for it."""
    return text if _PLAIN.fullmatch(text) else f"--{_digest(text)}"


def _row(resource: str, target: Target) -> str:
    return f"{_name(resource)}/--{_digest(target.id)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]
