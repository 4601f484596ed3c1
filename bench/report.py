"""Writes what was measured into a page of docs/, between the markers that name its place; the rest is prose by hand.

<!-- measured: NAME -->
… whatever the last run wrote …
<!-- end -->
"""

import os
import platform
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from shared.settings import ROOT

PERFORMANCE = ROOT / "docs/performance.md"
LOAD = ROOT / "docs/load.md"
_PLACE = re.compile(r"(<!-- measured: ([a-z0-9-]+) -->\n).*?(\n<!-- end -->)", re.DOTALL)


def filled(page: str, made: Mapping[str, str]) -> str:
    """The page with every table in its place; a place that nothing was measured for keeps what it has.

    Raises KeyError for a table that the page has no place for.
    """
    places = {found[2] for found in _PLACE.finditer(page)}
    if missing := made.keys() - places:
        raise KeyError(f"the page has no place for {', '.join(sorted(missing))}")

    def place(found: re.Match[str]) -> str:
        return f"{found[1]}{made.get(found[2], found[0][len(found[1]) : -len(found[3])])}{found[3]}"

    return _PLACE.sub(place, page)


def write(path: Path, made: Mapping[str, str]) -> None:
    """Fill the page."""
    path.write_text(filled(path.read_text(), made))


def machine(command: str, load_before: float, load_after: float) -> str:
    """Where and when it was measured, in one sentence."""
    cores = os.cpu_count() or 1
    loads = f"load average {load_before:.1f} before and {load_after:.1f} after"
    return (
        f"Measured on {datetime.now(UTC):%Y-%m-%d} by `{command}`: {cores} virtual cores ({_processor()}), "
        f"{_memory_gb():.0f} GB, CPython {platform.python_version()}, Linux {platform.release()}, {loads}."
    )


def _processor() -> str:
    found = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    return re.sub(r"\s+", " ", found[1]).strip() if found else platform.machine()


def _memory_gb() -> float:
    found = re.search(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text())
    return int(found[1]) / 1e6 if found else 0.0
