"""ARM's throttling: a token bucket per subscription, caller and kind of call, told in headers.

Sizes and refill rates are those of Microsoft's page "Understand how Azure Resource Manager throttles requests"
(reads 250 and 25 a second, writes and deletes 200 and 10 a second); from memory, not verified.
"""

from dataclasses import dataclass

from emulator.clock import Clock
from emulator.errors import ArmError

_BUCKETS = {"reads": (250.0, 25.0), "writes": (200.0, 10.0), "deletes": (200.0, 10.0)}
_KINDS = {"GET": "reads", "HEAD": "reads", "DELETE": "deletes"}


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_at: float


class Limits:
    """Takes a token for each call and says how many are left."""

    def __init__(self, clock: Clock, *, enforced: bool) -> None:
        self._clock = clock
        self._enforced = enforced
        self._buckets: dict[tuple[str, str, str], _Bucket] = {}

    def take(self, method: str, subscription: str, caller: str) -> dict[str, str]:
        """Return the header that tells what is left, or refuse with 429 when limits are enforced."""
        kind = _KINDS.get(method, "writes")
        size, per_second = _BUCKETS[kind]
        now = self._clock.now().timestamp()
        bucket = self._buckets.setdefault((subscription, caller, kind), _Bucket(size, now))
        bucket.tokens = min(size, bucket.tokens + (now - bucket.filled_at) * per_second)
        bucket.filled_at = now
        if bucket.tokens < 1:
            if self._enforced:
                raise too_many_requests(1)
            bucket.tokens = 1
        bucket.tokens -= 1
        return {f"x-ms-ratelimit-remaining-subscription-{kind}": str(int(bucket.tokens))}


def too_many_requests(retry_after_seconds: float) -> ArmError:
    """Return the 429 of ARM; the wording is not verified."""
    text = "The request was throttled. Please retry after the time that the Retry-After header tells."
    return ArmError(429, "TooManyRequests", text, {"Retry-After": f"{retry_after_seconds:g}"})
