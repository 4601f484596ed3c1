"""Messages: whatever stands in names, rules and errors, no form of the message shows it as anything but text."""

import json
from html.parser import HTMLParser

from hypothesis import strategies as st

from shared.journal import NoticeKind
from shared.notify.blocks import block_message
from shared.notify.card import card_message
from shared.notify.mail import mail_html
from shared.notify.message import compose
from tests.fuzz.amount import law
from tests.fuzz.hostile import text
from tests.fuzz.log import must_be_tame
from tests.notify.examples import Pages
from tests.notify.hostile import a_notice_full_of
from tests.notify.test_blocks import check
from tests.notify.test_hostile_text import MAIL, RENDER, SURE_TAGS

OURS = ("https://portal.azure.com/#@/resource", "https://holdfast.example")


class _Mail(HTMLParser):
    tags = frozenset[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags |= {tag}
        assert not [name for name, _ in attrs if name.startswith("on") or name in ("src", "action")]
        assert all((value or "").startswith(OURS) for name, value in attrs if name == "href")


@law("messages", 10, text, st.sampled_from(NoticeKind))
def test_no_form_of_a_message_shows_text_as_anything_else(said: str, kind: NoticeKind) -> None:
    message = compose(a_notice_full_of(said, kind), Pages())
    must_be_tame(message.title)
    for line in message.text.split("\n"):
        must_be_tame(line)
    for render in (RENDER, MAIL):
        assert not {"<", ">"} & set(SURE_TAGS.sub("", render(message.markdown)))
    check(block_message(message)["blocks"])
    assert "<" not in block_message(message)["text"]
    _links_are_ours(card_message(message))
    read = _Mail()
    read.feed(mail_html(message))
    assert not read.tags & {"script", "img", "iframe", "form", "object", "embed", "svg"}


def _links_are_ours(element: object) -> None:
    if isinstance(element, dict):
        assert all(element[name].startswith(OURS) for name in ("url", "iconUrl") if name in element)
        assert element.get("type") != "TextBlock" or "](" not in element["text"]
    inside = element.values() if isinstance(element, dict) else element if isinstance(element, list) else ()
    for one in inside:
        _links_are_ours(one)
    json.dumps(element)
