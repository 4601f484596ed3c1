"""Small makers of what a store keeps: a test names only what matters to it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from shared.journal import DeadLetter, Entry, Notice, NoticeKind, Report, Stage, Trigger, new_id
from shared.memory import Memory
from shared.target import Kind, Subject, Target

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
STRANGE_IDS = ("a/b\\c#d?e", "x" * 1500, "Grüße 日本 🦉", "'; DROP TABLE triggers; --", " ", "%2F\t\n", "a|b~}{")


def a_target(name: str = "pg-payments", group: str = "rg-payments") -> Target:
    return Target(Kind.FLEXIBLE, "11111111-1111-4111-8111-111111111111", group, name)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def a_trigger(target: Target, id_: str = "event-1", seconds: float = 0) -> Trigger:
    return Trigger(id_, target.id, "firewallrules/write", "firewallrules/app", after(seconds), received_at=NOON)


def a_report(target: Subject, record: str) -> Report:
    return Report(record=record, target=target.id, severity="high", at=NOON)


def a_record(seconds: float = 0) -> str:
    return new_id(after(seconds))


def an_entry(target: Subject, record: str, number: int = 0, detail: str = "") -> Entry:
    return Entry(record, number, Stage.DETECTED, NOON, a_report(target, record), detail)


def a_notice(target: Subject, id_: str = "notice-1", seconds: float = 0, number: int = 0, **more: Any) -> Notice:
    report = a_report(target, a_record())
    return Notice(id_, NoticeKind.REMEDIATED, report, after(seconds), number, **more)


def a_memory(word: str = "on") -> Memory:
    return Memory(values={"configurations/log_connections": word}, seen=("server",))


def a_letter(id_: str = "letter-1", seconds: float = 0, body: str = "?") -> DeadLetter:
    return DeadLetter(id_, "event-grid", "not JSON", body, after(seconds))
