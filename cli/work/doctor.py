"""The doctor's round, on the screen."""

from rich.text import Text

from cli.checkup.model import Finding, Patient
from cli.checkup.round import make_round
from cli.desk import Desk
from cli.options import Format
from cli.view.text import said
from cli.view.written import written


async def doctor(desk: Desk, azure: bool, identity: str, test_message: bool, format_: Format) -> int:
    """Make the round; 1 if anything is to be mended."""
    parts = desk.parts
    patient = Patient(
        parts.settings,
        parts.store,
        parts.policy,
        lambda: parts.catalogue,
        lambda: parts.arm.servers(),
        lambda: parts.client,
        desk.clock(),
        identity,
    )
    findings = await make_round(patient, in_azure=azure, test_message=test_message)
    if format_ is not Format.TABLE:
        written(desk.out, format_, [finding.plain() for finding in findings])
    else:
        for finding in findings:
            desk.out.print(_line(finding), soft_wrap=True)
    return int(not all(finding.well for finding in findings))


def _line(finding: Finding) -> Text:
    if finding.well:
        return Text.assemble(("✓ ", "green"), said(finding.check), ": ", said(finding.wanted))
    told = (": found ", said(finding.found, "red"), "; wanted: ", said(finding.wanted), "; mend: ")
    return Text.assemble(("✗ ", "red"), said(finding.check), *told, said(finding.mend, "bold"))
