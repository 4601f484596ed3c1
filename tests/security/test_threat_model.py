"""The threat model names tests and code that there are."""

import re

from shared.settings import ROOT

PAGE = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`((?:tests|shared)/[\w/]+\.py)`", PAGE)))


def test_what_holds_a_row_exists() -> None:
    assert len(NAMED) > 20
    assert [name for name in NAMED if not (ROOT / name).is_file()] == []


def test_every_row_says_what_holds_it() -> None:
    table = PAGE.split("## Who can do what")[1].split("\n## ")[0]
    rows = [line.split("|") for line in table.splitlines() if line.startswith("| ") and "---" not in line][1:]
    assert [row[1] for row in rows if not re.search(r"`tests/|\]\(|not held", row[4])] == []


def test_the_modules_that_can_connect_are_those_of_the_page() -> None:
    from tests.security.test_ssrf import MAY_CONNECT

    told = PAGE.split("## Addresses from outside")[1].split("\n## ")[0]
    assert set(MAY_CONNECT) <= set(re.findall(r"`(shared/[\w/]+\.py)`", told))
