"""Where the pages are that a message leads to. Links are for people: no event, no log and no record holds one."""

from typing import Protocol

from shared.journal import Notice


class Links(Protocol):
    """Makes the addresses of pages; empty where there is no page. A signed one lets in whoever has it."""

    def approval(self, notice: Notice) -> str:
        """Where the plan of `notice.report.approval` is shown and decided about."""

    def record(self, record: str) -> str:
        """Where the record is shown and, if it changed something, can be undone."""

    def server(self, target: str) -> str:
        """Where the server with this ARM id is shown."""


class NoLinks:
    """The links of an app without pages: messages name the commands instead."""

    def approval(self, notice: Notice) -> str:  # noqa: ARG002 - there is none, whatever the notice
        """No page."""
        return ""

    def record(self, record: str) -> str:  # noqa: ARG002 - there is none, whatever the record
        """No page."""
        return ""

    def server(self, target: str) -> str:  # noqa: ARG002 - there is none, whatever the server
        """No page."""
        return ""
