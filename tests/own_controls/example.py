"""The example of the page, as it is written there: its files, and its controls."""

import re
from pathlib import Path

from shared.settings import ROOT

PAGE = (ROOT / "docs" / "custom-controls.md").read_text()
FILES = dict(re.findall(r"^`([\w./]+)`:\n\n```\w+\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE))


def written(folder: Path) -> Path:
    """Write the example below this folder. The folder of its controls."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return folder / "controls"
