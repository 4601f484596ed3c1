"""A message as Slack's Block Kit.

All texts stand in `rich_text` elements, which Slack shows letter by letter: `<!channel>` in a rule's name rings nobody.
Links are links in the text and no buttons: a button asks the app behind the webhook to answer, and there is none.
Limits are those of docs.slack.dev, "Blocks": 50 blocks, 3000 characters of text in one, 3000 in a URL.
"""

from collections.abc import Iterator
from html import escape
from typing import Any

from shared.notify.line import Becomes, Exact, Fact, Heading, Line, Link, Part, Was
from shared.notify.message import Message

_MOST_BLOCKS = 50
_LONGEST_URL = 3000
# Of all texts in one block; a fact that alone is longer than what is left goes into the next.
_LONGEST = 2900
type _Element = dict[str, Any]


def block_message(message: Message) -> _Element:
    """The text that a phone shows, and the blocks."""
    blocks = [_rich([_section([_text(message.title, bold=True)])]), *_blocks(message.lines)]
    if len(blocks) > _MOST_BLOCKS:
        rest = _rich([_section([_text("And more, see the record", italic=True)])])
        blocks = [*blocks[: _MOST_BLOCKS - 1], rest]
    # Here Slack reads marks, and these three letters begin or end them.
    return {"text": escape(message.title, quote=False), "blocks": blocks}


def _blocks(lines: tuple[Line, ...]) -> Iterator[_Element]:
    """A block for each heading with what belongs to it, and further ones where that is long."""
    sections: list[_Element] = []
    size = 0
    for line in lines:
        fresh = _line(line)
        length = _length(fresh)
        if sections and (isinstance(line, Heading) or size + length > _LONGEST):
            yield _rich(sections)
            if isinstance(line, Heading):
                yield {"type": "divider"}
            sections, size = [], 0
        sections.append(fresh)
        size += length
    if sections:
        yield _rich(sections)


def _line(line: Line) -> _Element:
    match line:
        case Heading():
            return _section([_text(f"{line.label}\n", bold=True)])
        case Fact():
            return _section([_text(f"{line.label}: ", bold=True), *map(_part, line.parts), _text("\n")])
        case Link() if len(line.address) <= _LONGEST_URL:
            return _section([{"type": "link", "url": line.address, "text": line.label}, _text("\n")])
        case Link():
            return _section([_text(f"{line.label}: its address is too long for Slack\n")])


def _part(part: Part) -> _Element:
    if not isinstance(part, Exact):
        return _text(part)
    text = part.text or "-"
    if isinstance(part, Was):
        return _text(text, code=True, strike=True)
    return _text(text, code=True, bold=True) if isinstance(part, Becomes) else _text(text, code=True)


def _text(text: str, **style: bool) -> _Element:
    element: _Element = {"type": "text", "text": text or " "}
    return element | {"style": style} if style else element


def _section(elements: list[_Element]) -> _Element:
    return {"type": "rich_text_section", "elements": elements}


def _rich(sections: list[_Element]) -> _Element:
    return {"type": "rich_text", "elements": sections}


def _length(section: _Element) -> int:
    return sum(len(element.get("text", "")) for element in section["elements"])
