"""Shows messages, those of examples or of what happened, in each form that receivers get."""

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches

from cli.desk import Desk
from cli.examples import ExamplePages, an_example
from cli.notify import Form
from cli.view.text import printable
from cli.view.written import as_json
from cli.work.records import record_of
from shared.errors import Refused
from shared.journal import Entry, Notice, NoticeKind, Stage
from shared.notify.blocks import block_message
from shared.notify.card import card_message
from shared.notify.links import NoLinks
from shared.notify.mail import mail_html
from shared.notify.message import Message, compose

_PREFIX = "Holdfast."
_WORDS = {kind.value.removeprefix(_PREFIX): kind for kind in NoticeKind}
# What is told of a record whose last message is not known.
_KINDS: Mapping[Stage, NoticeKind] = {
    Stage.PROVEN: NoticeKind.REMEDIATED,
    Stage.FAILED: NoticeKind.REMEDIATION_FAILED,
    Stage.RESOLVED: NoticeKind.DRIFT_RESOLVED,
    Stage.ASKED: NoticeKind.APPROVAL_NEEDED,
    Stage.ORDERED: NoticeKind.ORDERS_CHANGED,
}


async def preview(desk: Desk, example: str, record: str, form: Form) -> int:
    """Write the message, whole and unwrapped."""
    if record:
        message = compose(_notice(await record_of(desk, record)), NoLinks())
    else:
        message = compose(an_example(_kind(example)), ExamplePages())
    desk.out.file.write(_WRITTEN[form](message) + "\n")
    return 0


def _kind(word: str) -> NoticeKind:
    by_lower = {name.lower(): kind for name, kind in _WORDS.items()}
    wanted = word.removeprefix(_PREFIX).lower()
    if wanted in by_lower:
        return by_lower[wanted]
    near = get_close_matches(wanted, by_lower, 1)
    meant = f"; did you mean {by_lower[near[0]].value.removeprefix(_PREFIX)}?" if near else "."
    raise Refused(f"there is no message {word!r}{meant} There are {', '.join(_WORDS)}")


def _notice(entries: Sequence[Entry]) -> Notice:
    """The last message about the record; what would be said of its last step where none was sent."""
    last = next((entry for entry in reversed(entries) if entry.stage is Stage.NOTIFIED), entries[-1])
    kind = _told(last) or next((_KINDS[one.stage] for one in reversed(entries) if one.stage in _KINDS), None)
    return Notice(last.record, kind or NoticeKind.DRIFT_DETECTED, last.report, last.at)


def _told(entry: Entry) -> NoticeKind | None:
    word = entry.detail.partition(" ")[0].removeprefix(_PREFIX)
    return _WORDS.get(word) if entry.stage is Stage.NOTIFIED else None


_WRITTEN: Mapping[Form, Callable[[Message], str]] = {
    Form.TEXT: lambda message: printable(f"{message.title}\n\n{message.text.strip()}"),
    Form.MARKDOWN: lambda message: printable(f"{message.title}\n\n{message.markdown.strip()}"),
    Form.HTML: mail_html,
    Form.CARD: lambda message: as_json(card_message(message)),
    Form.SLACK: lambda message: as_json(block_message(message)),
}
