"""The audit: every control of the catalogue on one server after the other, with the evidence for each answer.

    choice → survey → judge (watch) → tally

Nothing is written, whatever the policy's mode. The policy gives parameters and exemptions; what the engine would do is
told with each finding.
"""

from shared.audit.auditor import Auditor
from shared.audit.choice import Choice
from shared.audit.finding import Evidence, Fault, Finding, Report, Status
from shared.audit.judge import audited
from shared.audit.survey import Survey, Surveyor
from shared.audit.tally import Tally

__all__ = [
    "Auditor",
    "Choice",
    "Evidence",
    "Fault",
    "Finding",
    "Report",
    "Status",
    "Survey",
    "Surveyor",
    "Tally",
    "audited",
]
