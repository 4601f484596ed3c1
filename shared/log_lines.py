"""What others wrote cannot forge a line of the log, clear a terminal or turn the direction of writing.

Ids, names and Azure's error texts stand in log lines. Each record stays one line; the lines of a trace are indented.
"""

import logging
import traceback
import unicodedata

LOGGER = logging.getLogger("holdfast")
_NOT_SHOWN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def keep_lines_whole() -> None:
    """From now on, for everything that Holdfast logs; to ask twice is to ask once."""
    LOGGER.addFilter(whole)


def whole(record: logging.LogRecord) -> bool:
    """Make the record one line, and its trace indented lines."""
    record.msg, record.args = one_line(record.getMessage()), None
    if record.exc_info and not record.exc_text:
        told = "".join(traceback.format_exception(record.exc_info[1]))
        record.exc_text = "\n".join(f"  {one_line(line)}" for line in told.split("\n") if line.strip())
    return True


def one_line(text: str) -> str:
    """The text with every character that would not show as itself written out."""
    return text if text.isprintable() else "".join(map(_shown, text))


def _shown(letter: str) -> str:
    return letter.encode("unicode_escape").decode() if unicodedata.category(letter) in _NOT_SHOWN else letter


def storable(text: str) -> str:
    """The text with halves of a pair, which JSON can hold and UTF-8 cannot, written out."""
    return text.encode("utf-8", "backslashreplace").decode()
