"""Laws of a message: whatever others wrote into names, rules and errors, its lines and its mark-up stay ours."""

import re
import unicodedata
from dataclasses import replace
from importlib import import_module

from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from shared.journal import Actor, ChangeLine, Notice, NoticeKind, Request, Wish
from shared.notify.facts import facts
from shared.notify.line import Heading
from shared.notify.links import NoLinks
from shared.notify.message import compose
from shared.notify.wording import SHORT, tame
from shared.target import FLEET
from tests.notify.builders import SERVER, a_finding, a_notice, a_report, a_trigger
from tests.notify.examples import Pages, an_example

HOSTILE = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        [
            "x" * 10_000,
            "\u202egnp.exe",
            "a\r\nServer: pg-other",
            "<script>alert(1)</script>",
            "<!channel> <@U12345>",
            "@everyone look, (@here) \u200b@all",
            "[click](http://evil.example)",
            "![x](http://evil.example/x.png)",
            "`code` **bold** _so_ ~~so~~ # head",
            "&lt;b&gt; &#60;b&#62;",
            "``` \n- item",
            "\ud800 \x00\x1b[31m",
            "{{ secret }}",
            "",
        ]
    ),
)
RENDER = MarkdownIt("commonmark").render
# What Apprise turns Markdown into HTML with, for mail.
MAIL = import_module("markdown").markdown
SURE_LINK = r"a href=\"https://(portal\.azure\.com/#@/resource|holdfast\.example)/[^\"]*\""
SURE_TAGS = re.compile(rf"</?(ul|li|p|strong|code|{SURE_LINK}|a)>")


@given(st.text(), st.integers(1, 50))
def test_tamed_text_is_one_printable_line_of_limited_length(text: str, limit: int) -> None:
    line = tame(text, limit)
    assert len(line) <= limit
    assert all(unicodedata.category(letter)[0] != "C" for letter in line)
    assert not re.search(r"[<>\n\r\u2028\u2029\x85]|  |(^|[^\w.+-])@", line)
    assert tame(line, limit) == line


def test_honest_text_is_left_alone() -> None:
    assert tame("Žofie O'Brien-Łukasz (שלום)") == "Žofie O'Brien-Łukasz (שלום)"


@settings(deadline=None)
@given(st.sampled_from(NoticeKind), st.lists(HOSTILE, min_size=16, max_size=16), st.booleans(), st.booleans())
def test_hostile_text_changes_neither_lines_nor_mark_up(
    kind: NoticeKind, texts: list[str], with_links: bool, one_server: bool
) -> None:
    links = Pages() if with_links else None
    target = SERVER if one_server else FLEET.id
    harmful = _with(kind, texts, target)
    hostile, harmless = compose(harmful, links), compose(_harmless(harmful), links)
    assert [_label(line) for line in hostile.text.splitlines()] == [_label(line) for line in harmless.text.splitlines()]
    assert len(hostile.title) <= 265
    assert len(hostile.text) < 16_000
    assert "\n" not in hostile.title
    for render in (RENDER, MAIL):
        assert not re.search(r"[<>]", SURE_TAGS.sub("", render(hostile.markdown)))
        # A title may come out slanted, never as a link or a tag.
        assert not re.search(r"[<>]", SURE_TAGS.sub("", render(hostile.title).replace("em>", "p>")))
    assert _tags(RENDER(hostile.markdown)) == _tags(RENDER(harmless.markdown))


def _with(kind: NoticeKind, texts: list[str], target: str) -> Notice:
    """A notice with these texts wherever text from outside can stand."""
    name, child, rule, why, reason, title, value, *rest = texts
    child = child or "x"
    outcome, error, tag, owner, wish, verb, severity, source, approval = (text or "x" for text in rest)
    actor = Actor(name or "x", "o", "", "user", "198.51.100.23")
    request = Request(Wish.UNDO, actor, reason=wish, exempt_hours=4)
    finding = a_finding(
        title=title, setting=f"firewallRules/{rule}", found=value, why=why, reason=reason, verb=verb, severity=severity
    )
    report = a_report(
        target=target,
        trigger=a_trigger(child=child, actor=actor, request=request),
        findings=(finding,),
        changes=(ChangeLine(f"firewallRules/{rule}", value, None, source, severity),),
        outcome=outcome,
        error=f"x{error}",
        severity=severity,
        tags={tag: tag},
        owner=owner,
        approval=approval,
    )
    return replace(a_notice(), kind=kind, report=report)


def _harmless(notice: Notice) -> Notice:
    """The same with a word in each place. The problems of a policy file stand on a line each, as many as there are."""
    problems = [line for line in notice.report.error.split("\n") if line.strip()]
    plain = _with(notice.kind, ["word"] * 16, notice.report.target)
    verb = notice.report.findings[0].verb
    finding = replace(plain.report.findings[0], verb=verb)
    return replace(plain, report=replace(plain.report, findings=(finding,), error="\n".join(["word"] * len(problems))))


def _label(line: str) -> str:
    label = line.partition(": ")[0]
    return label if label in LABELS else "heading"


LABELS = {
    line.label
    for links in (Pages(), NoLinks())
    for kind in NoticeKind
    for line in facts(an_example(kind), links)
    if not isinstance(line, Heading)
}


def _tags(page: str) -> list[str]:
    return re.findall(r"</?\w+", page)


def test_a_flood_costs_no_more_than_its_limit() -> None:
    assert tame("\u200b" * 1_000_000 + "x") == "…"
    assert len(tame("x" * 1_000_000)) == SHORT
