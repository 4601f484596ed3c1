"""A message as an Adaptive Card in the envelope that a workflow of Teams takes.

All texts stand in text runs, which no receiver reads as Markdown: what others wrote cannot become a link or a mention.
Adaptive Cards 1.4, the newest that Teams shows on a phone as well. A message to a workflow may have 28 KB; what does
not fit is in the record.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from shared.notify.line import Becomes, Exact, Fact, Heading, Line, Link, Part, Was
from shared.notify.message import Message
from shared.notify.tone import Tone

# Bytes of the whole envelope; the rest of the 28 KB is for what the workflow adds.
_MOST_BYTES = 24_000
# What a card shows; with more, Teams hides some behind a menu.
_MOST_ACTIONS = 6
_STYLES: Mapping[Tone, str] = {
    Tone.GOOD: "good",
    Tone.PLAIN: "accent",
    Tone.HEED: "warning",
    Tone.BAD: "attention",
}
type _Element = dict[str, Any]


def card_message(message: Message) -> _Element:
    """What is posted to the workflow: the card, and the line that a phone shows of it."""
    lines = list(message.lines)
    shown = envelope(message, lines, left=0)
    left = 0
    while len(json.dumps(shown)) > _MOST_BYTES and any(isinstance(line, Fact) for line in lines):
        lines.pop(max(number for number, line in enumerate(lines) if isinstance(line, Fact)))
        left += 1
        shown = envelope(message, lines, left)
    return shown


def envelope(message: Message, lines: list[Line], left: int) -> _Element:
    """The card of these lines, and how many more there are."""
    links = [line for line in lines if isinstance(line, Link)]
    return {
        "type": "message",
        "summary": message.title,
        "attachments": [
            {
                "contentType": "application/vnd.microsoft.card.adaptive",
                "contentUrl": None,
                "content": {
                    "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                    "type": "AdaptiveCard",
                    "version": "1.4",
                    "fallbackText": message.title,
                    "msteams": {"width": "full"},
                    "body": [_head(message), *_body(lines), *_rest(left)],
                    "actions": [_action(link) for link in links[:_MOST_ACTIONS]],
                },
            }
        ],
    }


def _head(message: Message) -> _Element:
    run = {"type": "TextRun", "text": message.title, "weight": "bolder", "size": "medium"}
    return {
        "type": "Container",
        "style": _STYLES[message.tone],
        "bleed": True,
        "items": [{"type": "RichTextBlock", "inlines": [run]}],
    }


def _body(lines: list[Line]) -> Iterator[_Element]:
    for line in lines:
        if isinstance(line, Heading):
            run = {"type": "TextRun", "text": line.label, "weight": "bolder"}
            yield {"type": "RichTextBlock", "inlines": [run], "separator": True, "spacing": "medium"}
        elif isinstance(line, Fact):
            label = {"type": "TextRun", "text": f"{line.label}: ", "isSubtle": True}
            yield {"type": "RichTextBlock", "inlines": [label, *map(_run, line.parts)], "spacing": "small"}


def _run(part: Part) -> _Element:
    if not isinstance(part, Exact):
        return {"type": "TextRun", "text": part}
    run: _Element = {"type": "TextRun", "text": part.text or "-", "fontType": "monospace"}
    if isinstance(part, Was):
        return run | {"color": "attention", "strikethrough": True}
    return run | {"color": "good", "weight": "bolder"} if isinstance(part, Becomes) else run


def _action(link: Link) -> _Element:
    return {"type": "Action.OpenUrl", "title": link.label, "url": link.address}


def _rest(left: int) -> Iterator[_Element]:
    if left:
        run = {"type": "TextRun", "text": f"And {left} lines more, see the record", "isSubtle": True}
        yield {"type": "RichTextBlock", "inlines": [run]}
