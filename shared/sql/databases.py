"""The databases of one server: read facet by facet, so that one that cannot be seen hides no other; written one by one.

The driver is imported when the first database is opened.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.control import Change
from shared.errors import NoAnswer, Retry, Stop, Unreachable
from shared.guard import still_ours
from shared.sql import reading
from shared.sql.door import Door
from shared.sql.reading import Texts
from shared.sql.writing import must_not_lock_out, statements
from shared.state import Facet, FacetKind, Setting, SettingKind, names_in

if TYPE_CHECKING:
    from shared.sql.driver import Session

# More than this many databases are not opened one after the other on every look.
MOST_DATABASES = 50
_AT_ONCE = 4
_ENDING_SECONDS, _PAUSE_SECONDS = 3.0, 0.05
_OWN = "select current_user, session_user"
_END = """
select pg_catalog.pg_terminate_backend(a.pid) from pg_catalog.pg_stat_activity a
 where a.usename = %s and a.pid <> pg_catalog.pg_backend_pid()
"""
_COUNT = """
select pg_catalog.count(*) from pg_catalog.pg_stat_activity a
 where a.usename = %s and a.pid <> pg_catalog.pg_backend_pid()
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was read, and for each facet that was not, why."""

    children: Mapping[FacetKind, Texts]
    unread: Mapping[Facet, Stop]


class Databases:
    """Reads and writes through a door. `token` gives what is shown there, each time it is asked."""

    def __init__(self, token: Callable[[], Awaitable[str]]) -> None:
        self._token = token

    async def read(self, door: Door, facets: Iterable[FacetKind], only: Sequence[str] = ()) -> Seen:
        """Read these facets; `only` names the databases to open, none: all that take connections."""
        wanted = list(facets)
        try:
            async with self._session(door) as session:
                seen = [await _part(kind, _cluster(kind, session, door)) for kind in wanted if kind in _FROM_ONE]
                names = await reading.databases(session) if reading.EACH.keys() & wanted else []
        except (Stop, Retry) as error:
            why = _why(error)
            return Seen({}, {Facet(kind): why for kind in wanted})
        each = [kind for kind in wanted if kind in reading.EACH]
        return _merged([*seen, *(await self._each(door, each, [one for one in names if not only or one in only]))])

    async def write(self, door: Door, change: Change) -> None:
        """Make the change. Raises Forbidden, Busy, Unreachable or Rejected; LeaseLost before a statement is sent."""
        made = statements(change)
        async with self._session(door.to(made[0].database if made else ""), writes=True) as session:
            ((current, signed_in),) = await session.rows(_OWN)
            must_not_lock_out(change, frozenset({current, signed_in, door.holdfast}))
            for statement in made:
                still_ours()
                await session.run(statement)
            if change.setting.kind is SettingKind.SESSION:
                still_ours()
                await _end(session, change.setting)

    async def _each(self, door: Door, kinds: Sequence[FacetKind], names: Sequence[str]) -> list[Seen]:
        if len(names) > MOST_DATABASES:
            text = f"{door.host} has {len(names)} databases, at most {MOST_DATABASES} are opened"
            why = Stop(f"{text}: name those that count below `only` in the policy's `databases`")
            return [Seen({}, {Facet(kind): why for kind in kinds})]
        at_once = asyncio.Semaphore(_AT_ONCE)

        async def look(name: str) -> list[Seen]:
            try:
                async with at_once, self._session(door.to(name)) as session:
                    return [await _part(kind, reading.EACH[kind](session, name)) for kind in kinds]
            except (Stop, Retry) as error:
                why = _why(error)
                return [Seen({}, {Facet(kind): why for kind in kinds})]

        found = await asyncio.gather(*(look(name) for name in (names if kinds else ())))
        return [Seen({kind: {} for kind in kinds}, {}), *(seen for some in found for seen in some)]

    @asynccontextmanager
    async def _session(self, door: Door, *, writes: bool = False) -> AsyncIterator["Session"]:
        from shared.sql.driver import session

        async with session(door, await self._token(), writes=writes) as opened:
            yield opened


async def _cluster(kind: FacetKind, session: "Session", door: Door) -> Texts:
    if kind is FacetKind.DATABASE_ROLES:
        return await reading.roles(session, door.holdfast)
    if kind is FacetKind.DATABASE_FACTS:
        return await reading.server_facts(session)
    found: Texts = await reading.CLUSTER[kind](session)
    return found


_FROM_ONE = frozenset({*reading.CLUSTER, FacetKind.DATABASE_ROLES, FacetKind.DATABASE_FACTS})


async def _part(kind: FacetKind, asked: Awaitable[Texts]) -> Seen:
    """One facet; what is refused there says nothing about the others. A connection that is gone ends them all."""
    try:
        return Seen({kind: await asked}, {})
    except Stop as error:
        return Seen({}, {Facet(kind): error})


def _merged(parts: Sequence[Seen]) -> Seen:
    children: dict[FacetKind, Texts] = {}
    unread: dict[Facet, Stop] = {}
    for part in parts:
        unread |= {facet: why for facet, why in part.unread.items() if facet not in unread}
        for kind, texts in part.children.items():
            children.setdefault(kind, {}).update(texts)
    # A facet of which one database is missing is not known.
    return Seen({kind: texts for kind, texts in children.items() if Facet(kind) not in unread}, unread)


def _why(error: Stop | Retry) -> Stop:
    return error if isinstance(error, Stop) else NoAnswer(str(error))


async def _end(session: "Session", setting: Setting) -> None:
    """End the sessions of a role, and wait until they are gone: PostgreSQL only asks them to end."""
    (role,) = names_in(setting.name)
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _ENDING_SECONDS
    await session.rows(_END, role)
    while (await session.rows(_COUNT, role))[0][0]:
        if loop.time() > deadline:
            raise Unreachable(f"sessions of {role} do not end", 2)
        await asyncio.sleep(_PAUSE_SECONDS)
