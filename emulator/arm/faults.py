"""Faults on demand: rules that say which calls suffer what, and how often."""

import re
from dataclasses import dataclass, field
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from emulator.arm.call import Call
from emulator.body import Body
from emulator.errors import ArmError


class OperationFailure(BaseModel):
    """How a long operation ends instead of Succeeded."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str = "InternalServerError"
    message: str = (
        "An unexpected error occured while processing the request. Tracking ID: '00000000-0000-0000-0000-000000000000'"
    )


class CallFault(BaseModel):
    """What happens to the calls that match; unset conditions match everything."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    method: str = ""
    path: str = ""  # regular expression searched in the path, without case
    principal: str = ""  # key of the fleet's principals
    times: int | None = Field(default=None, ge=1)  # None: until the faults are cleared

    latency_ms: float = Field(default=0, ge=0)
    status: int | None = Field(default=None, ge=400, le=599)
    code: str = ""  # default belongs to the status
    message: str = ""
    retry_after_seconds: float | None = None
    drop: Literal["before", "after"] | None = None  # end the connection before or after the write took effect
    operation_failed: OperationFailure | None = None
    operation_seconds: float | None = Field(default=None, ge=0)  # overrides the setting for these writes


_CODES = {
    401: "InvalidAuthenticationToken",
    404: "ResourceNotFound",
    409: "ServerIsBusy",
    429: "TooManyRequests",
    500: "InternalServerError",
    503: "ServerTimeout",
    504: "GatewayTimeout",
}
_TEXTS = {
    409: "Server is busy with other operations. Please try again later",
    500: "An unexpected error occured while processing the request.",
    503: "The request timed out.",
    504: "The gateway did not receive a response from 'Microsoft.DBforPostgreSQL' within the specified time period.",
}


@dataclass(slots=True)
class Suffered:
    """The faults that hit one call, put together."""

    latency_ms: float = 0
    error: ArmError | None = None
    drop: str | None = None
    failure: Body | None = None
    operation_seconds: float | None = None


@dataclass(slots=True)
class _Armed:
    rule: CallFault
    path: re.Pattern[str]
    left: int | None


@dataclass(slots=True)
class Faults:
    """The rules in force."""

    _armed: list[_Armed] = field(default_factory=list)

    def add(self, rule: CallFault) -> None:
        """Put a rule in force."""
        self._armed.append(_Armed(rule, re.compile(rule.path, re.IGNORECASE), rule.times))

    def clear(self) -> None:
        """Lift all rules."""
        self._armed.clear()

    def rules(self) -> list[Body]:
        """Return the rules with how often each will still hit."""
        return [one.rule.model_dump(exclude_defaults=True) | {"left": one.left} for one in self._armed]

    def hit(self, call: Call) -> Suffered:
        """Return what this call suffers, and count it against the rules."""
        suffered = Suffered()
        for armed in [one for one in self._armed if _matches(one, call)]:
            _lay_over(suffered, armed.rule)
            if armed.left is not None:
                armed.left -= 1
        self._armed = [one for one in self._armed if one.left != 0]
        return suffered


def _matches(armed: _Armed, call: Call) -> bool:
    rule = armed.rule
    return (
        (not rule.method or rule.method.upper() == call.method)
        and (not rule.principal or rule.principal == call.caller.key)
        and bool(armed.path.search(call.path))
    )


def _lay_over(suffered: Suffered, rule: CallFault) -> None:
    suffered.latency_ms += rule.latency_ms
    if rule.status is not None:
        headers = {} if rule.retry_after_seconds is None else {"Retry-After": f"{rule.retry_after_seconds:g}"}
        code = rule.code or _CODES.get(rule.status, "BadRequest")
        text = rule.message or _TEXTS.get(rule.status, "A fault was asked for.")
        suffered.error = ArmError(rule.status, code, text, headers)
    suffered.drop = rule.drop or suffered.drop
    if rule.operation_failed is not None:
        suffered.failure = rule.operation_failed.model_dump()
    if rule.operation_seconds is not None:
        suffered.operation_seconds = rule.operation_seconds
