"""Block Kit's limits are those of docs.slack.dev/reference/block-kit."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.journal import NoticeKind
from shared.notify.blocks import block_message
from shared.notify.message import compose
from tests.notify.builders import a_finding, a_notice, a_report
from tests.notify.examples import Pages, an_example
from tests.notify.hostile import a_notice_full_of


def blocks(notice: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = block_message(compose(notice, Pages()))["blocks"]
    return found


def elements(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for block in found for section in block.get("elements", []) for one in section["elements"]]


def check(found: list[dict[str, Any]]) -> None:
    """Every rule of Block Kit for the blocks that are used."""
    assert 1 <= len(found) <= 50
    for block in found:
        assert block["type"] in ("rich_text", "divider")
        assert set(block) <= {"type", "elements"}
        assert sum(len(one["text"]) for one in elements([block])) <= 3000
    for one in elements(found):
        assert one["text"]
        if one["type"] == "link":
            assert set(one) == {"type", "url", "text"}
            assert len(one["url"]) <= 3000
        else:
            assert set(one) <= {"type", "text", "style"}
            assert one["type"] == "text"
            assert set(one.get("style", {})) <= {"bold", "italic", "strike", "code"}


@pytest.mark.parametrize("kind", NoticeKind)
def test_every_kind_of_message_keeps_block_kits_rules(kind: NoticeKind) -> None:
    check(blocks(an_example(kind)))


@given(st.text(max_size=40) | st.sampled_from(["<!channel>", "<@U123>", "&lt;!here&gt;", "x" * 10_000]))
def test_a_text_from_outside_calls_nobody_and_makes_no_link(text: str) -> None:
    notice = a_notice_full_of(f"x{text}")
    shown = block_message(compose(notice, Pages()))
    check(shown["blocks"])
    assert "<" not in shown["text"]
    links = [one["url"] for one in elements(shown["blocks"]) if one["type"] == "link"]
    assert len(links) == 4
    assert all(url.startswith(("https://holdfast.example/", "https://portal.azure.com/")) for url in links)


def test_a_message_with_many_findings_keeps_the_rules_too() -> None:
    findings = tuple(a_finding(control=f"c{number}", why="y" * 600, reason="z" * 600) for number in range(60))
    check(blocks(a_notice(report=a_report(findings=findings))))


def test_what_was_found_is_struck_out() -> None:
    struck = [one["text"] for one in elements(blocks(a_notice())) if one.get("style", {}).get("strike")]
    assert struck == ["0.0.0.0-255.255.255.255"] * 2


def test_it_is_json() -> None:
    assert json.loads(json.dumps(blocks(a_notice())))
