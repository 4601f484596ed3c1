import json
import os
import shutil
import subprocess
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.journal import NoticeKind
from shared.notify.card import card_message
from shared.notify.message import compose
from shared.settings import ROOT
from tests.notify.builders import a_finding, a_notice, a_report
from tests.notify.examples import Pages, an_example
from tests.notify.hostile import a_notice_full_of

PARSER = ROOT / ".azurite" / "node_modules" / "adaptivecards" / "dist" / "adaptivecards.js"
CHECK = ROOT / "tests" / "notify" / "cards.mjs"


def card(notice: Any) -> dict[str, Any]:
    content: dict[str, Any] = card_message(compose(notice, Pages()))["attachments"][0]["content"]
    return content


def runs(element: Any) -> list[dict[str, Any]]:
    """Every run of text, in order."""
    if isinstance(element, list):
        return [run for one in element for run in runs(one)]
    if not isinstance(element, dict):
        return []
    own = [element] if element.get("type") == "TextRun" else []
    return own + [run for one in element.values() for run in runs(one)]


@pytest.mark.browser
def test_microsofts_own_parser_finds_no_fault_in_any_card() -> None:
    if not (PARSER.exists() and shutil.which("node")):
        missing = pytest.fail if os.environ.get("HOLDFAST_REQUIRE_BROWSER") else pytest.skip
        missing("needs Node and adaptivecards from npm: make azurite")
    notices = [*map(an_example, NoticeKind), a_notice_full_of("<at>all</at> [x](http://evil.example)")]
    cards = "\n".join(json.dumps(card(one)) for one in notices)
    found = subprocess.run(
        ["node", CHECK, PARSER], input=cards, capture_output=True, text=True, check=True, timeout=60
    ).stdout.splitlines()
    assert found == ["[]"] * len(notices)


def test_the_line_that_a_phone_shows_is_the_title() -> None:
    notice = an_example(NoticeKind.REMEDIATED)
    shown = card_message(compose(notice))
    assert shown["summary"] == compose(notice).title == runs(shown)[0]["text"]


def test_what_was_found_is_struck_out_and_what_is_wanted_stands_out() -> None:
    (was, becomes), *_ = zip(
        *[[run for run in runs(card(a_notice())) if run.get("color") == colour] for colour in ("attention", "good")],
        strict=True,
    )
    assert (was["text"], was["strikethrough"]) == ("0.0.0.0-255.255.255.255", True)
    assert becomes["text"] == "203.0.113.10"


def test_links_are_buttons() -> None:
    actions = card(an_example(NoticeKind.APPROVAL_NEEDED))["actions"]
    server = ("See how the server stands", "Open the server in the portal")
    assert [one["title"] for one in actions] == ["Approve or deny", "See the record", *server]


@given(st.text(max_size=40) | st.sampled_from(["<at>all</at>", "[x](http://evil.example)", "**b**", "x" * 10_000]))
def test_a_text_from_outside_stands_in_a_run_and_nowhere_else(text: str) -> None:
    hostile, harmless = card(a_notice_full_of(f"x{text}")), card(a_notice_full_of("xword"))
    assert shape(hostile) == shape(harmless)
    assert all(
        one["url"].startswith(("https://holdfast.example/", "https://portal.azure.com/")) for one in hostile["actions"]
    )


def test_a_card_that_would_be_too_large_for_teams_says_how_much_it_leaves_out() -> None:
    findings = tuple(a_finding(control=f"c{number}", why="y" * 600, reason="z" * 600) for number in range(40))
    shown = card_message(compose(a_notice(report=a_report(findings=findings))))
    assert len(json.dumps(shown)) <= 24_000
    assert "lines more, see the record" in runs(shown)[-1]["text"]


def shape(element: Any) -> Any:
    """The card without its texts."""
    if isinstance(element, list):
        return [shape(one) for one in element]
    if isinstance(element, dict):
        return {name: shape(one) for name, one in element.items() if name not in ("text", "fallbackText", "url")}
    return element
