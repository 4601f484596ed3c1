"""Bringing a copy in step with its source because a person asks for it: shown, confirmed, and then made exactly so."""

from collections.abc import Sequence
from dataclasses import dataclass

from cli.desk import Desk
from cli.errors import COULD_NOT, CommandFailed
from cli.options import Format
from cli.view import mirror as view
from cli.view.mirror import Row
from cli.view.written import written
from cli.work.apply import Manner, asking, request
from cli.work.targets import target_of
from shared.control import Change
from shared.copies import followed_by
from shared.decide import Decided, Verb
from shared.engine import Preview
from shared.errors import Refused
from shared.journal import Actor, Request, Wish
from shared.memory import Assent, Consent, Copied
from shared.originals import PARITY
from shared.state import ORIGINAL
from shared.target import Target, parse_target


@dataclass(frozen=True, slots=True)
class _Mirror:
    """What would be copied, and what not."""

    rows: tuple[Row, ...]
    changes: tuple[Change, ...]
    follows: bool


async def mirror(desk: Desk, source: str, target: str, dry_run: bool, manner: Manner, format_: Format) -> int:
    """Show what differs, ask, have it copied, and say what came of it."""
    by = await desk.parts.person()
    original, copy = await target_of(desk, source), await target_of(desk, target)
    if original == copy:
        raise Refused(f"{copy.name} is the source and the target; a server is mirrored to another one")
    found = await _found(desk, original, copy, by)
    if format_ is not Format.TABLE:
        written(desk.out, format_, view.plain(original, copy, found.rows), "differences")
    else:
        desk.out.print(view.heading(original, copy, found.follows), soft_wrap=True)
        desk.out.print(view.table(found.rows) if found.rows else view.in_step(copy))
        desk.out.print(view.never_copied(copy))
    if dry_run:
        return COULD_NOT if found.changes else 0
    if not found.changes:
        if not found.rows:
            return 0
        raise Refused("nothing of this is copied because somebody asks for it; the table says why")
    if not manner.yes and not desk.confirm(asking(found.changes, copy, by)):
        desk.out.print("Nothing was changed.")
        return COULD_NOT
    wish = Request(Wish.MIRROR, by, found.changes, reason=manner.reason, source=original.id)
    return await request(desk, copy, wish, manner)


async def _found(desk: Desk, original: Target, copy: Target, by: Actor) -> _Mirror:
    """Look twice: as it is, and as it would be if somebody asked for all of it."""
    engine, copied = desk.parts.engine, Copied(original.id, desk.clock(), by=by.name)
    preview = await engine.preview(copy, copied=copied)
    follows = _checked(preview, original, copy)
    mine = _mine(preview)
    parts = [preview.outcome.part([pair]).changes for pair in mine]
    consents = tuple(Consent(f"asked-{n}", part, "you", Assent.ASKED_FOR) for n, part in enumerate(parts) if part)
    asked = await engine.preview(copy, consents, copied)
    carried_out = {change.key: change for change in asked.outcome.carried_out.changes}
    wanted = dict.fromkeys(change.key for part in parts for change in part)
    changes = tuple(carried_out[key] for key in wanted if key in carried_out)
    return _Mirror(_rows(_mine(asked), changes), changes, follows)


def _checked(preview: Preview, original: Target, copy: Target) -> bool:
    """Whether the target follows the source. Raises what makes a mirror impossible."""
    state = preview.outcome.state
    if ORIGINAL in state.unread:
        raise CommandFailed(str(state.unread[ORIGINAL]))
    followed = followed_by(state.server) if state.server else ""
    if followed and parse_target(followed) != original:
        leader = parse_target(followed).name
        raise Refused(
            f"{copy.name} is a replica of {leader} and is kept in step with that: mirror {leader}, or promote it"
        )
    return bool(followed)


def _mine(preview: Preview) -> list[Decided]:
    return [pair for pair in preview.outcome.decided if pair[0].control in PARITY]


def _rows(decided: Sequence[Decided], changes: Sequence[Change]) -> tuple[Row, ...]:
    by_setting = {change.setting: change for change in changes}
    rows = []
    for drift, decision in decided:
        change = by_setting.get(drift.setting) if decision.verb is Verb.ACT else None
        rows.append(Row(drift, change, "" if change else drift.person or decision.reason))
    return tuple(sorted(rows, key=lambda row: row.change is None))
