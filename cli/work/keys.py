"""Reads the keys of servers, with their vaults and the rights to them, and puts the most urgent first."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import batched

from cli.desk import Desk
from cli.options import Format
from cli.view import keys as view
from cli.view.written import written
from cli.work.targets import each_server_in, scope_of
from shared.condition import objects_of
from shared.encryption import KeyAddress, key_addresses
from shared.errors import Retry, Stop
from shared.key_rights import ROLES, Way, by_roles, gives_role, missing_permissions, role_of, ways
from shared.ports import Arm
from shared.state import SERVER, Facet, FacetKind, State
from shared.target import Target

_FACETS = (
    SERVER,
    *map(Facet, (FacetKind.VAULTS, FacetKind.VAULT_KEYS, FacetKind.VAULT_RIGHTS, FacetKind.VAULT_POLICIES)),
)
_AT_ONCE, WARNING_DAYS = 16, 30


@dataclass(frozen=True, slots=True)
class Held:
    """One key of one server. `trouble` is what is wrong, empty where nothing is; `days` are left until it expires."""

    target: Target
    address: KeyAddress | None
    vault: str = ""
    version: str = ""
    expires: datetime | None = None
    days: int | None = None
    rotates: str = ""
    rights: str = ""
    rotated: datetime | None = None
    trouble: str = ""
    way: Way | None = None
    by_roles: bool = True

    @property
    def urgency(self) -> tuple[bool, float, str]:
        """What sorts the worst first."""
        return not self.trouble, float("inf") if self.days is None else self.days, self.target.name


async def keys(desk: Desk, scope: str, format_: Format) -> int:
    """Show them. 0: all is well; 1: something is not."""
    place = await scope_of(desk, scope) if scope else ""
    targets = [target async for target in each_server_in(desk, place)]
    arm, found, without = desk.parts.arm.for_many(), list[Held](), 0
    for some in batched(targets, _AT_ONCE, strict=False):
        for held in await asyncio.gather(*(_keys_of(arm, target, desk.clock()) for target in some)):
            found += held
            without += not held
    found.sort(key=lambda one: one.urgency)
    if format_ is not Format.TABLE:
        written(
            desk.out, format_, {"keys": [view.plain(one) for one in found], "servers_without_own_key": without}, "keys"
        )
    else:
        for part in view.shown(found, without, whole=len(targets) == 1):
            desk.out.print(part)
    return int(any(one.trouble for one in found))


async def _keys_of(arm: Arm, target: Target, at: datetime) -> list[Held]:
    try:
        state = await arm.observe(target, _FACETS)
    except (Retry, Stop) as error:
        return [Held(target, None, trouble=f"cannot be seen: {error}")]
    hidden = next((str(error) for error in state.unread.values()), "")
    by_address = {way.address: way for way in ways(state)}
    return [_held(state, address, by_address.get(address), hidden, at) for address in key_addresses(state)]


def _held(state: State, address: KeyAddress, way: Way | None, hidden: str, at: datetime) -> Held:
    if way is None:
        return Held(
            state.target, address, address.vault, trouble=f"cannot be seen: {hidden or 'the vault is not there'}"
        )
    texts = next((one for name, one in _keys(state) if name.lower() == way.key.lower()), {})
    expires = _moment(texts.get("attributes.exp", ""))
    days = None if expires is None else (expires - at).days
    rights = _rights(state, way)
    return Held(
        state.target,
        address,
        way.vault.rpartition("/")[2],
        address.version or texts.get("keyUriWithVersion", "").rpartition("/")[2],
        expires,
        days,
        _rotates(texts.get("rotationPolicy.lifetimeActions")),
        rights,
        _moment(texts.get("attributes.created", "")),
        f"cannot be seen: {hidden}" if hidden else _trouble(state, texts.get("attributes.enabled"), days, rights),
        way,
        by_roles(state, way.vault),
    )


def _keys(state: State) -> Iterator[tuple[str, dict[str, str]]]:
    for name, texts in state.children.get(FacetKind.VAULT_KEYS, {}).items():
        yield name, dict(texts)


def _trouble(state: State, enabled: str | None, days: int | None, rights: str) -> str:
    if state.server is not None and state.server.state == "Inaccessible":
        return "the server is Inaccessible"
    if not rights:
        return "the server may not use it"
    if enabled != "true":
        return "the key is gone" if enabled is None else "the key is disabled"
    if days is not None and days < WARNING_DAYS:
        return "expired" if days < 0 else f"expires in {days} days"
    return ""


def _rights(state: State, way: Way) -> str:
    """What lets the server's identity use the key; empty where nothing does."""
    if by_roles(state, way.vault):
        held = state.children.get(FacetKind.VAULT_RIGHTS, {})
        return next((ROLES[role_of(one)] for name, one in held.items() if gives_role(way, name, one)), "")
    entry = state.children.get(FacetKind.VAULT_POLICIES, {}).get(way.policy.neighbour[1], {})
    return "" if missing_permissions(entry) else "access policy"


def _rotates(actions: str | None) -> str:
    for one in objects_of(actions):
        if str((one.get("action") or {}).get("type")).lower() == "rotate":
            trigger = one.get("trigger") or {}
            before, after = trigger.get("timeBeforeExpiry"), trigger.get("timeAfterCreate")
            return f"{before} before it expires" if before else f"{after or '?'} after it was made"
    return ""


def _moment(text: str) -> datetime | None:
    return datetime.fromtimestamp(int(text), UTC) if text.isdecimal() and len(text) < 12 else None
