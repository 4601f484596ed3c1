"""What a module of controls says of itself, under four headings."""

import re

HEADINGS = ("Why", "Fix", "Refuses", "Undo")
_SECTION = re.compile(rf"^({'|'.join(HEADINGS)})\s+(.*(?:\n(?:[ \t].*)?)*)", re.MULTILINE)


def texts_of(text: str) -> dict[str, str]:
    """What a module's docstring says under each heading, each on one line."""
    return {match[1]: " ".join(match[2].split()) for match in _SECTION.finditer(text)}
