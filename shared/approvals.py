"""Approval of plans: what waits, and the one way to decide, for the page, the command line and whatever comes.

Everything about a plan that waits is in its server's memory, so it comes and goes with the commit that made it. A
line `approvals/<id>` says where to look, and is written first: a crash leaves at most a line that leads to nothing. A
decision is a document that can only be created, never changed: that is what makes it single-use. The pass that follows
makes exactly the approved changes, or none.
"""

import asyncio
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import batched

from shared.errors import Conflict, Refused
from shared.identity import is_among
from shared.journal import Actor, Origin, Trigger, encode
from shared.memory import Approval
from shared.policy import Policy
from shared.ports import Store, read_document
from shared.target import Target, parse_target

_LINES = "approvals/"
_DECISIONS = "decisions/"
_LONGEST_REASON = 500
_AT_ONCE = 16
# What a person types or a link holds becomes a document's name only when it can be one.
_ID = re.compile(r"[a-z0-9-]{1,64}")
_GONE = "this plan does not wait for a decision any more: it was withdrawn, or its time is over"


class Verdict(StrEnum):
    """What a person says about a plan."""

    APPROVE = "approve"
    DENY = "deny"


@dataclass(frozen=True, slots=True)
class Ruling:
    """A person's decision about one approval."""

    approval: str
    digest: str
    verdict: Verdict
    by: Actor
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A plan that waits, or waited a moment ago; `ruling` is there once somebody has decided."""

    target: Target
    approval: Approval
    ruling: Ruling | None = None


async def enlist(store: Store, approval: Approval, target: Target) -> None:
    """Make the approval findable; before the commit that makes it wait."""
    await store.write_document(f"{_LINES}{approval.id}", target.id.encode())


async def unlist(store: Store, approval_id: str) -> None:
    """Nothing waits under this id any more."""
    await store.remove_document(f"{_LINES}{approval_id}")


async def ruling_on(store: Store, approval_id: str) -> Ruling | None:
    """What was decided, if anybody has."""
    if not _ID.fullmatch(approval_id):
        return None
    document = await store.document(f"{_DECISIONS}{approval_id}")
    return read_document(Ruling, document) if document else None


async def find(store: Store, approval_id: str) -> Found | None:
    """The plan that waits under this id; none under what is no id at all."""
    if not _ID.fullmatch(approval_id):
        return None
    line = await store.document(f"{_LINES}{approval_id}")
    if line is None:
        return None
    target = parse_target(line.body.decode())
    approvals = (await store.load(target)).memory.approvals
    approval = next((approval for approval in approvals if approval.id == approval_id), None)
    return Found(target, approval, await ruling_on(store, approval_id)) if approval else None


async def waiting(store: Store) -> list[Found]:
    """Every plan that waits for a person, the oldest first."""
    ids = [line.name.removeprefix(_LINES) for line in await store.documents(_LINES)]
    found: list[Found | None] = []
    for some in batched(ids, _AT_ONCE, strict=False):
        found += await asyncio.gather(*(find(store, approval_id) for approval_id in some))
    open_ones = [one for one in found if one is not None and one.ruling is None]
    return sorted(open_ones, key=lambda one: one.approval.asked_at)


async def decide(
    store: Store, policy: Policy, approval_id: str, digest: str, verdict: Verdict, by: Actor, reason: str, at: datetime
) -> Ruling:
    """Decide about the plan with this digest, and have its server looked at. Raises Refused, with what to do next."""
    found = await find(store, approval_id)
    if found is None:
        ruling = await ruling_on(store, approval_id)
        raise Refused(_used(ruling) if ruling else _GONE)
    if found.ruling is not None:
        # Whoever tries again may have seen the first try fail, and nobody has been woken.
        await _wake(store, found, found.ruling)
        raise Refused(_used(found.ruling))
    _must_be_open(found, digest, at)
    must_be_allowed(policy, found.approval, verdict, by)
    if verdict is Verdict.DENY and not reason.strip():
        raise Refused("a denial needs a reason: people will want to know why the drift stands")
    ruling = Ruling(approval_id, digest, verdict, by, at, reason.strip()[:_LONGEST_REASON])
    try:
        await store.write_document(f"{_DECISIONS}{approval_id}", encode(ruling))
    except Conflict as error:
        raise Refused(_used(await ruling_on(store, approval_id))) from error
    await _wake(store, found, ruling)
    return ruling


async def forget_decisions(store: Store, before: datetime) -> int:
    """Drop decisions that were taken before then about plans that wait no more; how many."""
    dropped = 0
    for document in await store.documents(_DECISIONS):
        ruling = read_document(Ruling, document)
        if ruling.at < before and await find(store, ruling.approval) is None:
            await store.remove_document(document.name)
            dropped += 1
    return dropped


async def _wake(store: Store, found: Found, ruling: Ruling) -> None:
    name, by, at = f"{_DECISIONS}{ruling.approval}", ruling.by, ruling.at
    await store.remember(Trigger(name, found.target.id, "*", "", at, Origin.PERSON, by, received_at=at))


def _must_be_open(found: Found, digest: str, at: datetime) -> None:
    if at >= found.approval.expires_at:
        raise Refused(f"the time to decide was over at {found.approval.expires_at:%Y-%m-%d %H:%M} UTC; nothing is done")
    if digest != found.approval.digest:
        raise Refused("the plan is not the one that was shown; open the newest message about this server")


def must_be_allowed(policy: Policy, approval: Approval, verdict: Verdict, by: Actor) -> None:
    """Raises Refused, with the reason, for somebody who may not decide like this about the plan."""
    rules = policy.approvals
    if not (by.object_id or by.app_id or by.groups or by.name):
        raise Refused("nobody is signed in; sign in to decide")
    if rules.approvers and not is_among(by, rules.approvers):
        raise Refused(f"{by.name} is not among the approvers that the policy names")
    if not rules.approvers and by.kind == "application":
        raise Refused(f"{by.name} is an application; without approvers in the policy, people decide")
    if rules.four_eyes and same_person(by, approval.caused_by):
        verb = "approve what is done about it" if verdict is Verdict.APPROVE else "say that it may stand"
        raise Refused(f"{by.name} made the change; somebody else has to {verb} (four eyes)")


def same_person(one: Actor, other: Actor | None) -> bool:
    """Whether the two are one identity, as far as ids and sign-in names tell."""
    if other is None:
        return False
    ids = {one.object_id.lower(), one.app_id.lower() if not one.object_id else ""} - {""}
    others = {other.object_id.lower(), other.app_id.lower() if not other.object_id else ""} - {""}
    return bool(ids & others) or (bool(one.name) and one.name.lower() == other.name.lower())


def _used(ruling: Ruling | None) -> str:
    if ruling is None:
        return "somebody else decided in the same moment; open the record to see how"
    said = "approved" if ruling.verdict is Verdict.APPROVE else "denied"
    return f"this plan was already {said} by {ruling.by.name} at {ruling.at:%Y-%m-%d %H:%M} UTC; a link works once"
