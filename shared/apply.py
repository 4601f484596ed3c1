"""Sending a plan to Azure, one request after the other, and following each for no longer than a moment.

Azure works on one thing per server at a time. An operation that ends at once is followed here; any other is left to
the echo of our own write and to a delayed message, since a held invocation is billed and Event Grid waits 30 seconds.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from shared.control import Change
from shared.errors import Frozen, Retry, Stop, Unreachable
from shared.memory import Remediation
from shared.ports import Accepted, Arm
from shared.target import Target

_PATIENCE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Applied:
    """How far the plan came. `wait_seconds` is None when all of it is done; `failed` says why it cannot be done.

    `moot` marks a failure that nobody has to hear of: the setting turned out not to be in force.
    """

    remediation: Remediation
    wait_seconds: float | None = None
    failed: str = ""
    moot: bool = False


async def apply(
    arm: Arm,
    target: Target,
    remediation: Remediation,
    changes: Sequence[Change],
    permit: Callable[[], Awaitable[str]],
) -> Applied:
    """Send the changes in order; stop at the first that has to be waited for or cannot be done.

    `permit` is asked before each request; what it answers is why nothing more may be sent.
    """
    for group in arm.requests(target, changes):
        forbidden = await permit()
        if forbidden:
            return Applied(remediation, failed=forbidden)
        try:
            accepted = await arm.write(target, group, remediation.id)
        except Unreachable as error:
            # Whether it arrived is unknown: the next pass looks.
            return Applied(_sent(remediation, group), error.after_seconds)
        except Retry as error:
            return Applied(replace(remediation, attempts=max(1, remediation.attempts - 1)), error.after_seconds)
        except Stop as error:
            return Applied(remediation, failed=str(error), moot=isinstance(error, Frozen))
        remediation = _sent(remediation, group, accepted.operation)
        ended = await _follow(arm, accepted)
        if ended.failed or ended.wait_seconds is not None:
            return Applied(remediation, ended.wait_seconds, ended.failed)
        remediation = replace(remediation, operations=())
    return Applied(remediation)


@dataclass(frozen=True, slots=True)
class _Ended:
    wait_seconds: float | None = None
    failed: str = ""


async def _follow(arm: Arm, accepted: Accepted) -> _Ended:
    wait, waited = accepted.retry_after_seconds, 0.0
    while accepted.operation:
        if waited + wait > _PATIENCE_SECONDS:
            return _Ended(wait)
        await asyncio.sleep(wait)
        waited += wait
        try:
            progress = await arm.progress(accepted.operation)
        except Retry as error:
            return _Ended(error.after_seconds)
        if progress.error:
            return _Ended(failed=f"Azure accepted the change and then failed it: {progress.error}")
        if progress.done:
            break
        wait = max(progress.retry_after_seconds, 0.1)
    return _Ended()


def _sent(remediation: Remediation, group: Sequence[Change], operation: str = "") -> Remediation:
    return replace(
        remediation,
        sent=tuple(dict.fromkeys((*remediation.sent, *(change.setting for change in group)))),
        operations=(operation,) if operation else (),
    )
