"""What both stores agree on: how a document is read back, in which order things come, what a wake-up says."""

import json
from collections.abc import Iterable

from pydantic import ValidationError

from shared.errors import StoreUnavailable
from shared.journal import Notice, Trigger, decode

# A message of Azure Storage lives seven days; after the longest delay one day is left to handle it.
LONGEST_DELAY_SECONDS = 6 * 24 * 3600.0


def read[T](kind: type[T], data: bytes) -> T:
    """Decode a stored document; one that this version cannot read must stop the work, not be skipped."""
    try:
        return decode(kind, data)
    except ValidationError as error:
        (wrong, *_) = error.errors(include_url=False, include_input=False)
        raise StoreUnavailable(
            f"the store holds a {kind.__name__} that this Holdfast cannot read: {wrong['loc']}: {wrong['msg']}"
        ) from error


def wake_message(target_id: str) -> str:
    """The body of a message in either queue: where to look, and nothing else."""
    return json.dumps({"target": target_id})


def allowed_delay(after_seconds: float) -> float:
    """The delay in seconds, kept within what a queue accepts: to look too early costs one read."""
    return min(max(0.0, after_seconds), LONGEST_DELAY_SECONDS)


def oldest_first(triggers: Iterable[Trigger]) -> tuple[Trigger, ...]:
    """Triggers in the order in which they happened."""
    return tuple(sorted(triggers, key=lambda trigger: (trigger.at, trigger.id)))


def in_outbox_order(notices: Iterable[Notice]) -> tuple[Notice, ...]:
    """Notices in the order in which people should read them."""
    return tuple(sorted(notices, key=lambda notice: (notice.created_at, notice.number, notice.id)))
