"""What an audit adds up to. It keeps counts, and a few findings of each control to show: a fleet of any size fits."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from shared.audit.choice import Choice, in_order
from shared.audit.finding import Finding, Report, Status
from shared.control import Control, Severity

# So many servers are named for one control where people read.
SHOWN = 10
_WORTH_SHOWING = (Status.FAIL, Status.ERROR, Status.MANUAL, Status.EXEMPT)


@dataclass(slots=True)
class Line:
    """One control over all servers."""

    control: Control
    counts: Counter[Status] = field(default_factory=Counter)
    shown: list[Finding] = field(default_factory=list)
    frameworks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def add(self, finding: Finding) -> None:
        """Count a finding, and keep it if it is among the worst."""
        self.counts[finding.status] += 1
        self.frameworks = finding.frameworks
        if finding.status in _WORTH_SHOWING:
            self.shown.append(finding)
            self.shown.sort(key=lambda one: one.status.rank)
            del self.shown[SHOWN:]

    @property
    def worst(self) -> Status:
        """The worst answer of any server."""
        return min(self.counts, key=lambda status: status.rank)

    @property
    def unshown(self) -> int:
        """How many findings worth showing were not kept."""
        return sum(self.counts[status] for status in _WORTH_SHOWING) - len(self.shown)

    @property
    def order(self) -> tuple[int, int, int, str]:
        """The worst first."""
        return self.worst.rank, -self.control.severity, -self.counts[self.worst], self.control.id


@dataclass(frozen=True, slots=True)
class Group:
    """The controls of one domain, or of one paragraph of a framework."""

    heading: str
    lines: tuple[Line, ...]

    @property
    def counts(self) -> Counter[Status]:
        """How many findings have which status."""
        return sum((line.counts for line in self.lines), Counter())


class Tally:
    """Add each server's report; read the sums at any time.

    `missing` counts answers by the permission that reading them lacks, `obstacles` those for which nothing is missing.
    """

    def __init__(self, choice: Choice) -> None:
        self._choice = choice
        self._lines: dict[str, Line] = {}
        self.servers = 0
        self.counts: Counter[Status] = Counter()
        self.failed: Counter[Severity] = Counter()
        self.unread: Counter[Severity] = Counter()
        self.failing_servers = 0
        self.missing: Counter[str] = Counter()
        self.obstacles: Counter[str] = Counter()

    def add(self, report: Report) -> None:
        """Count one server."""
        self.servers += 1
        self.failing_servers += any(finding.status is Status.FAIL for finding in report.findings)
        for finding in report.findings:
            self._lines.setdefault(finding.control.id, Line(finding.control)).add(finding)
            self.counts[finding.status] += 1
            if finding.status is Status.FAIL:
                self.failed[finding.control.severity] += 1
            elif finding.status is Status.ERROR:
                self.unread[finding.control.severity] += 1
                self._count_obstacle(finding)

    def _count_obstacle(self, finding: Finding) -> None:
        if finding.missing:
            self.missing.update(finding.missing.split(", "))
        elif finding.reason in self.obstacles or len(self.obstacles) < SHOWN:
            self.obstacles[finding.reason] += 1
        else:
            self.obstacles["other reasons"] += 1

    @property
    def controls(self) -> int:
        """How many controls have answered anywhere."""
        return len(self._lines)

    def fails(self, least: Severity) -> bool:
        """Whether anything at least this bad does not hold."""
        return _any(self.failed, least)

    def misses(self, least: Severity) -> bool:
        """Whether anything at least this bad could not be read."""
        return _any(self.unread, least)

    def groups(self) -> Sequence[Group]:
        """By domain the worst first, by framework in the framework's own order."""
        found: dict[str, list[Line]] = {}
        for line in self._lines.values():
            for heading in self._choice.groups(line.control):
                found.setdefault(heading, []).append(line)
        groups = [
            Group(heading, tuple(sorted(found[heading], key=lambda line: line.order))) for heading in in_order(found)
        ]
        return groups if self._choice.framework else sorted(groups, key=_worst_first)


def _worst_first(group: Group) -> tuple[tuple[int, int], int]:
    first = group.lines[0]
    return (first.worst.rank, -first.control.severity), -group.counts[first.worst]


def _any(counts: Counter[Severity], least: Severity) -> bool:
    return any(count for severity, count in counts.items() if severity >= least)
