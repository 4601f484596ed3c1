"""Holding and releasing: the kill switch, for one server, a scope or everything."""

from collections.abc import Iterable, Sequence

from cli.desk import Desk
from cli.errors import CommandFailed
from cli.options import Format
from cli.view import orders as view
from cli.view.text import short, where
from cli.view.written import written
from cli.work.targets import checked_controls, scope_of, servers_in
from shared import stewardship
from shared.errors import Refused, Retry, Stop
from shared.journal import Actor, new_id
from shared.orders import Hold
from shared.standing import orders_of

_SHORTEST_ID = 4


async def hold(desk: Desk, place: str, everything: bool, controls: Sequence[str], reason: str) -> int:
    """Stop all writing there, at once."""
    scope = await _scope(desk, place, everything)
    if not reason.strip():
        raise Refused("a hold needs a reason: say --reason; at 3 a.m. somebody will want to know why")
    by, at = await desk.parts.person(), desk.clock()
    for control in checked_controls(desk, controls) or ("",):
        order = Hold(new_id(at), scope, reason, by.name, at, control)
        await stewardship.hold(desk.parts.store, order, by)
        desk.out.print(view.held(order))
    return 0


async def holds(desk: Desk, format_: Format) -> int:
    """Every hold in force, the oldest first."""
    found = (await orders_of(desk.parts.store)).holds
    if format_ is not Format.TABLE:
        written(desk.out, format_, [view.plain_hold(order) for order in found])
    else:
        desk.out.print(view.holds(found) if found else "Nothing is held.")
    return 0


async def release(desk: Desk, names: Sequence[str], everything: bool, reason: str) -> int:
    """Lift holds, and have their servers looked at again."""
    if bool(names) is everything:
        raise Refused("say which holds (`holdfast holds` lists them), or --everything for those on the whole fleet")
    in_force = (await orders_of(desk.parts.store)).holds
    wanted = _on("", in_force) if everything else await _named(desk, names, in_force)
    by, at = await desk.parts.person(), desk.clock()
    lifted = await stewardship.release(desk.parts.store, [order.id for order in wanted], by, reason, at)
    for order in lifted:
        desk.out.print(view.released(order))
    await look_again(desk, {order.scope for order in lifted}, by)
    rest = len(in_force) - len(lifted)
    if rest:
        desk.out.print(f"{rest} other hold{'s' * (rest != 1)} in force; `holdfast holds` lists what is held.")
    return 0


async def look_again(desk: Desk, scopes: Iterable[str], by: Actor) -> None:
    """Have every server in the scopes looked at, because what holds for them has changed."""
    try:
        found = {target for scope in scopes for target in await servers_in(desk, scope)}
    except (Retry, Stop) as error:
        # The order itself is given; what it means for each server is seen by the next sweep at the latest.
        desk.err.print(f"The servers could not be listed; the hourly sweep looks at them. {error}", markup=False)
        return
    await stewardship.look_again(desk.parts.store, sorted(found), by, desk.clock())
    desk.out.print(f"{len(found)} server{'s' * (len(found) != 1)} will be looked at now.")


async def _scope(desk: Desk, place: str, everything: bool) -> str:
    if bool(place) is everything:
        raise Refused("say what to hold: a server, the id of a scope, or --everything")
    return "" if everything else await scope_of(desk, place)


def _on(scope: str, holds: Sequence[Hold]) -> list[Hold]:
    found = [order for order in holds if order.scope == scope]
    if not found:
        raise Refused(f"no hold on {where(scope)} is in force; `holdfast holds` lists those that are")
    return found


async def _named(desk: Desk, names: Sequence[str], in_force: Sequence[Hold]) -> list[Hold]:
    """The holds with these ids, or parts of ids; a server's name or a scope stands for all holds on exactly it."""
    found: list[Hold] = []
    for name in names:
        fitting = [order for order in in_force if _fits(order.id, name.lower())]
        if len(fitting) > 1:
            raise Refused(f"{len(fitting)} holds fit {name!r}: {', '.join(order.id for order in fitting)}")
        found += fitting or await _of_place(desk, name, in_force)
    return found


async def _of_place(desk: Desk, name: str, in_force: Sequence[Hold]) -> list[Hold]:
    try:
        scope = await scope_of(desk, name)
    except (Refused, CommandFailed) as error:
        ids = ", ".join(short(order.id) for order in in_force) or "none"
        raise Refused(f"{name!r} is neither a hold nor a place: holds in force are {ids}; {error}") from error
    return _on(scope, in_force)


def _fits(identity: str, part: str) -> bool:
    return len(part) >= _SHORTEST_ID and (identity.startswith(part) or identity.endswith(part))
