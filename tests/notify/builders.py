"""Small makers of reports and notices: those of the examples that ship."""

from cli.examples import (
    A_CHANGE,
    DANA,
    IVO,
    NARROW,
    OPEN,
    RECORD,
    SERVER,
    a_finding,
    a_notice,
    a_report,
    a_trigger,
)

__all__ = [
    "A_CHANGE",
    "DANA",
    "IVO",
    "NARROW",
    "OPEN",
    "RECORD",
    "SERVER",
    "a_finding",
    "a_notice",
    "a_report",
    "a_trigger",
]
