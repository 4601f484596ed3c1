"""How bad the news of a message is: its colour on every receiver."""

from collections.abc import Mapping
from enum import StrEnum

from shared.journal import NoticeKind


class Tone(StrEnum):
    """In Apprise's words."""

    GOOD = "success"
    PLAIN = "info"
    HEED = "warning"
    BAD = "failure"


_TONES: Mapping[NoticeKind, Tone] = {
    NoticeKind.REMEDIATED: Tone.GOOD,
    NoticeKind.DRIFT_RESOLVED: Tone.GOOD,
    NoticeKind.UNDONE: Tone.PLAIN,
    NoticeKind.FAILED_OVER: Tone.GOOD,
    NoticeKind.FAILOVER_FAILED: Tone.BAD,
    NoticeKind.ORDERS_CHANGED: Tone.PLAIN,
    NoticeKind.REMEDIATION_FAILED: Tone.BAD,
    NoticeKind.CANNOT_OBSERVE: Tone.BAD,
    NoticeKind.HELD: Tone.BAD,
    NoticeKind.POLICY_REFUSED: Tone.BAD,
}


def tone_of(kind: NoticeKind) -> Tone:
    """The tone of what a notice says; what is not known to be good or bad is to be heeded."""
    return _TONES.get(kind, Tone.HEED)
