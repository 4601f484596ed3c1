"""Structured log lines on standard error: one JSON object each, with function and invocation.

What a function logs itself is given the name and id of the invocation it runs in, as the real host does.
"""

import json
import logging
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

type Known = Mapping[str, str]

# these log every request they make, which is of no interest unless it fails
_TALKATIVE = ("azure.core.pipeline.policies.http_logging_policy", "azure.identity", "aiohttp.access")


class JsonLines(logging.Formatter):
    """Formats records; `invocation` tells what is known about the invocation the code runs in."""

    def __init__(self, invocation: Callable[[], Known]) -> None:
        super().__init__()
        self._invocation = invocation

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        given = {name: getattr(record, name, None) for name in ("function", "invocation", "ms", "trace")}
        line |= {name: value for name, value in given.items() if value}
        if "invocation" not in line:
            line |= self._invocation()
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def log_to_stderr(invocation: Callable[[], Known]) -> None:
    """Send everything from level info up to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(invocation))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
