"""One event on its way to one subscription, and what is left of it when it does not arrive."""

from dataclasses import dataclass, field
from datetime import datetime

from emulator.body import Body
from emulator.clock import long_stamp
from emulator.grid.happenings import GridEvent
from emulator.grid.schedule import outcome
from emulator.grid.subscriptions import Subscription


@dataclass(slots=True)
class Delivery:
    """One event on its way to one subscription."""

    event: GridEvent
    subscription: Subscription
    published: datetime
    statuses: list[int] = field(default_factory=list)

    def summary(self) -> Body:
        """Return what the control API tells."""
        return {
            "id": self.event.id,
            "eventType": self.event.event_type,
            "subject": self.event.subject,
            "subscription": self.subscription.spec.name,
            "attempts": len(self.statuses),
            "outcomes": [outcome(status) for status in self.statuses],
            "statuses": list(self.statuses),
        }

    def dead_letter(self, status: int, reason: str, now: datetime) -> Body:
        """Return the event as Event Grid puts it into the dead-letter container."""
        letter = self.event.as_cloud_event() if self.subscription.is_cloud else self.event.as_event_grid()
        return letter | {
            "deadLetterReason": reason,
            "deliveryAttempts": len(self.statuses),
            "lastDeliveryOutcome": outcome(status),
            "publishTime": long_stamp(self.published),
            "lastDeliveryAttemptTime": long_stamp(now),
        }
