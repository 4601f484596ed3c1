"""When Event Grid tries again, what it does not try again, and how it names outcomes.

Source: azure-docs, event-grid/delivery-and-retry (2026-02-09); the names of some outcomes are not verified.
"""

_MINUTE, _HOUR = 60, 3600
_SCHEDULE_SECONDS = (10, 30, _MINUTE, 5 * _MINUTE, 10 * _MINUTE, 30 * _MINUTE, _HOUR, 3 * _HOUR, 6 * _HOUR)
_LAST_SECONDS = 12 * _HOUR
_AT_LEAST_SECONDS = {404: 5 * _MINUTE, 408: 2 * _MINUTE, 503: 30}
DELIVERED = frozenset({200, 201, 202, 203, 204})
NOT_RETRIED = frozenset({400, 401, 403, 413})
TIMED_OUT = -1
UNREACHABLE = -2
_OUTCOMES = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    408: "TimedOut",
    413: "PayloadTooLarge",
    503: "Busy",
    TIMED_OUT: "TimedOut",
    UNREACHABLE: "GenericError",
}


def wait_seconds(attempt: int, status: int) -> float:
    """Return how long to wait after the given attempt (from 1) ended with the given status."""
    usual = _SCHEDULE_SECONDS[attempt - 1] if attempt <= len(_SCHEDULE_SECONDS) else _LAST_SECONDS
    return max(usual, _AT_LEAST_SECONDS.get(status, 0))


def outcome(status: int) -> str:
    """Return Event Grid's word for how a delivery ended."""
    return "Succeeded" if status in DELIVERED else _OUTCOMES.get(status, "GenericError")
