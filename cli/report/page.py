"""An audit as one HTML file for an auditor: domain, control, evidence, standards. It needs nothing from anywhere."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any

from cli.report.spool import Alike, Spool
from cli.report.writer import Heading, as_text
from cli.view.audit import MARKS, WORDS
from cli.view.text import moment, printable, where
from shared.audit import Report, Status, Tally
from shared.audit.tally import Line
from shared.control import Severity
from shared.frameworks import NAMES
from shared.notify.wording import LONG, tame
from shared.state import spoken
from shared.web.pages import document


@dataclass(frozen=True, slots=True)
class ShownFinding:
    """What was found alike on some servers; `servers` are names with their groups and moments."""

    finding: dict[str, Any]
    servers: list[tuple[str, str, str]]
    when: str


@dataclass(frozen=True, slots=True)
class ShownControl:
    """One control with everything found about it; each list is read when the page comes to it."""

    line: Line
    spool: Spool

    @property
    def worst(self) -> Status:
        """The worst answer."""
        return self.line.worst

    @property
    def counts(self) -> list[tuple[Status, int]]:
        """How many answers of each kind."""
        return _counts(self.line.counts)

    @property
    def standards(self) -> list[tuple[str, str]]:
        """The paragraphs that ask for it, by standard."""
        return [(NAMES.get(name, name), ", ".join(ids)) for name, ids in self.line.frameworks.items()]

    def findings(self) -> Iterator[ShownFinding]:
        """What was found, the worst first."""
        return map(_shown, self.spool.of(self.line.control.id))


class HtmlWriter:
    """Everything is put aside first: the page goes by control, the audit by server."""

    def __init__(self, out: IO[str], heading: Heading) -> None:
        self._out, self._heading, self._spool = out, heading, Spool()

    def add(self, report: Report) -> None:
        """One server."""
        self._spool.add(report)

    def end(self, tally: Tally) -> None:
        """The page."""
        self._spool.index()
        heading = self._heading
        pieces = document(
            "audit.html",
            title=f"Audit of {_scope(heading)}",
            scope=heading.scope,
            at=moment(heading.at),
            tally=tally,
            counts=_counts(tally.counts),
            failed=[(str(one), tally.failed[one]) for one in reversed(Severity) if tally.failed[one]],
            missing=tally.missing.most_common(),
            obstacles=[(tame(reason, LONG), count) for reason, count in tally.obstacles.most_common()],
            framework=heading.choice.framework,
            standards=", ".join(NAMES[name] for name in heading.choice.frameworks),
            statuses=[status for status in Status if tally.counts[status]],
            domains=[
                (group, _anchor(n), [ShownControl(line, self._spool) for line in group.lines])
                for n, group in enumerate(tally.groups())
            ],
            words=WORDS,
            marks={status: mark for status, (mark, _) in MARKS.items()},
        )
        self._out.writelines(pieces)
        self._spool.close()


def _scope(heading: Heading) -> str:
    return where(heading.scope) if heading.scope else "everything that could be seen"


def _anchor(number: int) -> str:
    return f"part-{number + 1}"


def _counts(counts: Mapping[Status, int]) -> list[tuple[Status, int]]:
    return [(status, counts[status]) for status in Status if counts[status]]


def _shown(alike: Alike) -> ShownFinding:
    finding = _printable(alike.finding)
    faults = [
        {
            **fault,
            **{key: as_text(fault[key]) or "empty" for key in ("found", "wanted")},
            "setting": spoken(fault["setting"]),
        }
        for fault in finding["faults"]
    ]
    servers = [(name, place, at[11:19]) for name, place, at in alike.servers]
    moments = sorted(at[:19].replace("T", " ") for _, _, at in alike.servers if at)
    when = " – ".join(dict.fromkeys([moments[0], moments[-1]])) + " UTC" if moments else ""
    return ShownFinding({**finding, "faults": faults}, servers, when)


def _printable(thing: Any) -> Any:
    """The same without anything that could hide or turn round what stands beside it."""
    match thing:
        case str():
            return printable(thing)
        case list():
            return [_printable(one) for one in thing]
        case dict():
            return {name: _printable(one) for name, one in thing.items()}
    return thing
