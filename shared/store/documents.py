"""What all stores agree on: how things are read back, in which order they come, what a wake-up says, which names
documents of the fleet have."""

import json
import re
from collections.abc import Iterable
from datetime import datetime

from pydantic import ValidationError

from shared.errors import Conflict, StoreUnavailable
from shared.journal import Entry, Notice, Trigger, decode

# A message of Azure Storage lives seven days; after the longest delay one day is left to handle it.
LONGEST_DELAY_SECONDS = 6 * 24 * 3600.0
# A key of Azure Storage takes 512.
_LONGEST_NAME = 400
_NAME = re.compile(r"[a-z0-9-]+(?:/[a-z0-9-]+)*")
_PREFIX = re.compile(r"[a-z0-9-]+/(?:[a-z0-9-]+/?)*")


def read[T](kind: type[T], data: bytes) -> T:
    """Decode a stored document; one that this version cannot read must stop the work, not be skipped."""
    try:
        return decode(kind, data)
    except ValidationError as error:
        (wrong, *_) = error.errors(include_url=False, include_input=False)
        raise StoreUnavailable(
            f"the store holds a {kind.__name__} that this Holdfast cannot read: {wrong['loc']}: {wrong['msg']}"
        ) from error


def over_before(entries: Iterable[Entry], before: datetime) -> bool:
    """Whether nothing was added to the record since then."""
    return all(entry.at < before for entry in entries)


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


def checked_name(name: str) -> str:
    """The name of a document, as it is. Raises ValueError for one that no store could keep."""
    if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        raise ValueError(
            f"{name[:200]!r} names no document: a-z, 0-9 and -, parts joined by /, {_LONGEST_NAME} at most"
        )
    return name


def checked_prefix(prefix: str) -> str:
    """The beginning of names of one collection, as it is. Raises ValueError."""
    if not _PREFIX.fullmatch(prefix) or len(prefix) > _LONGEST_NAME:
        raise ValueError(f"{prefix[:100]!r} begins no names of a collection: `holds/` or longer expected")
    return prefix


def range_of(prefix: str) -> tuple[str, str]:
    """All names that begin with the prefix are from the first up to but without the second."""
    return prefix, f"{prefix}~"


def conflict(name: str, version: str) -> Conflict:
    """What a writer hears who has read another version, or none."""
    if version:
        return Conflict(f"{name} was changed by somebody else since it was read: read it again and decide anew")
    return Conflict(f"{name} exists already: read it before it is changed")
