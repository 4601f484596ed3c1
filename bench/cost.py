"""What a million events cost on Flex Consumption, computed from what was measured.

US dollars, East US, on demand, without the free grants. Functions: modal.com/blog/azure-function-pricing-guide (May
2025), since Microsoft's own page shows numbers to browsers only. Storage: from memory, not verified, for a
general-purpose v2 account, locally redundant, hot; a batch of table rows counts as one operation.
"""

from collections.abc import Mapping
from dataclasses import dataclass

GB_SECOND = 0.000_026
EXECUTION = 0.40 / 1e6
_TEN_THOUSAND = {"queue": 0.004, "table": 0.000_36, "blob read": 0.004, "blob lease": 0.004, "blob write": 0.05}
INSTANCE_GB = 0.5
# An instance is billed for at least so long whenever it works.
LEAST_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Cost:
    """Dollars for a million events."""

    executions: float
    time: float
    storage: float

    @property
    def total(self) -> float:
        """All of it."""
        return self.executions + self.time + self.storage


def executions(operations: Mapping[str, float]) -> float:
    """Functions run for one event: the event door's, and one for each message that was worked off."""
    return 1 + operations.get("queue delete", 0)


def busy(per_second: float, operations: Mapping[str, float]) -> Cost:
    """Of an instance that always has 64 events at once. `operations` are those of one event."""
    return Cost(
        executions(operations) * EXECUTION * 1e6, INSTANCE_GB * GB_SECOND * 1e6 / per_second, storage(operations)
    )


def alone(operations: Mapping[str, float]) -> Cost:
    """Of events so rare that each run of a function is billed the least there is, alone on its instance."""
    runs = executions(operations) * 1e6
    return Cost(runs * EXECUTION, runs * LEAST_SECONDS * INSTANCE_GB * GB_SECOND, storage(operations))


def storage(operations: Mapping[str, float]) -> float:
    """Of the storage account."""
    return sum(count * 1e6 / 10_000 * _price(kind) for kind, count in operations.items())


def _price(kind: str) -> float:
    return _TEN_THOUSAND.get(kind) or _TEN_THOUSAND[kind.partition(" ")[0]]
