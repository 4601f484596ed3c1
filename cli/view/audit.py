"""An audit for people: domain by domain, the worst first; what fails in full, what holds by name."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.rule import Rule
from rich.text import Text

from cli.report.writer import Heading
from cli.view.plan import VERBS
from cli.view.text import SEVERITIES, Pairs, Paragraph, moment, said, value, where
from shared.audit import Fault, Finding, Status, Tally
from shared.audit.tally import Group as Domain
from shared.audit.tally import Line
from shared.control import Severity
from shared.notify.wording import shortened
from shared.state import spoken

MARKS: Mapping[Status, tuple[str, str]] = {
    Status.FAIL: ("✗", "red"),
    Status.ERROR: ("!", "magenta"),
    Status.MANUAL: ("?", "cyan"),
    Status.EXEMPT: ("○", "yellow"),
    Status.PASS: ("✓", "green"),
    Status.NOT_APPLICABLE: ("–", "dim"),
}
WORDS: Mapping[Status, str] = {
    Status.FAIL: "fail",
    Status.ERROR: "could not be read",
    Status.MANUAL: "to confirm",
    Status.EXEMPT: "exempt",
    Status.PASS: "hold",
    Status.NOT_APPLICABLE: "not applicable",
}
_HEADS: Mapping[Status, str] = {**WORDS, Status.ERROR: "unread", Status.NOT_APPLICABLE: "n/a"}
_IN_FULL = (Status.FAIL, Status.MANUAL, Status.EXEMPT)
# More of one server would hide the others.
_FAULTS = 4
_NUMBER = 6


def shown(tally: Tally, heading: Heading) -> Group:
    """The whole audit."""
    alone = tally.servers == 1
    domains, told = tally.groups(), set[str]()
    parts: list[RenderableType] = [*_head(tally, heading), Text()]
    for domain in domains:
        parts += [*_domain(domain, heading, told, alone=alone), Text()]
    if len(domains) > 1:
        parts += [_Sums(heading.choice.framework or "domain", domains), Text()]
    return Group(*parts, *_end(tally))


def verdict(tally: Tally) -> Text:
    """All in one line."""
    counts = [_count(status, tally.counts[status]) for status in Status if tally.counts[status]]
    return Text("  ").join(counts) if counts else Text("nothing was judged", "yellow")


def _head(tally: Tally, heading: Heading) -> Iterator[RenderableType]:
    scope = where(heading.scope) if heading.scope else "everything that you can see"
    yield Text.assemble(("Audit of ", "bold"), said(scope, "bold"), f"  {moment(heading.at)}")
    servers = _many(tally.servers, "server")
    yield Paragraph(Text.assemble(f"{servers}, {_many(tally.controls, 'control')}: ", verdict(tally)))


def _domain(domain: Domain, heading: Heading, told: set[str], *, alone: bool) -> Iterator[RenderableType]:
    """The controls of a domain; what a paragraph before has told of one is not told again."""
    yield _Title(f"{heading.choice.framework} {domain.heading}".strip(), _marks(domain.counts))
    for line in domain.lines:
        if line.worst in _IN_FULL:
            again = line.control.id in told
            yield from [_title_of(line, ", as above")] if again else _line(line, alone=alone)
            told.add(line.control.id)
    for status in (Status.ERROR, Status.PASS, Status.NOT_APPLICABLE):
        names = [line.control.id for line in domain.lines if line.worst is status]
        if names:
            mark, colour = MARKS[status]
            yield Paragraph(Text.assemble((f"{mark} ", colour), (f"{WORDS[status]}: {', '.join(names)}", "dim")), 2)


def _line(line: Line, *, alone: bool) -> Iterator[RenderableType]:
    """One control that does not hold everywhere."""
    control = line.control
    yield _title_of(line)
    told = [finding for finding in line.shown if finding.status in _IN_FULL]
    rows = [("control", Text.assemble(said(control.id), ("" if alone else f"  {_spread(line)}", "dim")))]
    if line.worst is Status.MANUAL:
        rows += _to_confirm(told)
    else:
        rows += _one(told[0]) if alone else _many_alike(told)
    if line.unshown:
        rows.append(("", Text(f"and {_many(line.unshown, 'more server')}", "dim")))
    yield Pairs(tuple(rows), 4)


def _to_confirm(findings: Sequence[Finding]) -> Iterator[tuple[str, Text]]:
    """What a person has to look at; it is mostly the same for every server."""
    words = dict.fromkeys(fault.remedy for finding in findings for fault in finding.faults)
    yield from (("confirm", said(one)) for one in words or [findings[0].reason])


def _title_of(line: Line, more: str = "") -> Paragraph:
    control, (mark, colour) = line.control, MARKS[line.worst]
    severity = (f"{control.severity}  ", SEVERITIES[str(control.severity)])
    return Paragraph(Text.assemble((f"{mark} ", colour), severity, said(control.title, "bold"), (more, "dim")), 2)


def _one(finding: Finding) -> Iterator[tuple[str, Text]]:
    """All about the only server."""
    if finding.reason:
        yield ("note", said(finding.reason, "yellow" if finding.status is Status.EXEMPT else ""))
    for fault in finding.faults[:_FAULTS]:
        yield ("found", _found(fault))
        yield from _told(fault)
    if len(finding.faults) > _FAULTS:
        yield ("", Text(f"and {len(finding.faults) - _FAULTS} more", "dim"))
    if finding.off:
        yield ("policy", Text("off here: Holdfast takes no notice", "dim"))


def _many_alike(findings: Sequence[Finding]) -> Iterator[tuple[str, Text]]:
    """What was found, with the servers where it is the same."""
    alike: dict[tuple[str, ...], list[Finding]] = {}
    for finding in findings:
        faults = tuple(f"{fault.setting} {fault.found} {fault.wanted}" for fault in finding.faults)
        alike.setdefault((finding.status, finding.reason, *faults), []).append(finding)
    for first, *others in alike.values():
        for number, fault in enumerate(first.faults[:_FAULTS]):
            yield ("" if number else "found", _found(fault))
        if len(first.faults) > _FAULTS:
            yield ("", Text(f"and {len(first.faults) - _FAULTS} more", "dim"))
        if first.reason:
            yield ("note", said(first.reason, "yellow" if first.status is Status.EXEMPT else ""))
        yield ("on", said(", ".join(one.target.name for one in (first, *others))))


def _found(fault: Fault) -> Text:
    """What is there and what should be; of several members only those that differ."""
    found, wanted = fault.found, fault.wanted
    if wanted == found:
        return Text.assemble(said(shortened(spoken(fault.setting))), ": ", value(found, "red"))
    if isinstance(found, Mapping) and isinstance(wanted, Mapping):
        names = [name for name in {**found, **wanted} if found.get(name) != wanted.get(name)]
        found = {name: found.get(name, "absent") for name in names}
        wanted = {name: wanted.get(name, "absent") for name in names}
    return Text.assemble(
        said(shortened(spoken(fault.setting))), ": ", value(found, "red"), ", wanted ", value(wanted, "green")
    )


def _told(fault: Fault) -> Iterator[tuple[str, Text]]:
    yield ("why", said(fault.why))
    yield ("mend", said(fault.remedy))
    if fault.verb:
        verb, colour = VERBS.get(fault.verb, (fault.verb, ""))
        yield ("engine", Text.assemble((verb, colour), ": ", said(fault.decision)))


def _spread(line: Line) -> str:
    words = (f"{count} {_HEADS[status]}" for status in Status if (count := line.counts[status]))
    return ", ".join(words)


@dataclass(frozen=True, slots=True)
class _Title:
    """The name of a domain and its sums, over a line; where there is no room, without the name of what is above it."""

    name: str
    marks: Text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The line."""
        room = options.max_width - self.marks.cell_len - 4
        name = said(self.name if len(self.name) <= room else _short(self.name), "bold")
        name.truncate(room, overflow="ellipsis")
        yield Rule(Text.assemble(name, "  ", self.marks), align="left", style="dim")


@dataclass(frozen=True, slots=True)
class _Sums:
    """How many answers of each kind, by domain; the first line of the audit says what the marks mean."""

    title: str
    domains: Sequence[Domain]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The lines, without blanks at their ends."""
        there = [status for status in Status if any(domain.counts[status] for domain in self.domains)]
        names = {domain.heading: _short(domain.heading) for domain in self.domains}
        room = options.max_width - _NUMBER * len(there) - 2
        room = min(room, max(map(len, [self.title, *names.values()])))
        head = [(MARKS[status][0].rjust(_NUMBER), MARKS[status][1]) for status in there]
        yield Text.assemble((f"  {self.title.ljust(room)}", "dim"), *head)
        for domain in self.domains:
            name = said(names[domain.heading])
            name.truncate(room, overflow="ellipsis", pad=True)
            cells = [(str(domain.counts[one] or "").rjust(_NUMBER), MARKS[one][1]) for one in there]
            line = Text.assemble("  ", name, *cells)
            line.rstrip()
            yield line


def _short(heading: str) -> str:
    """The domain without the one above it, where the rest says enough."""
    last = heading.rpartition(" / ")[2]
    return last if last[:1].isalnum() else heading


def _end(tally: Tally) -> Iterator[RenderableType]:
    for permission, count in tally.missing.most_common():
        yield Paragraph(
            Text.assemble(
                ("! ", "magenta"), "missing permission: ", said(permission), (f"  {_many(count, 'answer')}", "dim")
            )
        )
    for reason, count in tally.obstacles.most_common():
        yield Paragraph(Text.assemble(("! ", "magenta"), said(reason), (f"  {_many(count, 'answer')}", "dim")))
    failed = [
        Text(f"{tally.failed[severity]} {severity}", SEVERITIES[str(severity)])
        for severity in reversed(Severity)
        if tally.failed[severity]
    ]
    if failed:
        servers = f" on {tally.failing_servers} of {tally.servers} servers" if tally.servers > 1 else ""
        yield Paragraph(Text.assemble(("✗ ", "red"), Text(", ").join(failed), servers))
        yield Paragraph(Text("The evidence for every answer: --format html --output FILE", "dim"))
    elif tally.counts and not tally.counts[Status.ERROR]:
        yield Text.assemble(("✓ ", "green"), "nothing fails")


def _marks(counts: Counter[Status]) -> Text:
    marks = (Text(f"{MARKS[status][0]} {counts[status]}", MARKS[status][1]) for status in Status if counts[status])
    return Text("  ").join(marks)


def _count(status: Status, count: int) -> Text:
    mark, colour = MARKS[status]
    return Text(f"{mark} {count} {WORDS[status]}", colour)


def _many(count: int, word: str) -> str:
    return f"{count} {word}{'s' * (count != 1)}"
