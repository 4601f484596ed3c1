"""A message as an HTML mail: one column, readable on a phone, in light and in dark, without pictures or scripts.

Styles stand at the elements, because some mail programs drop style sheets. Lines are paragraphs of spans, and addresses
stand below their buttons: so the plain text that Apprise makes of it for the mail has the same lines and all links.
"""

from collections.abc import Iterator, Mapping
from html import escape

from shared.notify.line import Becomes, Exact, Fact, Heading, Line, Link, Part, Was
from shared.notify.message import Message
from shared.notify.tone import Tone

# White on each of them has a contrast of at least 4.5 to 1.
_COLOURS: Mapping[Tone, str] = {
    Tone.GOOD: "#1a7f37",
    Tone.PLAIN: "#0969da",
    Tone.HEED: "#8a5a00",
    Tone.BAD: "#b3261e",
}
_FONT = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
_MONO = "font-family:ui-monospace,Consolas,Menlo,monospace;font-size:13px;overflow-wrap:anywhere"
_PILL = "padding:1px 4px;border-radius:4px"
_BUTTON = "display:inline-block;padding:10px 16px;border-radius:6px;text-decoration:none;font-weight:600"
_HEAD = (
    '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width,initial-scale=1">'
    '<meta name="color-scheme" content="light dark"><title>{title}</title></head>'
    '<body style="margin:0;padding:16px;{font};font-size:15px;line-height:1.45">'
    '<div style="max-width:640px;margin:0 auto">'
)


def mail_html(message: Message) -> str:
    """The whole document."""
    title = escape(message.title)
    colour = _COLOURS[message.tone]
    first = f"margin:0 0 16px;padding:14px 16px;border-radius:8px;background:{colour};color:#fff;font-size:18px"
    links = [line for line in message.lines if isinstance(line, Link)]
    parts = [
        _HEAD.format(title=title, font=_FONT),
        f'<h1 style="{first};line-height:1.35;overflow-wrap:anywhere">{title}</h1>',
        *_lines(message.lines),
        *(_button(link, colour if number == 0 else "") for number, link in enumerate(links)),
        "</div></body></html>",
    ]
    return "\n".join(parts)


def _lines(lines: tuple[Line, ...]) -> Iterator[str]:
    for line in lines:
        if isinstance(line, Heading):
            style = "margin:20px 0 6px;padding-top:12px;border-top:1px solid #8884;font-size:16px"
            yield f'<h2 style="{style}">{escape(line.label)}</h2>'
        elif isinstance(line, Fact):
            parts = "".join(map(_part, line.parts))
            yield f'<p style="margin:4px 0"><b>{escape(line.label)}:</b> {parts}</p>'


def _part(part: Part) -> str:
    if not isinstance(part, Exact):
        return escape(part)
    text = escape(part.text or "-")
    style = _MONO
    if isinstance(part, Was):
        style += f";text-decoration:line-through;background:#d1242f2e;{_PILL}"
    elif isinstance(part, Becomes):
        style += f";font-weight:600;background:#1a7f3733;{_PILL}"
    return f'<span style="{style}">{text}</span>'


def _button(link: Link, colour: str) -> str:
    look = f"background:{colour};color:#fff" if colour else "border:1px solid #8888;color:inherit"
    anchor = f'<a style="{_BUTTON};{look}" href="{escape(link.address)}">{escape(link.label)}</a>'
    small = "margin:0 0 12px;font-size:11px;opacity:.7;overflow-wrap:anywhere"
    return f'<p style="margin:12px 0 2px">{anchor}</p><p style="{small}">{escape(link.address)}</p>'
