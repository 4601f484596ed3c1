"""Pieces of Markdown."""

import re
from collections.abc import Iterable, Sequence

NOTE = "<!-- Made from the code by `make docs`. Change the code, not this page. -->"


def page(title: str, parts: Iterable[str]) -> str:
    """A whole page; parts are separated by empty lines, and those that are empty left out."""
    return "\n\n".join([f"# {title}", NOTE, *(part.strip("\n") for part in parts if part)]) + "\n"


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; empty where it has no rows."""
    lines = [" | ".join(cell.replace("|", "\\|") or " " for cell in row) for row in rows]
    if not lines:
        return ""
    return "\n".join(f"| {line} |" for line in [" | ".join(columns), " | ".join("---" for _ in columns), *lines])


def code(words: Iterable[str]) -> str:
    """Words as they stand in code, one below the other inside a cell."""
    return "<br>".join(f"`{word}`" for word in words)


def slug(text: str) -> str:
    """The text as the name of a file."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def anchor(heading: str) -> str:
    """Where a link to the heading leads, as GitHub and GitLab make it."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def plural(number: int, word: str) -> str:
    """The number with its word."""
    return f"{number} {word}{'' if number == 1 else 's'}"
