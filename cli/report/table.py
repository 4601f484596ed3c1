"""The table as a text file: as it stands on a screen of 120 columns, without colours."""

from typing import IO

from rich.console import Console

from cli.report.writer import Heading
from cli.view.audit import shown
from shared.audit import Report, Tally

_WIDTH = 120


class TableWriter:
    """Everything at the end."""

    def __init__(self, out: IO[str], heading: Heading) -> None:
        self._out, self._heading = out, heading

    def add(self, report: Report) -> None:
        """Nothing: the sums are kept in the tally."""

    def end(self, tally: Tally) -> None:
        """The table."""
        screen = Console(file=self._out, width=_WIDTH, no_color=True, highlight=False, emoji=False)
        screen.print(shown(tally, self._heading))
