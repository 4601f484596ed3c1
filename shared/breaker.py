"""The brakes: what makes Holdfast stop itself and call a person.

The loop breaker holds one control on one server when the same fix is needed again and again. The blast radius holds
everything when too many servers are being changed at the same time. Either places a hold that stays until released.
"""

from dataclasses import replace
from datetime import datetime

from shared.decide import Verb
from shared.deliberate import Outcome
from shared.journal import Actor, NoticeKind, new_id
from shared.orders import Hold, Orders
from shared.policy import Policy
from shared.ports import Store
from shared.radius import mark, others_changing
from shared.standing import change_orders
from shared.stewardship import log
from shared.target import Target
from shared.telemetry import names, record

_BREAKER, _RADIUS = "the loop breaker", "the blast radius"


async def hold_back(
    store: Store, policy: Policy, target: Target, outcome: Outcome, orders: Orders, at: datetime
) -> Orders | None:
    """The orders after a brake has acted, or None when nothing has to be stopped. Asked before anything is written."""
    if outcome.of(Verb.HOLD):
        await _tell(store, orders, at)
    tripped = {drift.control: decision.reason for drift, decision in outcome.decided if decision.trips}
    if tripped:
        record.tell(names.BREAKER_TRIPS, len(tripped), brake="loop")
        holds = [_hold(target.id.lower(), reason, _BREAKER, at, control) for control, reason in tripped.items()]
        return await change_orders(store, lambda orders: _with(orders, *holds))
    rule = policy.blast_radius
    if not rule.servers or not outcome.of(Verb.ACT):
        return None
    await mark(store, target, rule, at)
    others = await others_changing(store, target, rule, at)
    if others < rule.servers:
        return None
    reason = (
        f"more than {rule.servers} servers would be changed within {rule.minutes:g} minutes; see what is going on, then"
        " release"
    )
    record.tell(names.BREAKER_TRIPS, brake="radius")
    hold = _hold("", reason, _RADIUS, at)
    stopped = await change_orders(store, lambda orders: _with(orders, hold))
    await _tell(store, stopped, at)
    return stopped


async def _tell(store: Store, orders: Orders, at: datetime) -> None:
    """Say that everything is held, once, under the hold's own id: whoever placed it may have died before saying so."""
    for hold in orders.holds:
        if hold.automatic and hold.by == _RADIUS and not await store.record(hold.id):
            text = f"Holdfast stopped itself: {hold.reason}"
            await log(store, Actor(_RADIUS), at, text, NoticeKind.HELD, "critical", record=hold.id)


def _hold(scope: str, reason: str, by: str, at: datetime, control: str = "") -> Hold:
    return Hold(new_id(at), scope, reason, by, at, control, automatic=True)


def _with(orders: Orders, *holds: Hold) -> Orders:
    kinds = {(hold.scope, hold.control, hold.by) for hold in orders.holds}
    new = tuple(hold for hold in holds if (hold.scope, hold.control, hold.by) not in kinds)
    return replace(orders, holds=(*orders.holds, *new))
