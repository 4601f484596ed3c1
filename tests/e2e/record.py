"""Records as the tests read them."""

from dataclasses import dataclass

from shared.journal import Entry, Report, Stage


@dataclass(frozen=True, slots=True)
class Record:
    """One record: everything that was written down about one thing that happened."""

    entries: tuple[Entry, ...]

    @property
    def stages(self) -> list[Stage]:
        """What was done, without the lines about telling."""
        return [entry.stage for entry in self.entries if entry.stage is not Stage.NOTIFIED]

    @property
    def told(self) -> list[str]:
        """The lines about telling."""
        return [entry.detail for entry in self.entries if entry.stage is Stage.NOTIFIED]

    @property
    def report(self) -> Report:
        """The report at its end."""
        return [entry for entry in self.entries if entry.stage is not Stage.NOTIFIED][-1].report

    @property
    def controls(self) -> set[str]:
        """The controls that found a drift."""
        return {finding.control for finding in self.report.findings}
