"""An audit as OCSF compliance findings (class 2003). The only module that imports py-ocsf-models.

An array of events, as Prowler writes it, so that what reads the one reads the other: `status_code` is the answer,
`compliance.requirements` the paragraphs, `unmapped` what the schema has no place for.
"""

from importlib.metadata import version
from typing import IO

from py_ocsf_models.events.findings.activity_id import ActivityID
from py_ocsf_models.events.findings.compliance_finding import ComplianceFinding
from py_ocsf_models.events.findings.compliance_finding_type_id import ComplianceFindingTypeID
from py_ocsf_models.events.findings.severity_id import SeverityID
from py_ocsf_models.events.findings.status_id import StatusID
from py_ocsf_models.objects.api import API
from py_ocsf_models.objects.compliance import Compliance
from py_ocsf_models.objects.compliance_status import StatusID as ComplianceStatusID
from py_ocsf_models.objects.evidence_artifacts import EvidenceArtifacts
from py_ocsf_models.objects.finding_info import FindingInformation
from py_ocsf_models.objects.group import Group
from py_ocsf_models.objects.metadata import Metadata
from py_ocsf_models.objects.product import Product
from py_ocsf_models.objects.remediation import Remediation
from py_ocsf_models.objects.request_elements import RequestElements
from py_ocsf_models.objects.resource_details import ResourceDetails

from cli.report.plain import plain_finding
from cli.report.writer import Heading
from shared.audit import Finding, Report, Status, Tally
from shared.control import Severity

_SEVERITIES = {
    Severity.LOW: SeverityID.Low,
    Severity.MEDIUM: SeverityID.Medium,
    Severity.HIGH: SeverityID.High,
    Severity.CRITICAL: SeverityID.Critical,
}
_STATUSES = {
    Status.PASS: ComplianceStatusID.Pass,
    Status.FAIL: ComplianceStatusID.Fail,
    # "Did not yield a result due to missing information."
    Status.ERROR: ComplianceStatusID.Warning,
    Status.MANUAL: ComplianceStatusID.Warning,
    Status.EXEMPT: ComplianceStatusID.Other,
    Status.NOT_APPLICABLE: ComplianceStatusID.Other,
}
# What plain_finding says that has a place of its own in the schema.
_MAPPED = {"control", "title", "severity", "status", "evidence", "calls", "standards", "read_at"}


class OcsfWriter:
    """Events as they come."""

    def __init__(self, out: IO[str], heading: Heading) -> None:
        self._out, self._heading, self._comma = out, heading, ""
        out.write("[")

    def add(self, report: Report) -> None:
        """One server."""
        for finding in report.findings:
            event = event_of(finding, self._heading)
            self._out.write(f"{self._comma}\n{event.model_dump_json(exclude_none=True)}")
            self._comma = ","

    def end(self, _tally: Tally) -> None:
        """Close the array."""
        self._out.write("\n]\n")


def event_of(finding: Finding, heading: Heading) -> ComplianceFinding:
    """One control on one server."""
    control, at = finding.control, finding.at or heading.at
    severity = _SEVERITIES[control.severity]
    seen_as = StatusID.Suppressed if finding.status is Status.EXEMPT else StatusID.New
    return ComplianceFinding(
        activity_id=ActivityID.Create,
        activity_name=ActivityID.Create.name,
        type_uid=ComplianceFindingTypeID.Create,
        type_name="Compliance Finding: Create",
        class_name="Compliance Finding",
        time=int(at.timestamp() * 1000),
        time_dt=at,
        message=_message(finding),
        metadata=Metadata(
            product=Product(name="Holdfast", vendor_name="Holdfast", version=version("holdfast")),
            event_code=control.id,
            profiles=["datetime"],
        ),
        severity_id=severity,
        severity=severity.name,
        status_id=seen_as,
        status=seen_as.name,
        status_code=finding.status.value,
        status_detail=_message(finding),
        finding_info=FindingInformation(
            uid=f"holdfast-{control.id}-{finding.target.id}",
            title=control.title,
            desc=_message(finding),
            created_time=int(heading.at.timestamp() * 1000),
            created_time_dt=heading.at,
            types=[control.domain],
        ),
        compliance=_compliance(finding),
        evidences=_evidences(finding),
        remediation=_remediation(finding),
        resources=[_resource(finding)],
        unmapped={name: value for name, value in plain_finding(finding).items() if name not in _MAPPED},
    )


def _message(finding: Finding) -> str:
    whys = dict.fromkeys(fault.why for fault in finding.faults)
    return "; ".join(filter(None, (finding.reason, *whys))) or f"{finding.control.title}: it holds"


def _compliance(finding: Finding) -> Compliance:
    status = _STATUSES[finding.status]
    return Compliance(
        control=finding.control.id,
        desc=finding.control.title,
        category=finding.control.domain,
        standards=list(finding.frameworks),
        requirements=[f"{name} {one}" for name, ids in finding.frameworks.items() for one in ids],
        status_id=status,
    )


def _evidences(finding: Finding) -> list[EvidenceArtifacts] | None:
    read = EvidenceArtifacts(name="read", data={one.what: one.value for one in finding.evidence})
    calls = [
        EvidenceArtifacts(
            name="call",
            api=API(operation=call.split(" ", 1)[0], request=RequestElements(uid=call.split(" ", 1)[1])),
        )
        for call in finding.calls
    ]
    return [read, *calls] if finding.evidence else calls or None


def _remediation(finding: Finding) -> Remediation | None:
    remedies = dict.fromkeys(fault.remedy for fault in finding.faults if fault.remedy)
    return Remediation(desc="; ".join(remedies)) if remedies else None


def _resource(finding: Finding) -> ResourceDetails:
    target = finding.target
    return ResourceDetails(
        uid=target.id,
        name=target.name,
        type=f"Microsoft.DBforPostgreSQL/{target.kind.type_name}",
        namespace=target.subscription,
        group=Group(name=target.resource_group),
    )
