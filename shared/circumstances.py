"""Everything outside a server's state that a decision needs: orders, exemptions, tags, who really made a change.

Asked for as late and as little as possible: most passes find nothing, and then none of it matters. What cannot be
found out raises, and then nothing is written.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from shared.claims import weighed
from shared.control import is_response
from shared.decide import Circumstances, Decided, Verb
from shared.orders import Orders
from shared.ports import Arm
from shared.scene import Scene, break_glass
from shared.scope import Place
from shared.state import Setting, State

_WOULD_WRITE = (Verb.ACT, Verb.ASK, Verb.WAIT)


def circumstances_at(scene: Scene, place: Place, orders: Orders, at: datetime) -> Circumstances:
    """The circumstances, as far as nobody has to be asked for them."""
    memory, policy = scene.memory, scene.policy
    since = at - timedelta(minutes=policy.breaker.minutes)
    fixes = [control for control, moment in memory.fixes if moment > since]
    until, remark = break_glass(policy, place, at)
    return Circumstances(
        place=place,
        at=at,
        orders=orders,
        exemptions=(*policy.exemptions, *orders.exemptions),
        break_glass_until=until,
        accepted={Setting.parse(text): acceptance for text, acceptance in memory.accepted.items()},
        consents=scene.consents,
        denials=memory.denials,
        claimed={Setting.parse(text): since for text, since in memory.claimed.items()},
        waiting=memory.waiting,
        fixes={control: fixes.count(control) for control in fixes},
        breaker=policy.breaker,
        remark=remark,
    )


async def asked_about(
    arm: Arm, scene: Scene, state: State, decided: Sequence[Decided], known: Circumstances
) -> Circumstances:
    """The circumstances with what only Azure can tell, for the drifts that would be mended otherwise."""
    drifts = [drift for drift, decision in decided if decision.verb in _WOULD_WRITE and not is_response(drift.control)]
    if drifts and scene.policy.exempting.azure_policy:
        known = replace(known, waivers=await arm.waivers(scene.target))
    return await weighed(arm, scene, state, drifts, known)
