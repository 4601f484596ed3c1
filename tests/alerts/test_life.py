"""What is said to Defender about an alert."""

from dataclasses import replace

import pytest

from shared.alert import AlertStatus, StatusWish
from shared.alerts.life import status_notice
from shared.journal import Notice, NoticeKind, decode, encode
from tests.alerts.shapes import CAPTURES, ID, SHAPES, read
from tests.builders import NOON, SUBSCRIPTION
from tests.notify.builders import RECORD, a_report


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_says_where_defender_keeps_the_alert(shape: str) -> None:
    notice = status_notice(a_report(), read(CAPTURES[shape]), AlertStatus.IN_PROGRESS, NOON, 3)
    assert notice.defender == StatusWish(ID, AlertStatus.IN_PROGRESS, SUBSCRIPTION, "rg-payments", "westeurope")
    assert (notice.id, notice.kind, notice.quiet) == (f"{RECORD}.3", NoticeKind.ALERT_STATUS, True)
    assert decode(Notice, encode(notice)) == notice


def test_an_alert_that_does_not_say_where_it_is_kept_is_kept_with_its_server() -> None:
    alert = replace(read(CAPTURES["export"]), subscription="", group="", location="")
    notice = status_notice(a_report(), alert, AlertStatus.RESOLVED, NOON, 0)
    assert notice.defender == StatusWish(ID, AlertStatus.RESOLVED, SUBSCRIPTION, "rg-payments", "")


def test_machines_are_told_in_words() -> None:
    notice = status_notice(a_report(), read(CAPTURES["rest"]), AlertStatus.RESOLVED, NOON, 0)
    assert notice.report.outcome == f"alert {ID} is set to resolved in Defender"
    assert not notice.report.findings
