"""From what a person types to the servers, scopes and controls that are meant."""

from collections.abc import AsyncIterator, Iterable
from difflib import get_close_matches

from cli.desk import Desk
from cli.errors import CommandFailed
from shared.errors import MalformedEvent, Refused, Retry, Stop
from shared.scope import MANAGEMENT_GROUP, WANTED, Place, covers, parse_scope
from shared.target import Target, parse_target


async def target_of(desk: Desk, text: str) -> Target:
    """The server with this ARM id, or the only one with this name. Raises Refused."""
    if text.startswith("/"):
        return _by_id(text)
    try:
        servers = [target async for target in desk.parts.arm.servers()]
    except (Retry, Stop) as error:
        raise CommandFailed(f"{text!r} cannot be looked up: {error}. A full ARM id needs no looking up") from error
    return named(text, servers)


async def seen_target(desk: Desk, text: str) -> Target:
    """The same for what has happened: a server that the records know needs no Azure."""
    if text.startswith("/"):
        return _by_id(text)
    known = {entry.report.target for entry in await desk.parts.store.history(None, 1000)}
    found = [target for target in map(parse_target, known - {"/fleet"}) if target.name == text.strip().lower()]
    return found[0] if len(found) == 1 else await target_of(desk, text)


def named(text: str, servers: Iterable[Target]) -> Target:
    """The only server with this name. Raises Refused, with the nearest names."""
    known = list(servers)
    found = sorted(target for target in known if target.name == text.strip().lower())
    if len(found) == 1:
        return found[0]
    if found:
        ids = "\n  ".join(target.id for target in found)
        raise Refused(f"{len(found)} servers are named {text}; say which by its id:\n  {ids}")
    names = sorted({target.name for target in known})
    raise Refused(f"no server that you can see is named {text!r}{_nearest(text, names)}")


async def scope_of(desk: Desk, text: str) -> str:
    """The scope with this id, or that of the only server with this name. Raises Refused."""
    if not text.startswith("/"):
        return (await target_of(desk, text)).id.lower()
    try:
        return parse_scope(text)
    except MalformedEvent as error:
        raise Refused(f"found {text[:200]!r}, wanted a server's name or {WANTED}") from error


async def servers_in(desk: Desk, scope: str) -> list[Target]:
    """Every server that the person can see in the scope."""
    return [target async for target in each_server_in(desk, scope)]


async def each_server_in(desk: Desk, scope: str) -> AsyncIterator[Target]:
    """The same one by one, for who does not need them all at once."""
    if scope and not scope.startswith(MANAGEMENT_GROUP) and len(scope.split("/")) == len(_SERVER_ID):
        yield parse_target(scope)
        return
    arm = desk.parts.arm
    async for target in arm.servers():
        groups = await arm.management_groups(target.subscription) if scope.startswith(MANAGEMENT_GROUP) else ()
        if covers(scope, Place(target, management_groups=groups)):
            yield target


_SERVER_ID = ("", "subscriptions", "ID", "resourceGroups", "NAME", "providers", "PROVIDER", "TYPE", "NAME")


def checked_controls(desk: Desk, controls: Iterable[str]) -> tuple[str, ...]:
    """The ids of controls that exist, each once. Raises Refused, with the nearest id."""
    catalogue = desk.parts.catalogue
    for control in controls:
        if control not in catalogue:
            raise Refused(f"no control is named {control!r}{_nearest(control, catalogue)}")
    return tuple(dict.fromkeys(controls))


def _by_id(text: str) -> Target:
    try:
        return parse_target(text)
    except MalformedEvent as error:
        raise Refused(f"{error}; wanted a server's name or its ARM id") from error


def _nearest(text: str, names: Iterable[str]) -> str:
    known = list(names)
    close = get_close_matches(text, known, 3, 0.6)
    if close:
        return f"; did you mean {', '.join(close)}?"
    return f"; there are {', '.join(known[:10])}{' …' if len(known) > 10 else ''}" if known else ""
