"""What all formats have in common."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Protocol

from cli.options import AuditFormat
from shared.audit import Choice, Report, Tally
from shared.errors import BadFile


@dataclass(frozen=True, slots=True)
class Heading:
    """What the audit is about. `scope` is empty for everything that the identity sees."""

    at: datetime
    scope: str
    choice: Choice


class Writer(Protocol):
    """Writes one format."""

    def add(self, report: Report) -> None:
        """Take the report of one more server."""

    def end(self, tally: Tally) -> None:
        """Write what comes at the end."""


def writer_of(format_: AuditFormat, out: IO[str], heading: Heading) -> Writer:
    """The writer of this format, which has begun. Only its own library is imported."""
    match format_:
        case AuditFormat.JSON:
            from cli.report.plain import JsonWriter

            return JsonWriter(out, heading)
        case AuditFormat.OCSF:
            from cli.report.ocsf import OcsfWriter

            return OcsfWriter(out, heading)
        case AuditFormat.JUNIT:
            from cli.report.junit import JUnitWriter

            return JUnitWriter(out, heading)
        case AuditFormat.CSV:
            from cli.report.rows import CsvWriter

            return CsvWriter(out, heading)
        case AuditFormat.HTML:
            from cli.report.page import HtmlWriter

            return HtmlWriter(out, heading)
        case AuditFormat.TABLE:
            from cli.report.table import TableWriter

            return TableWriter(out, heading)


@contextmanager
def written(path: Path) -> Iterator[IO[str]]:
    """A file that is there whole or not at all. Raises BadFile."""
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as out:
            yield out
        part.replace(path)
    except OSError as error:
        raise BadFile(f"--output {path}: cannot be written: {error}") from error
    finally:
        part.unlink(missing_ok=True)


def as_text(value: str | Mapping[str, str] | None) -> str:
    """A setting's value as one text, whole."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name}={text}" for name, text in value.items())
    return "absent" if value is None else value
