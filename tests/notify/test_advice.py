import shlex
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.main import app
from shared.journal import NoticeKind
from shared.notify.message import compose
from tests.notify.builders import RECORD, a_finding, a_notice, a_report
from tests.notify.examples import ALERT_LINK, Pages, an_example

SERVER = ("See how the server stands", "Open the server in the portal")


def steps(kind: NoticeKind, pages: Pages | None = None, **changes: Any) -> list[str]:
    """The labels and commands under "What you can do", without those about the server itself, and the record."""
    notice = a_notice(kind=kind, report=a_report(**changes)) if changes else an_example(kind)
    text = compose(notice, pages).text.partition("\nWhat you can do\n")[2]
    return [line for line in text.splitlines() if not line.startswith((*SERVER, "Record: "))]


LET_IT_STAND = (
    "Let it stand: holdfast exemptions add pg-payments --control firewall-no-any-any --reason WHY --owner WHO "
    "--expires 7d"
)
TRY_AGAIN = "Put right what the error names: Holdfast tries again with the next change, and with the next sweep"
COMMANDS = {
    NoticeKind.DRIFT_DETECTED: ["Mend it: holdfast apply pg-payments", LET_IT_STAND],
    NoticeKind.APPROVAL_NEEDED: [
        f"Approve: holdfast approvals approve {RECORD}",
        f"Deny: holdfast approvals deny {RECORD} --reason WHY",
    ],
    NoticeKind.APPROVAL_ENDED: ["Mend it: holdfast apply pg-payments"],
    NoticeKind.REMEDIATION_SCHEDULED: ["Mend it now: holdfast apply pg-payments", LET_IT_STAND],
    NoticeKind.REMEDIATED: [f"Undo it: holdfast undo {RECORD}"],
    NoticeKind.REMEDIATION_FAILED: [TRY_AGAIN],
    NoticeKind.DRIFT_RESOLVED: [],
    NoticeKind.HELD: ["Release it: holdfast release pg-payments"],
    NoticeKind.UNDONE: ["Mend it: holdfast apply pg-payments"],
    NoticeKind.FAILOVER_BEGUN: ["See how far it is, or go on with it: holdfast failover pg-payments-a"],
    NoticeKind.FAILED_OVER: [f"Switch back: holdfast undo {RECORD} --reason WHY"],
    NoticeKind.FAILOVER_FAILED: ["Look again, without changing anything: holdfast failover pg-payments-a --rehearse"],
    NoticeKind.CANNOT_OBSERVE: [TRY_AGAIN],
    NoticeKind.EXEMPTION_EXPIRING: [
        "If it is still needed: give it a later end, and a reason",
        "If not: put the setting right before Holdfast does",
    ],
    NoticeKind.POLICY_REFUSED: ["Check a version before it is used: holdfast policy check FILE"],
    NoticeKind.ORDERS_CHANGED: [],
    NoticeKind.ALERT_RECEIVED: [
        "See all that it says: holdfast alerts show 2517184898549829577_cdcf9f94-ec53-47a6-ab87-76130f87218d",
        f"Open the alert in Defender for Cloud: {ALERT_LINK}",
    ],
    NoticeKind.ALERT_STATUS: [],
    NoticeKind.MEASURE_LIFTED: [],
}


@pytest.mark.parametrize("kind", NoticeKind)
def test_without_pages_the_commands_are_named(kind: NoticeKind) -> None:
    assert steps(kind) == COMMANDS[kind]


@pytest.mark.parametrize("kind", NoticeKind)
def test_every_message_leads_to_its_record_where_there_are_pages(kind: NoticeKind) -> None:
    label = "Undo it, or see the record" if kind is NoticeKind.REMEDIATED else "See the record"
    assert steps(kind, Pages())[-1].startswith(f"{label}: https://holdfast.example/records/{RECORD}")


def test_a_message_about_a_server_leads_to_its_page() -> None:
    text = compose(an_example(NoticeKind.REMEDIATED), Pages()).text
    assert "See how the server stands: https://holdfast.example/servers/pg-payments" in text
    assert SERVER[0] not in compose(an_example(NoticeKind.REMEDIATED), None).text


def test_a_page_to_decide_takes_the_place_of_the_commands() -> None:
    decide, _ = steps(NoticeKind.APPROVAL_NEEDED, Pages())
    assert decide.startswith("Approve or deny: https://holdfast.example/decide/%28a%29?token=a.b-c_d~e")


@pytest.mark.parametrize("kind", [kind for kind in NoticeKind if kind is not NoticeKind.APPROVAL_NEEDED])
def test_only_who_is_asked_gets_the_page_to_decide(kind: NoticeKind) -> None:
    assert "holdfast.example/decide" not in compose(an_example(kind), Pages()).markdown


def test_a_drift_without_a_fix_is_not_offered_one() -> None:
    assert steps(NoticeKind.DRIFT_DETECTED, changes=()) == [LET_IT_STAND]


def test_what_was_mended_before_holdfast_wrote_cannot_be_undone() -> None:
    assert steps(NoticeKind.REMEDIATED, changes=()) == []


def test_an_exemption_is_offered_for_each_control_that_drifts() -> None:
    findings = [a_finding(control=control) for control in ("tls-required", "tls-min-version-12", "tls-required")]
    (line,) = steps(NoticeKind.DRIFT_DETECTED, changes=(), findings=tuple(findings))
    assert " --control tls-required --control tls-min-version-12 --reason" in line


def test_many_controls_are_left_to_the_reader() -> None:
    findings = tuple(a_finding(control=f"control-{number}") for number in range(4))
    (line,) = steps(NoticeKind.DRIFT_DETECTED, changes=(), findings=findings)
    assert "holdfast exemptions add pg-payments --control ID --reason" in line


@pytest.mark.parametrize("line", sorted({line for lines in COMMANDS.values() for line in lines if "holdfast" in line}))
def test_every_command_that_is_named_can_be_typed(line: str) -> None:
    words = shlex.split(line.partition("holdfast ")[2])
    # Asked for help, a command reads what it was given and does nothing.
    result = CliRunner().invoke(app, [*words, "--help"])
    assert result.exit_code == 0, result.output


def test_where_everything_is_held_the_holds_are_listed_first() -> None:
    assert steps(NoticeKind.HELD, target="/fleet", findings=(), changes=()) == [
        "See what is held: holdfast holds",
        "Release it: holdfast release --everything",
    ]


def test_a_question_of_an_earlier_version_has_no_id_to_decide_about() -> None:
    assert steps(NoticeKind.APPROVAL_NEEDED, approval="") == []
