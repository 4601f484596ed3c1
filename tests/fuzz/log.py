"""What is logged, as a console and a log collector get it; and the law that nobody can forge a line of it."""

import logging
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager


class Lines(logging.Handler):
    """Keeps every record as it is formatted for a console."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@contextmanager
def nobody_forges_a_line() -> Iterator[Lines]:
    """Each record is one line, and below it a trace whose lines are indented; nothing in it is a control character."""
    handler, root, ours = Lines(), logging.getLogger(), logging.getLogger("holdfast")
    level, root_level = ours.level, root.level
    root.addHandler(handler)
    ours.setLevel(logging.DEBUG)
    try:
        yield handler
    finally:
        root.removeHandler(handler)
        ours.setLevel(level)
        root.setLevel(root_level)
    for line in handler.lines:
        must_be_tame(line)


def must_be_tame(record: str) -> None:
    """Raises AssertionError for a record that would show as another one."""
    first, *trace = record.split("\n")
    assert all(line.startswith("  ") for line in trace), record
    for line in (first, *trace):
        assert not [letter for letter in line if unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp", "Cf")], record
