"""Faults of delivery on demand: duplicates, delays, losses, reordering."""

from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict, Field

from emulator.body import Body
from emulator.grid.happenings import GridEvent


class EventFault(BaseModel):
    """What happens to the events that match; unset conditions match everything."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    event_type: str = ""  # prefix, without case
    operation: str = ""  # prefix of data.operationName, without case
    subject: str = ""  # part of the subject, without case
    times: int | None = Field(default=None, ge=1)  # None: until the faults are cleared

    drop: bool = False
    duplicates: int = Field(default=0, ge=0)  # how many more times it is delivered
    delay_seconds: float = Field(default=0, ge=0)
    reorder: bool = False  # deliver it after the next event, or after hold_seconds when none comes
    hold_seconds: float = Field(default=1, ge=0)


@dataclass(slots=True)
class _Armed:
    rule: EventFault
    left: int | None


@dataclass(slots=True)
class EventFaults:
    """The rules in force; the first that matches is the one that counts."""

    _armed: list[_Armed] = field(default_factory=list)

    def add(self, rule: EventFault) -> None:
        """Put a rule in force."""
        self._armed.append(_Armed(rule, rule.times))

    def clear(self) -> None:
        """Lift all rules."""
        self._armed.clear()

    def rules(self) -> list[Body]:
        """Return the rules with how often each will still hit."""
        return [one.rule.model_dump(exclude_defaults=True) | {"left": one.left} for one in self._armed]

    def hit(self, event: GridEvent) -> EventFault:
        """Return what this event suffers; a fault with nothing set means nothing."""
        armed = next((one for one in self._armed if _matches(one.rule, event)), None)
        if armed is None:
            return EventFault()
        if armed.left is not None:
            armed.left -= 1
        self._armed = [one for one in self._armed if one.left != 0]
        return armed.rule


def _matches(rule: EventFault, event: GridEvent) -> bool:
    return (
        event.event_type.lower().startswith(rule.event_type.lower())
        and str(event.data.get("operationName", "")).lower().startswith(rule.operation.lower())
        and rule.subject.lower() in event.subject.lower()
    )
