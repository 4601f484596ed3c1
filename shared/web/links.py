"""The addresses of pages, for messages. A link to a plan is signed, and ends when the time to decide is over."""

from datetime import datetime, timedelta
from hashlib import sha256

from shared.journal import Notice, Report, encode
from shared.summaries import key_of
from shared.target import parse_target
from shared.tokens import Tokens, Use

_DIGEST_LENGTH = 32


class PageLinks:
    """Makes the links of an app that people reach at `address`, where plans wait for `valid_hours`."""

    def __init__(self, address: str, tokens: Tokens, valid_hours: float) -> None:
        self._address = address
        self._tokens = tokens
        self._valid = timedelta(hours=valid_hours)

    def approval(self, notice: Notice) -> str:
        """Where the plan of `notice.report.approval` is shown and decided about; empty when none is asked for."""
        report = notice.report
        if not (self._address and report.approval):
            return ""
        return f"{self._address}/api/approve/{link_token(self._tokens, report, notice.created_at + self._valid)}"

    def record(self, record: str) -> str:
        """Where the record is shown."""
        return f"{self._address}/api/records/{record}" if self._address and record else ""

    def server(self, target: str) -> str:
        """Where the server with this ARM id is shown."""
        return f"{self._address}/api/servers/{key_of(parse_target(target))}" if self._address else ""


def link_token(tokens: Tokens, report: Report, expires_at: datetime) -> str:
    """What stands in a link to a plan: which one, and what exactly the message showed of it."""
    return tokens.made(Use.APPROVAL_LINK, [report.approval, shown_digest(report)], expires_at)


def shown_digest(report: Report) -> str:
    """Stands for the changes that a report lists: a link to one plan never leads to another."""
    listed = b"\n".join(encode(line) for line in report.changes)
    return sha256(listed).hexdigest()[:_DIGEST_LENGTH]
