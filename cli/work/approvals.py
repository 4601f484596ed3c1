"""Plans that wait for a person: listed, shown, decided. The page and the command line decide through the same code."""

from cli.desk import Desk
from cli.errors import COULD_NOT
from cli.options import Format
from cli.view import approvals as view
from cli.view import plan as plan_view
from cli.view.sheet import plain, sheet_of_approval
from cli.view.text import short
from cli.view.written import written
from cli.work.answer import Question, wait_for
from shared import approvals
from shared.approvals import Found, Verdict
from shared.errors import Refused

_SHORTEST_ID = 4


async def listed(desk: Desk, format_: Format) -> int:
    """Every plan that waits, the oldest first."""
    found, at = await approvals.waiting(desk.parts.store), desk.clock()
    if format_ is not Format.TABLE:
        written(desk.out, format_, [view.plain(one) for one in found])
    else:
        desk.out.print(view.listing(found, at) if found else "Nothing waits for a decision.")
    return 0


async def show(desk: Desk, approval: str, format_: Format) -> int:
    """One plan that waits, as `plan` shows it."""
    found = await _found(desk, approval)
    if format_ is not Format.TABLE:
        written(desk.out, format_, {**view.plain(found), **plain(sheet_of_approval(desk.parts.arm, found))})
    else:
        _print(desk, found)
    return 0


async def approve(desk: Desk, approval: str, reason: str, yes: bool, wait_seconds: float) -> int:
    """Show the plan, ask, have exactly it carried out, and say what came of it."""
    by, found = await desk.parts.person(), await _found(desk, approval)
    policy = await desk.parts.policy()
    approvals.must_be_allowed(policy, found.approval, Verdict.APPROVE, by)
    _print(desk, found)
    if not yes and not desk.confirm(f"\nApprove this plan, as {by.name}?"):
        desk.out.print("Nothing was decided.")
        return COULD_NOT
    await _decide(desk, found, Verdict.APPROVE, reason)
    desk.out.print(f"Approved by {by.name}; the server is looked at now.", markup=False)
    return await wait_for(desk, Question(found.approval.id, found.target), wait_seconds)


async def deny(desk: Desk, approval: str, reason: str, wait_seconds: float) -> int:
    """Say no, with a reason; the drift stands, and it is not asked again while it stays the same."""
    found = await _found(desk, approval)
    await _decide(desk, found, Verdict.DENY, reason)
    return await wait_for(desk, Question(found.approval.id, found.target), wait_seconds)


async def _decide(desk: Desk, found: Found, verdict: Verdict, reason: str) -> None:
    """Decide about the plan that was shown, and no other: its digest goes along."""
    by, policy = await desk.parts.person(), await desk.parts.policy()
    identity, digest = found.approval.id, found.approval.digest
    await approvals.decide(desk.parts.store, policy, identity, digest, verdict, by, reason, desk.clock())


def _print(desk: Desk, found: Found) -> None:
    sheet = sheet_of_approval(desk.parts.arm, found)
    desk.out.print(plan_view.heading(found.target), soft_wrap=True)
    desk.out.print(view.circumstances(found, desk.clock()))
    desk.out.print(plan_view.findings(sheet))
    desk.out.print(plan_view.changes(sheet))


async def _found(desk: Desk, text: str) -> Found:
    """The plan with this id, or the only one that waits whose id begins or ends like this; a server's only plan."""
    wanted = text.strip().lower()
    waiting = await approvals.waiting(desk.parts.store)
    fitting = [one for one in waiting if _fits(one, wanted)]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        ids = "\n  ".join(f"{one.approval.id}  {one.target.name}" for one in fitting)
        raise Refused(f"{len(fitting)} plans fit {text!r}; say which:\n  {ids}")
    ids = ", ".join(short(one.approval.id) for one in waiting) or "none"
    raise Refused(
        f"no plan that waits is named {text!r} (decided, withdrawn and expired ones wait no more); there are: {ids}"
    )


def _fits(one: Found, wanted: str) -> bool:
    if len(wanted) < _SHORTEST_ID:
        return False
    identity = one.approval.id
    return wanted == one.target.name or identity.startswith(wanted) or identity.endswith(wanted)
