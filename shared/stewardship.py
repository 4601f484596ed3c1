"""Standing orders as people give them: checked, recorded, told, and then in force.

The page and the command line come through here, so that no order is given without its record. What is told about no
single server has its record and outbox under the fleet's own id.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from shared import scribe
from shared.alert import Alert
from shared.errors import LeaseLost, Refused
from shared.journal import Actor, NoticeKind, Origin, Report, Request, Stage, Trigger, new_id
from shared.memory import Remediation
from shared.orders import Exemption, Hold, Orders
from shared.policy import Policy
from shared.ports import Commit, Store
from shared.radius import count_anew, forget_marks
from shared.scope import parse_scope
from shared.standing import change_orders, orders_of
from shared.target import FLEET, Target

_ATTEMPTS = 20
# How long an expired exemption is still listed.
_SHOWN_AFTER_EXPIRY = timedelta(days=30)


async def hold(store: Store, order: Hold, by: Actor) -> None:
    """Stop all writing in the hold's scope. It works at once, also in passes that are under way. Raises MalformedEvent
    for what is no scope.

    It is in force before it is recorded, and says itself who gave it and why: nothing comes before stopping.
    """
    _must_have_reason(order.reason, "a hold")
    # However the scope is spelled, it has to hold.
    order = replace(order, scope=parse_scope(order.scope))
    await change_orders(store, lambda orders: replace(orders, holds=(*orders.holds, order)))
    await log(store, by, order.at, f"{by.name} holds {_where(order.scope, order.control)}: {order.reason}")


async def release(store: Store, hold_ids: Sequence[str], by: Actor, reason: str, at: datetime) -> list[Hold]:
    """Lift these holds, and say which; their servers should be looked at again. Raises Refused."""
    wanted = set(hold_ids)
    lifted = [order for order in (await orders_of(store)).holds if order.id in wanted]
    if not lifted:
        raise Refused("no such hold is in force; `holdfast holds` lists them")
    what = ", ".join(_where(order.scope, order.control) for order in lifted)
    await log(store, by, at, f"{by.name} releases {what}: {reason}" if reason else f"{by.name} releases {what}")
    if any(order.automatic for order in lifted):
        await count_anew(store)
    await change_orders(
        store, lambda orders: replace(orders, holds=tuple(one for one in orders.holds if one.id not in wanted))
    )
    return lifted


async def exempt(store: Store, policy: Policy, exemption: Exemption, by: Actor, at: datetime) -> None:
    """Let drifts stand until the exemption expires. Raises Refused for one that the policy does not allow, and
    MalformedEvent for what is no scope."""
    _must_have_reason(exemption.reason, "an exemption")
    exemption = replace(exemption, scope=parse_scope(exemption.scope))
    if not exemption.owner.strip():
        raise Refused("an exemption needs an owner who answers for it")
    if exemption.expires_at <= at:
        raise Refused(f"the exemption would have expired at {exemption.expires_at:%Y-%m-%d %H:%M} UTC already")
    longest = timedelta(days=policy.exempting.longest_days)
    if exemption.expires_at > at + longest:
        raise Refused(
            f"the exemption would last until {exemption.expires_at:%Y-%m-%d %H:%M} UTC; the policy allows at most"
            f" {policy.exempting.longest_days:g} days, until {at + longest:%Y-%m-%d %H:%M} UTC"
        )
    controls = ", ".join(exemption.controls) or "every control"
    text = (
        f"{by.name} exempts {_where(exemption.scope)} from {controls} until {exemption.expires_at:%Y-%m-%d %H:%M} UTC:"
        f" {exemption.reason}"
    )
    await log(store, by, at, text, owner=exemption.owner)
    await change_orders(store, lambda orders: with_exemption(orders, exemption))


async def end_exemption(store: Store, exemption_id: str, by: Actor, reason: str, at: datetime) -> Exemption:
    """End an exemption that a command made; its servers should be looked at again. Raises Refused."""
    found = next((one for one in (await orders_of(store)).exemptions if one.id == exemption_id), None)
    if found is None:
        raise Refused(f"no exemption {exemption_id!r} was given by a command; one that stands in the policy ends there")
    said = f": {reason}" if reason else ""
    await log(store, by, at, f"{by.name} ends the exemption of {_where(found.scope)}{said}", owner=found.owner)
    await change_orders(store, lambda orders: without_exemption(orders, exemption_id))
    return found


def after_undo(policy: Policy, target: Target, undo: Remediation, request: Request, at: datetime) -> Exemption:
    """The exemption of a server from what would put the undone change back. Safe to give twice: it keeps its id."""
    hours = min(request.exempt_hours, policy.exempting.longest_days * 24)
    return Exemption(
        id=f"undo-{request.record}",
        scope=target.id.lower(),
        controls=undo.controls,
        reason=request.reason or f"undoes {request.record}",
        owner=request.by.name,
        expires_at=at + timedelta(hours=hours),
        created_at=at,
        by=request.by.name,
        source=f"undo of {request.record}",
    )


async def look_again(store: Store, targets: Iterable[Target], by: Actor, at: datetime) -> None:
    """Have these servers looked at because a person changed what holds for them."""
    for target in targets:
        await store.remember(Trigger(f"look-{new_id(at)}", target.id, "*", "", at, Origin.PERSON, by, received_at=at))


async def tend(store: Store, policy: Policy, at: datetime) -> None:
    """Warn the owners of exemptions that expire soon, once each, and forget what is long over."""
    orders = await orders_of(store)
    known = {*orders.warned}
    everywhere = (*policy.exemptions, *orders.exemptions)
    due = [one for one in everywhere if _ends_soon(one, policy, at) and _warning(one) not in known]
    for exemption in due:
        await _warn(store, exemption, at)
    alive = {_warning(one) for one in everywhere}
    kept = tuple(one for one in orders.exemptions if one.expires_at + _SHOWN_AFTER_EXPIRY > at)
    warned = tuple(sorted((known & alive) | {_warning(one) for one in due}))
    if due or len(kept) < len(orders.exemptions) or warned != orders.warned:
        dropped = {one.id for one in orders.exemptions} - {one.id for one in kept}
        await change_orders(store, lambda now: _tended(now, dropped, warned))
    await forget_marks(store, policy.blast_radius, at)


async def log(
    store: Store,
    by: Actor,
    at: datetime,
    text: str,
    kind: NoticeKind = NoticeKind.ORDERS_CHANGED,
    severity: str = "medium",
    owner: str = "",
    error: str = "",
    quiet: bool = False,
    record: str = "",
    alert: Alert | None = None,
) -> str:
    """Record and tell something about no single server; the record's id. Under a given id it is told once. `alert` is
    the security alert that it is about, if it is about one."""
    once, record = bool(record), record or new_id(at)
    origin = Origin.PERSON if alert is None else Origin.ALERT
    trigger = Trigger(record, FLEET.id, "*", "", at, origin, by, received_at=at, alert=alert)
    report = Report(record, FLEET.id, severity, at, trigger, outcome=text, error=error, owner=owner)
    entry = scribe.entry(report, 0, Stage.ORDERED, at, text)
    notice = scribe.notice(report, kind, at, 0, quiet)
    for _ in range(_ATTEMPTS):
        dossier = await store.load(FLEET)
        if once and await store.record(record):
            return record
        try:
            await store.commit(FLEET, dossier.version, Commit(dossier.memory, (entry,), (notice,)))
        except LeaseLost:
            # Somebody else has written about the fleet in the same moment.
            continue
        return record
    raise LeaseLost("the fleet's record is being written by too many at once; try again")


async def _warn(store: Store, exemption: Exemption, at: datetime) -> None:
    controls = ", ".join(exemption.controls) or "every control"
    text = (
        f"the exemption of {_where(exemption.scope)} from {controls} expires at {exemption.expires_at:%Y-%m-%d %H:%M}"
        f" UTC; after that drifts are put right again. It was given because: {exemption.reason}"
    )
    await log(store, Actor("Holdfast"), at, text, NoticeKind.EXEMPTION_EXPIRING, owner=exemption.owner)


def _ends_soon(exemption: Exemption, policy: Policy, at: datetime) -> bool:
    """Within `warn_days`; of a short one that somebody has just given, only its last quarter is soon."""
    warned_before = timedelta(days=policy.exempting.warn_days)
    if exemption.created_at is not None:
        warned_before = min(warned_before, (exemption.expires_at - exemption.created_at) / 4)
    return at < exemption.expires_at <= at + warned_before


def _warning(exemption: Exemption) -> str:
    """One warning for each expiry: an exemption that was prolonged is warned of again."""
    return f"{exemption.id}@{exemption.expires_at:%Y%m%dT%H%M}"


def _tended(orders: Orders, dropped: set[str], warned: tuple[str, ...]) -> Orders:
    kept = tuple(one for one in orders.exemptions if one.id not in dropped)
    return replace(orders, exemptions=kept, warned=warned)


def with_exemption(orders: Orders, exemption: Exemption) -> Orders:
    """The orders with the exemption, in place of an earlier one with its id."""
    return replace(orders, exemptions=(*without_exemption(orders, exemption.id).exemptions, exemption))


def without_exemption(orders: Orders, exemption_id: str) -> Orders:
    """The orders without this exemption."""
    return replace(orders, exemptions=tuple(one for one in orders.exemptions if one.id != exemption_id))


def _must_have_reason(reason: str, what: str) -> None:
    if not reason.strip():
        raise Refused(f"{what} needs a reason: at 3 a.m. somebody will want to know why")


def _where(scope: str, control: str = "") -> str:
    place = scope or "everything"
    return f"{place} for {control}" if control else place
