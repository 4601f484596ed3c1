"""Exemptions: given, listed and ended. Those that stand in the policy are listed, too."""

from collections.abc import Sequence
from dataclasses import dataclass

from cli.desk import Desk
from cli.options import Format
from cli.view import orders as view
from cli.view.written import written
from cli.work.moments import moment_of
from cli.work.orders import look_again
from cli.work.targets import checked_controls, scope_of
from shared import stewardship
from shared.errors import Refused
from shared.journal import new_id
from shared.orders import Exemption
from shared.standing import orders_of


@dataclass(frozen=True, slots=True)
class Wanted:
    """An exemption as a person asks for it; no `controls` means every control, and has to be said."""

    place: str
    controls: Sequence[str]
    every_control: bool
    reason: str
    owner: str
    ticket: str
    expires: str


async def add(desk: Desk, wanted: Wanted) -> int:
    """Let drifts stand until the exemption expires."""
    if bool(wanted.controls) is wanted.every_control:
        raise Refused("say which controls (--control ID, can be repeated), or --every-control")
    controls = checked_controls(desk, wanted.controls)
    by, at = await desk.parts.person(), desk.clock()
    exemption = Exemption(
        id=new_id(at),
        scope=await scope_of(desk, wanted.place),
        controls=controls,
        reason=wanted.reason,
        owner=wanted.owner,
        expires_at=moment_of(wanted.expires, at),
        ticket=wanted.ticket,
        created_at=at,
        by=by.name,
        source="command line",
    )
    await stewardship.exempt(desk.parts.store, await desk.parts.policy(), exemption, by, at)
    desk.out.print(view.exempted(exemption, at))
    await look_again(desk, [exemption.scope], by)
    return 0


async def listed(desk: Desk, format_: Format) -> int:
    """Every exemption of the policy's files and of commands, the first to expire first."""
    policy, at = await desk.parts.policy(), desk.clock()
    given = (await orders_of(desk.parts.store)).exemptions
    found = sorted([*policy.exemptions, *given], key=lambda one: one.expires_at)
    if format_ is not Format.TABLE:
        written(desk.out, format_, [view.plain_exemption(one, at) for one in found])
    else:
        desk.out.print(view.exemptions(found, at, policy.exempting.warn_days) if found else "Nothing is exempt.")
    return 0


async def end(desk: Desk, exemption_id: str, reason: str) -> int:
    """End an exemption that a command gave, and have its servers looked at again."""
    given = (await orders_of(desk.parts.store)).exemptions
    part = exemption_id.strip().lower()
    fitting = [one.id for one in given if one.id == part or (len(part) >= 4 and one.id.endswith(part))]
    if len(fitting) > 1:
        raise Refused(f"{len(fitting)} exemptions fit {exemption_id!r}: {', '.join(fitting)}")
    by, at = await desk.parts.person(), desk.clock()
    ended = await stewardship.end_exemption(desk.parts.store, fitting[0] if fitting else part, by, reason, at)
    desk.out.print(view.ended(ended))
    await look_again(desk, [ended.scope], by)
    return 0
