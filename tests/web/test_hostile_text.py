"""Whatever others have written stays text on every page, and every answer carries the headers that keep it so."""

import asyncio
import base64
import fnmatch
import hashlib
import re
import tomllib
from dataclasses import fields, replace
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.approvals import Verdict
from shared.journal import Actor, ChangeLine, Entry, FindingLine, Report, Stage, Trigger
from shared.memory import Memory
from shared.notify.wording import tame
from shared.orders import Hold, Orders
from shared.policy import Policy
from shared.ports import Commit
from shared.settings import ROOT
from shared.standing import change_orders
from shared.web.http import Response
from tests.builders import NOON, a_target
from tests.examples import examples
from tests.web.world import ADA, RECORD, Pages, a_report, an_approval, seal_of

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</style><script>",
    "javascript:alert(1)",
    "{{ 7 * 7 }}{% include 'x' %}",
    "&lt;b&gt; &#60;",
    "\u202egnp.exe",
    "\x00\x1b[31m",
    "]]><!--",
)
TEXT = st.sampled_from(HOSTILE) | st.text(max_size=60)
VALUE = st.none() | TEXT | st.dictionaries(TEXT, TEXT, max_size=3)
_TAGS = """
html head meta title style body a header p nav span main section h1 h2 h3 ul ol li dl div dt dd code pre strong form
input label textarea button select option
table caption thead tbody tr th td script details summary ins del
svg line rect text
"""
_ATTRIBUTES = """
lang charset name content href class aria-label aria-labelledby aria-describedby id tabindex method type value for rows
maxlength required formnovalidate disabled action min max step autocomplete spellcheck
role scope title selected aria-current aria-hidden data-seconds placeholder
viewbox x y x1 x2 y1 y2 width height preserveaspectratio
"""
TAGS, ATTRIBUTES = set(_TAGS.split()), set(_ATTRIBUTES.split())


class _Reader(HTMLParser):
    """Takes a page apart as a browser does."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "action")]

    def handle_data(self, data: str) -> None:
        self.text += data

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(f"a declaration came from outside: {data}")

    handle_comment = handle_pi = unknown_decl


def filled[T](kind: type[T], text: st.SearchStrategy[str], **given: Any) -> st.SearchStrategy[T]:
    """The thing with any text in each of its text fields."""
    own = {field.name: text for field in fields(kind) if field.type in (str, "str")}  # type: ignore[arg-type]
    return st.builds(kind, **(own | given))


REPORTS: st.SearchStrategy[Report] = st.builds(
    a_report,
    severity=TEXT,
    outcome=TEXT,
    trigger=filled(
        Trigger,
        TEXT,
        target=st.just(a_target().id),
        at=st.just(NOON),
        received_at=st.just(NOON),
        actor=st.none() | filled(Actor, TEXT, groups=st.just(())),
        request=st.none(),
    ),
    findings=st.lists(filled(FindingLine, TEXT, found=VALUE, wanted=VALUE), max_size=2).map(tuple),
    changes=st.lists(filled(ChangeLine, TEXT, before=VALUE, after=VALUE), max_size=2).map(tuple),
)


def must_be_harmless(shown: Response) -> _Reader:
    """Only our own mark-up, our own links, and the headers that would stop anything else."""
    seen = _Reader(shown.body)
    assert seen.tags <= TAGS
    assert seen.attributes <= ATTRIBUTES
    for link in seen.links:
        assert link.startswith(("#main", "/api/", "/.auth/log", "https://portal.azure.com/#@/resource/subscriptions/"))
    policy = dict(part.strip().split(" ", 1) for part in shown.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["form-action"] == "'self'"
    assert policy["style-src"].startswith("'sha256-")
    assert shown.headers["Cache-Control"] == "no-store"
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert shown.headers["Referrer-Policy"] == "same-origin"
    return seen


@settings(max_examples=examples(60), deadline=None)
@given(REPORTS, TEXT)
def test_any_text_in_a_plan_is_only_text(report: Report, reason: str) -> None:
    async def run() -> None:
        pages = Pages(signed_in=ADA)
        token = await pages.wait_for_a_person(an_approval(report))
        seen = must_be_harmless(await pages.open(token))
        for finding in report.findings:
            assert tame(finding.control) in seen.text
        await pages.decide(token, Verdict.DENY, reason or "because")
        must_be_harmless(await pages.open(token))
        await pages.forget(reason)
        must_be_harmless(await pages.open(token))

    asyncio.run(run())


@settings(max_examples=examples(60), deadline=None)
@given(TEXT, TEXT, TEXT)
def test_any_text_in_a_request_is_only_text(token: str, seal: str, name: str) -> None:
    async def run() -> None:
        pages = Pages(signed_in=ADA.model_copy(update={"name": name or "x"}))
        must_be_harmless(await pages.open(token.replace("/", "")))
        good = await pages.wait_for_a_person()
        must_be_harmless(await pages.decide(good, name, name, seal))
        must_be_harmless(await pages.open(good))

    asyncio.run(run())


@settings(max_examples=examples(40), deadline=None)
@given(REPORTS, TEXT, st.sampled_from([Stage.PROVEN, Stage.FAILED, Stage.ORDERED, Stage.NOTIFIED]))
def test_any_text_in_a_record_is_only_text(report: Report, detail: str, stage: Stage) -> None:
    async def run() -> None:
        for policy in (Policy(), Policy(operators=(ADA.object_id,))):
            pages = Pages(signed_in=ADA, policy=policy)
            begun = Entry(RECORD, 0, Stage.INTENDED, NOON, report)
            ended = Entry(RECORD, 1, stage, NOON, report, detail)
            await pages.store.commit(a_target(), "", Commit(Memory(), (begun, ended)))
            must_be_harmless(await pages.get(f"records/{RECORD}"))

    asyncio.run(run())


@settings(max_examples=examples(40), deadline=None)
@given(st.lists(filled(Hold, TEXT, at=st.just(NOON), automatic=st.booleans()), max_size=3), TEXT)
def test_any_text_in_a_hold_is_only_text(orders: list[Hold], reason: str) -> None:
    async def run() -> None:
        pages = Pages(signed_in=ADA, policy=Policy(operators=(ADA.object_id,)))
        await change_orders(pages.store, lambda _: Orders(tuple(orders)))
        shown = await pages.get("holds")
        seen = must_be_harmless(shown)
        assert all(tame(order.reason, 600) in seen.text for order in orders)
        form = {"action": "hold", "seal": seal_of(shown, 'id="new"'), "reason": reason, "scope": reason}
        must_be_harmless(await pages.post("holds", form))
        must_be_harmless(await pages.get("holds"))

    asyncio.run(run())


@pytest.mark.parametrize("text", HOSTILE)
async def test_what_mark_up_others_write_is_shown_letter_by_letter(text: str) -> None:
    pages = Pages(signed_in=ADA)
    finding = replace(a_report().findings[0], why=text)
    token = await pages.wait_for_a_person(an_approval(a_report(findings=(finding,))))
    assert tame(text, 600) in _Reader((await pages.open(token)).body).text


async def test_the_hash_is_that_of_the_style_sheet_on_the_page() -> None:
    pages = Pages()
    shown = await pages.open(await pages.wait_for_a_person())
    (style,) = re.findall(r"<style>(.*?)</style>", shown.body, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in shown.headers["Content-Security-Policy"]


def test_the_templates_are_shipped_to_azure() -> None:
    """No line of .funcignore leaves them out, and an installed package has them."""
    ignored = (ROOT / ".funcignore").read_text().split()
    for path in (ROOT / "shared" / "web" / "templates").iterdir():
        parts = path.relative_to(ROOT).parts
        assert not [line for line in ignored for part in parts if fnmatch.fnmatch(part, line)]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["tool"]["setuptools"]["package-data"]["shared.web"] == ["templates/*"]
