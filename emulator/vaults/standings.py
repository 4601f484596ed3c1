"""Since when a server's identity may use its key, or may not."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class Standing:
    """One identity and one key. `ever`: it may, or once did; `broken`: it has been without long enough to matter."""

    held: bool
    ever: bool
    since: datetime
    broken: bool = False


@dataclass(slots=True)
class Standings:
    """All that were looked at, by the key's address and the object id; when something about rights changed last; and
    the identities that were deleted."""

    by_pair: dict[tuple[str, str], Standing] = field(default_factory=dict)
    touched: datetime | None = None
    deleted: set[str] = field(default_factory=set)

    def clear(self) -> None:
        """Forget all."""
        self.by_pair.clear()
        self.touched = None
        self.deleted.clear()
