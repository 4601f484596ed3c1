"""An audit as CSV: one row for each control on each server."""

import csv
from typing import IO

from cli.report.writer import Heading, as_text
from cli.view.text import printable
from shared.audit import Finding, Report, Tally

COLUMNS = (
    "server",
    "control",
    "title",
    "domain",
    "severity",
    "status",
    "found",
    "wanted",
    "why",
    "reason",
    "missing permission",
    "remedy",
    "engine",
    "mode",
    "first sight",
    "exemption",
    "evidence",
    "calls",
    "read at",
    "standards",
    "server id",
)
# What a spreadsheet would take for a formula.
_FORMULA = ("=", "+", "-", "@", "\n")


class CsvWriter:
    """Rows as they come."""

    def __init__(self, out: IO[str], _heading: Heading) -> None:
        self._rows = csv.writer(out, lineterminator="\n")
        self._rows.writerow(COLUMNS)

    def add(self, report: Report) -> None:
        """One server."""
        for finding in report.findings:
            self._rows.writerow(map(_harmless, _row(finding)))

    def end(self, tally: Tally) -> None:
        """Nothing: every line is a row."""


def _row(finding: Finding) -> tuple[str, ...]:
    control, faults = finding.control, finding.faults
    standards = (f"{name} {one}" for name, ids in finding.frameworks.items() for one in ids)
    return (
        finding.target.name,
        control.id,
        control.title,
        control.domain,
        str(control.severity),
        finding.status.value,
        "; ".join(f"{fault.setting}: {as_text(fault.found)}" for fault in faults),
        "; ".join(f"{fault.setting}: {as_text(fault.wanted)}" for fault in faults),
        "; ".join(dict.fromkeys(fault.why for fault in faults)),
        finding.reason,
        finding.missing,
        "; ".join(dict.fromkeys(fault.remedy for fault in faults)),
        "; ".join(dict.fromkeys(f"{fault.verb}: {fault.decision}" for fault in faults if fault.verb)),
        finding.mode.value,
        finding.first_sight.value,
        finding.exemption,
        "; ".join(f"{one.what}: {one.value}" for one in finding.evidence),
        "; ".join(finding.calls),
        finding.at.isoformat() if finding.at else "",
        "; ".join(standards),
        finding.target.id,
    )


def _harmless(cell: str) -> str:
    cell = printable(cell)
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
