"""An audit as JSON. The shape is a promise: docs/audit.schema.json describes it, and `schema` changes with it."""

import json
from collections.abc import Mapping
from typing import IO, Any

from cli.report.writer import Heading
from shared.audit import Fault, Finding, Report, Status, Tally
from shared.control import Severity
from shared.state import Value
from shared.target import Target

SCHEMA = "holdfast-audit/1"


class JsonWriter:
    """One object; the servers come one by one, the summary at the end."""

    def __init__(self, out: IO[str], heading: Heading) -> None:
        self._out, self._comma = out, ""
        head = {
            "schema": SCHEMA,
            "at": heading.at.isoformat(),
            "scope": heading.scope,
            "frameworks": list(heading.choice.frameworks),
        }
        out.write(json.dumps(head, ensure_ascii=False)[:-1] + ', "servers": [')

    def add(self, report: Report) -> None:
        """One server."""
        self._out.write(f"{self._comma}\n{json.dumps(plain_server(report), ensure_ascii=False)}")
        self._comma = ","

    def end(self, tally: Tally) -> None:
        """The sums."""
        self._out.write(f'\n], "summary": {json.dumps(plain_summary(tally))}}}\n')


def plain_server(report: Report) -> dict[str, Any]:
    """Everything about one server."""
    return {**plain_target(report.target), "findings": [plain_finding(one) for one in report.findings]}


def plain_target(target: Target) -> dict[str, str]:
    """Which server it is."""
    return {
        "id": target.id,
        "name": target.name,
        "type": f"Microsoft.DBforPostgreSQL/{target.kind.type_name}",
        "subscription": target.subscription,
        "resource_group": target.resource_group,
    }


def plain_finding(finding: Finding) -> dict[str, Any]:
    """One control on one server, with its evidence."""
    control = finding.control
    return {
        "control": control.id,
        "title": control.title,
        "domain": control.domain,
        "severity": str(control.severity),
        "status": finding.status.value,
        "reason": finding.reason,
        "missing_permission": finding.missing,
        "mode": finding.mode.value,
        "first_sight": finding.first_sight.value,
        "exemption": finding.exemption,
        "faults": [_fault(fault) for fault in finding.faults],
        "evidence": [{"what": one.what, "value": one.value} for one in finding.evidence],
        "calls": list(finding.calls),
        "read_at": finding.at.isoformat() if finding.at else None,
        "standards": {name: list(ids) for name, ids in finding.frameworks.items()},
    }


def plain_summary(tally: Tally) -> dict[str, Any]:
    """What it adds up to."""
    return {
        "servers": tally.servers,
        "failing_servers": tally.failing_servers,
        "controls": tally.controls,
        "statuses": {status.value: tally.counts[status] for status in Status},
        "failed": {str(severity): tally.failed[severity] for severity in reversed(Severity)},
    }


def _fault(fault: Fault) -> dict[str, Any]:
    return {
        "setting": fault.setting,
        "found": _plain(fault.found),
        "wanted": _plain(fault.wanted),
        "why": fault.why,
        "remedy": fault.remedy,
        "engine": fault.verb,
        "engine_reason": fault.decision,
    }


def _plain(value: Value) -> object:
    return dict(value) if isinstance(value, Mapping) else value
