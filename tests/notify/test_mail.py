import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.journal import NoticeKind
from shared.notify.mail import mail_html
from shared.notify.message import compose
from tests.notify.builders import a_notice
from tests.notify.examples import Pages, an_example
from tests.notify.hostile import a_notice_full_of

VOID = {"meta"}


class Reader(HTMLParser):
    """Takes the document apart; every element has to be closed where it should be."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]
        assert {name for name, _ in attrs} <= {"lang", "charset", "name", "content", "style", "href"}
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("kind", NoticeKind)
def test_every_kind_of_message_is_a_whole_document_without_pictures_or_scripts(kind: NoticeKind) -> None:
    tags = Reader(mail_html(compose(an_example(kind), Pages()))).tags
    assert {"img", "script", "link", "style", "form"} & set(tags) == set()
    assert tags.count("h1") == 1


@given(
    st.text(max_size=40)
    | st.sampled_from(["<script>alert(1)</script>", "\" onmouseover='x", "</p></div>", "&lt;b&gt;", "javascript:x"])
)
def test_a_text_from_outside_stays_text(text: str) -> None:
    hostile = Reader(mail_html(compose(a_notice_full_of(f"x{text}"), Pages())))
    harmless = Reader(mail_html(compose(a_notice_full_of("xword"), Pages())))
    assert hostile.tags == harmless.tags
    assert all(link.startswith(("https://holdfast.example/", "https://portal.azure.com/")) for link in hostile.links)


def test_what_was_found_is_struck_out_and_what_is_wanted_is_marked() -> None:
    page = mail_html(compose(a_notice()))
    found = re.search(r"<span ([^>]*)>0\.0\.0\.0-255\.255\.255\.255</span> → <span ([^>]*)>203\.0\.113\.10<", page)
    assert found is not None
    assert ["line-through" in style for style in found.groups()] == [True, False]


def test_the_approval_is_the_first_button() -> None:
    page = mail_html(compose(an_example(NoticeKind.APPROVAL_NEEDED), Pages()))
    assert re.findall(r"<a [^>]*>([^<]*)</a>", page)[0] == "Approve or deny"
