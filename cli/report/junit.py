"""An audit as JUnit XML, as test reporters read it. The only module that imports junitparser.

A suite for each server, a case for each control: what fails is a failure, what could not be read an error, and what
says nothing about the server (exempt, left to a person, not applicable) is skipped with its reason.
"""

from typing import IO
from xml.sax.saxutils import quoteattr

from junitparser import Error, Failure, Skipped, TestCase, TestSuite

from cli.report.writer import Heading, as_text
from cli.view.text import printable
from shared.audit import Finding, Report, Status, Tally
from shared.state import spoken


class JUnitWriter:
    """Suites as they come."""

    def __init__(self, out: IO[str], heading: Heading) -> None:
        self._out = out
        out.write('<?xml version="1.0" encoding="utf-8"?>\n')
        out.write(f"<testsuites name={quoteattr(printable(f'holdfast audit {heading.scope}'.strip()))}>\n")

    def add(self, report: Report) -> None:
        """One server."""
        suite = TestSuite(report.target.name)
        suite.add_property("id", report.target.id)
        suite.add_testcases([_case(finding) for finding in report.findings])
        text = suite.tostring().decode("utf-8")  # type: ignore[no-untyped-call]  # typed all around it
        self._out.write(f"{text.rpartition('?>')[2].strip()}\n")

    def end(self, _tally: Tally) -> None:
        """Close what was opened."""
        self._out.write("</testsuites>\n")


def _case(finding: Finding) -> TestCase:
    control = finding.control
    case = TestCase(control.id, f"{control.domain}.{control.title}".replace(" / ", "."))
    match finding.status:
        case Status.FAIL:
            case.result = [_failure(finding)]
        case Status.ERROR:
            error = Error(printable(finding.reason), "unreadable")
            error.text = printable(f"missing permission: {finding.missing}" if finding.missing else finding.reason)
            case.result = [error]
        case Status.PASS:
            pass
        case _:
            case.result = [Skipped(printable(f"{finding.status.value}: {finding.reason}"))]
    case.system_out = printable("\n".join(_evidence(finding)))
    return case


def _failure(finding: Finding) -> Failure:
    lines = [
        f"{spoken(fault.setting)}: found {as_text(fault.found)}, wanted {as_text(fault.wanted)}:"
        f" {fault.why}. {fault.remedy}"
        for fault in finding.faults
    ]
    failure = Failure(printable(f"{finding.control.severity}: {finding.control.title}"), str(finding.control.severity))
    failure.text = printable("\n".join(lines))
    return failure


def _evidence(finding: Finding) -> list[str]:
    standards = [f"{name} {', '.join(ids)}" for name, ids in finding.frameworks.items()]
    return [
        *(f"{one.what}: {one.value}" for one in finding.evidence),
        *(f"read with {call}" for call in finding.calls),
        *([f"read at {finding.at.isoformat()}"] if finding.at else []),
        *([f"standards: {'; '.join(standards)}"] if standards else []),
    ]
