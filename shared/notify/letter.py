"""Which form a receiver gets: a card for Teams, blocks for Slack, HTML for mail, and Markdown or text for all others.

Apprise has no door for a card or blocks of one's own but a template in a file. So the one method of its receiver that
makes the payload, or takes it on its way, is given another; who chose a template, or plain text, keeps what was chosen.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from shared.notify.blocks import block_message
from shared.notify.card import card_message
from shared.notify.mail import mail_html
from shared.notify.message import Message

_MAILS = {"NotifyEmail", "NotifyOffice365", "NotifySES", "NotifySendGrid", "NotifyMailgun", "NotifyPostmark"}
_SLACK_WITH_BLOCKS = {"hook", "gov-hook", "bot"}


@dataclass(frozen=True, slots=True)
class Letter:
    """What Apprise is given. `form` is that of the body, in Apprise's words."""

    title: str
    body: str
    form: str


def letter_for(receiver: Any, message: Message) -> Letter:
    """The message for this receiver of Apprise's, which is prepared where its form is richer than text."""
    wanted = str(receiver.resolve_format("markdown").value)
    if wanted == "text":
        return Letter(message.title, message.text, "text")
    kind = type(receiver).__name__
    if kind in _MAILS and wanted == "html":
        return Letter(message.title, mail_html(message), "html")
    prepare = _PREPARE.get(kind)
    if prepare is None or receiver.template:
        return Letter(message.title, message.markdown, "markdown")
    # A long body would be cut into several messages, and each of them would be the whole card.
    return prepare(receiver, message)


def _teams(receiver: Any, message: Message) -> Letter:
    receiver.gen_payload = lambda *_, **__: card_message(message)
    return Letter("", message.title, "markdown")


def _slack(receiver: Any, message: Message) -> Letter:
    if receiver.mode not in _SLACK_WITH_BLOCKS:
        # Its workflows take variables and no blocks.
        return Letter(message.title, message.markdown, "markdown")
    send = receiver._send

    def send_blocks(url: str, payload: dict[str, Any], **options: Any) -> Any:
        kept = {name: value for name, value in payload.items() if name not in ("attachments", "mrkdwn")}
        return send(url, kept | block_message(message), **options)

    receiver._send = send_blocks
    return Letter("", message.title, "markdown")


_PREPARE: dict[str, Callable[[Any, Message], Letter]] = {"NotifyWorkflows": _teams, "NotifySlack": _slack}
