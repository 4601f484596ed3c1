"""What came of a request, in a few lines."""

from collections.abc import Sequence

from rich.console import Group
from rich.text import Text

from cli.view.text import Paragraph, said, short, way
from shared.journal import Entry, Stage
from shared.notify.wording import duration_words, setting_words


def verdict(ending: Entry) -> Group:
    """How it ended, what was changed, and where to read more."""
    report = ending.report
    lines = [Paragraph(_ended(ending))]
    if ending.stage is Stage.PROVEN:
        changes = [(said(setting_words(line.setting)), way(line.before, line.after)) for line in report.changes]
        lines += [Paragraph(Text.assemble(setting, ": ", change), 2) for setting, change in changes]
    lines.append(Paragraph(Text(f"`holdfast show {short(ending.record)}` tells the whole story", "dim"), 2))
    return Group(*lines)


def progress(entries: Sequence[Entry], seconds: float) -> Paragraph:
    """How far it came while somebody waited."""
    if not entries:
        silence = f"not answered within {seconds:g} s; it waits until the app runs"
        return Paragraph(Text.assemble(("… ", "yellow"), silence))
    last = entries[-1]
    story = f"; `holdfast show {short(last.record)}` tells how it goes on"
    return Paragraph(Text.assemble(("… ", "yellow"), said(last.detail or last.stage.value), story))


def _ended(ending: Entry) -> Text:
    report = ending.report
    if ending.stage is Stage.PROVEN:
        took = f" in {duration_words(report.elapsed_seconds)}" if report.elapsed_seconds is not None else ""
        return Text.assemble(("✓ ", "green"), said(report.outcome), took)
    if ending.stage is Stage.DECIDED:
        return Text.assemble(("● ", "yellow"), said(ending.detail))
    return Text.assemble(("✗ ", "red"), said(report.outcome), ": ", said(report.error or ending.detail))
