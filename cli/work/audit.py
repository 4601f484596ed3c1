"""Auditing: which servers and controls, reading them, and writing what comes of it as it comes."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path

from cli.desk import Desk
from cli.errors import COULD_NOT, FAILS
from cli.options import AuditFormat
from cli.report.writer import Heading, Writer, writer_of, written
from cli.view.audit import shown, verdict
from cli.work.apply import Manner, apply
from cli.work.targets import checked_controls, each_server_in, scope_of
from shared.audit import Auditor, Choice, Report, Status, Surveyor, Tally
from shared.audit.choice import domain_named, frameworks_named
from shared.control import Severity
from shared.errors import Refused
from shared.target import Target


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asks of an audit, as they typed it. `manner` is how it is to be mended, if it is."""

    scope: str = ""
    controls: Sequence[str] = ()
    framework: str = ""
    severity: str = "low"
    domain: str = ""
    fail_on: str = "low"
    format: AuditFormat = AuditFormat.TABLE
    output: Path | None = None
    manner: Manner | None = None


@dataclass(slots=True)
class Mendable:
    """What fails and the policy has Holdfast care for, by server; and whether more fails that it does not."""

    controls: dict[Target, list[str]] = field(default_factory=dict)
    others: set[str] = field(default_factory=set)
    worst: Severity | None = None

    def add(self, report: Report) -> None:
        """Take what fails on one server."""
        for finding in report.findings:
            if finding.status is not Status.FAIL:
                continue
            if not finding.off:
                self.controls.setdefault(report.target, []).append(finding.control.id)
                continue
            self.others.add(finding.control.id)
            self.worst = max(self.worst or finding.control.severity, finding.control.severity)


async def audit(desk: Desk, wish: Wish) -> int:
    """Judge, report, and have mended what is asked for. The exit code."""
    if wish.manner is not None:
        await desk.parts.person()
        if wish.format is not AuditFormat.TABLE and wish.output is None:
            raise Refused(f"--fix speaks to a person; say where the {wish.format} belongs: --output FILE")
    auditor = await _auditor(desk, wish)
    tally, mendable = Tally(auditor.choice), Mendable()
    scope = await scope_of(desk, wish.scope) if wish.scope else ""
    heading = Heading(desk.clock(), scope, auditor.choice)
    # Whoever stops reading (`| head`) ends the reading of Azure as well, while there still is a connection to end.
    async with (
        aclosing(auditor.reports(each_server_in(desk, scope))) as found,
        aclosing(_counted(desk, found, tally, mendable)) as reports,
    ):
        if wish.output is not None:
            with written(wish.output) as out:
                await _write(reports, writer_of(wish.format, out, heading), tally)
            desk.out.print(verdict(tally), soft_wrap=True)
        elif wish.format is AuditFormat.TABLE:
            await _write(reports, None, tally)
            desk.out.print(shown(tally, heading))
        else:
            await _write(reports, writer_of(wish.format, desk.out.file, heading), tally)
    least = _severity(wish.fail_on)
    if wish.manner is None or not tally.counts:
        return _code(tally, least)
    return await _mend(desk, auditor, mendable, wish.manner, least)


async def _auditor(desk: Desk, wish: Wish) -> Auditor:
    parts, policy = desk.parts, await desk.parts.policy()
    surveyor = Surveyor(parts.arm.for_many(), desk.sleep)
    return Auditor(parts.arm, parts.store, parts.catalogue, policy, _choice(desk, wish), surveyor, desk.clock)


def _choice(desk: Desk, wish: Wish) -> Choice:
    return Choice(
        controls=checked_controls(desk, wish.controls),
        frameworks=frameworks_named(wish.framework) if wish.framework else (),
        severity=_severity(wish.severity),
        domain=domain_named(wish.domain, desk.parts.catalogue) if wish.domain else "",
    )


def _severity(name: str) -> Severity:
    return Severity[name.upper()]


async def _counted(
    desk: Desk, reports: AsyncIterator[Report], tally: Tally, mendable: Mendable
) -> AsyncGenerator[Report]:
    """The reports, added up and with the person told how far it is."""
    with desk.err.status("looking for servers …") as status:
        async for report in reports:
            tally.add(report)
            mendable.add(report)
            status.update(f"{tally.servers} servers judged, {tally.failing_servers} of them fail something …")
            yield report


async def _write(reports: AsyncIterator[Report], writer: Writer | None, tally: Tally) -> None:
    async for report in reports:
        if writer is not None:
            writer.add(report)
    if writer is not None:
        writer.end(tally)


def _code(tally: Tally, least: Severity) -> int:
    if not tally.counts:
        # An audit of nothing would pass for a good one.
        return COULD_NOT
    if tally.fails(least):
        return FAILS
    return COULD_NOT if tally.misses(least) else 0


async def _mend(desk: Desk, auditor: Auditor, mendable: Mendable, manner: Manner, least: Severity) -> int:
    """Have each server put right as `holdfast apply` does, then judge those servers again."""
    for target, controls in mendable.controls.items():
        desk.out.print()
        try:
            await apply(desk, target.id, controls, manner)
        except Refused as refused:
            desk.out.print(str(refused), markup=False)
    if mendable.others:
        names = ", ".join(sorted(mendable.others))
        desk.out.print(f"\nNot touched, because the policy switches them off or does not name them: {names}")
    left = mendable.worst is not None and mendable.worst >= least
    if not mendable.controls:
        return FAILS if left else 0
    again = Tally(auditor.choice)
    async for report in auditor.reports(_each(mendable.controls)):
        again.add(report)
    desk.out.print("\nNow: ", verdict(again), sep="", soft_wrap=True)
    return FAILS if left else _code(again, least)


async def _each(targets: Iterable[Target]) -> AsyncIterator[Target]:
    for target in targets:
        yield target
