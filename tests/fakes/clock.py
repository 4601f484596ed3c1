"""Time that moves only when a test says so."""

from datetime import UTC, datetime, timedelta

START = datetime(2025, 11, 24, 9, 0, tzinfo=UTC)


class FakeClock:
    """Call it for the present moment."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def advance(self, seconds: float) -> None:
        """Let this many seconds pass."""
        self.at += timedelta(seconds=seconds)

    def advance_to(self, moment: datetime) -> None:
        """Go to this moment; time never runs backwards."""
        self.at = max(self.at, moment)
