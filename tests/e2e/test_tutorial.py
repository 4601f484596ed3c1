"""The tutorial, word by word: one shell runs every command of the page, and answers what the page says it does."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from itertools import pairwise

import pytest

from shared.settings import ROOT

pytestmark = pytest.mark.e2e

_MARK = "=====the next block of the page====="
_BLOCKS = re.compile(r"^```(sh|text)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_SECONDS = 300
# What differs from run to run: ids, short ids, moments, and how long something took.
_CHANGING = (
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "ID"),
    (re.compile(r"\b(?=[0-9a-f]*\d)[0-9a-f]{8}\b"), "SHORT"),
    (re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d[.\d]*)?(?:Z|\+00:00)?)?"), "DAY"),
    (re.compile(r"\b\d\d:\d\d:\d\d\b"), "TIME"),
    (re.compile(r"\b[\d.]+ s\b"), "N s"),
)


def blocks() -> list[tuple[str, str]]:
    """Each block of commands of the page, with what it says they answer (empty: it does not say)."""
    found = [*_BLOCKS.findall((ROOT / "docs" / "tutorial.md").read_text()), ("sh", "")]
    return [
        (words, after if kind == "text" else "")
        for (language, words), (kind, after) in pairwise(found)
        if language == "sh"
    ]


@pytest.fixture(scope="module")
def answers() -> Iterator[list[str]]:
    """What each block answered, in one shell from first to last."""
    script = f"echo '{_MARK}'\n".join(words for words, _ in blocks())
    environment = {name: text for name, text in os.environ.items() if not name.startswith("HOLDFAST_")}
    shell = subprocess.Popen(
        ["bash", "-e", "-c", script], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        said, _ = shell.communicate(timeout=_SECONDS)
        assert shell.returncode == 0, said[-3000:]
        yield said.split(f"{_MARK}\n")
    finally:
        if shell.poll() is None:
            os.killpg(shell.pid, signal.SIGKILL)


@pytest.mark.parametrize("number", range(len(blocks())))
def test_every_block_answers_what_the_page_says(answers: list[str], number: int) -> None:
    expected = settled(blocks()[number][1])
    found = settled(answers[number])
    for part in re.split(r"^…$\n?", expected, flags=re.MULTILINE):
        assert part in found, answers[number]
        found = found[found.index(part) + len(part) :]


def settled(text: str) -> str:
    """The text without what differs from run to run, and without how it is broken into lines."""
    for pattern, word in _CHANGING:
        text = pattern.sub(word, text)
    return "".join(f"{' '.join(line.split())}\n" for line in text.splitlines())
