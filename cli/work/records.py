"""What happened: the latest records, and one record whole."""

import re
from collections.abc import Sequence
from itertools import groupby

from cli.desk import Desk
from cli.options import Format
from cli.view import history as listed
from cli.view import record as view
from cli.view.text import moment
from cli.view.written import written
from cli.work.targets import seen_target
from shared.errors import Refused
from shared.journal import Entry
from shared.target import parse_subject

_READ_BACK = 1000
# A record has hardly ever more entries than this.
_ENTRIES_OF_A_RECORD = 8
_WHOLE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PART = re.compile(r"[0-9a-f-]{4,36}")


async def history(desk: Desk, target: str, limit: int, format_: Format) -> int:
    """The latest records, newest first."""
    subject = await seen_target(desk, target) if target else None
    entries = await desk.parts.store.history(subject, limit * _ENTRIES_OF_A_RECORD)
    records = [list(entries) for _, entries in groupby(entries, key=lambda entry: entry.record)][:limit]
    if format_ is not Format.TABLE:
        written(desk.out, format_, [listed.plain(record) for record in records])
    elif not records:
        desk.out.print("Nothing has happened yet." if subject is None else f"Nothing has happened to {subject.name}.")
    else:
        desk.out.print(listed.listing(records))
    return 0


async def show(desk: Desk, record: str, format_: Format) -> int:
    """One record from its cause to its last message, with the records that belong to it."""
    entries = await record_of(desk, record)
    related = await related_to(desk, entries)
    if format_ is not Format.TABLE:
        written(desk.out, format_, view.whole(entries, related), "entries")
    else:
        desk.out.print(view.heading(entries[0]), soft_wrap=True)
        desk.out.print(view.timeline(entries))
        desk.out.print(view.relations(related))
    return 0


async def record_of(desk: Desk, text: str) -> list[Entry]:
    """The record with this id, or the only one of the latest whose id begins or ends like this. Raises Refused."""
    wanted = text.strip().lower()
    if _WHOLE.fullmatch(wanted):
        entries = await desk.parts.store.record(wanted)
        if not entries:
            raise Refused(f"there is no record {wanted}; `holdfast history` lists them")
        return entries
    if not _PART.fullmatch(wanted):
        raise Refused(f"found {text!r}, wanted a record's id, or at least 4 characters from its beginning or end")
    latest = await desk.parts.store.history(None, _READ_BACK)
    found = {
        entry.record: entry for entry in latest if wanted in (entry.record[: len(wanted)], entry.record[-len(wanted) :])
    }
    if len(found) == 1:
        return await desk.parts.store.record(next(iter(found)))
    if found:
        raise Refused(f"{len(found)} records fit {text!r}; say which:\n{_candidates(list(found.values()))}")
    raise Refused(f"none of the latest records begins or ends with {text!r}; `holdfast history` lists them")


async def related_to(desk: Desk, entries: Sequence[Entry]) -> list[view.Relation]:
    """The records that asked for this one, carry it out, undo it, or are undone by it."""
    report, own = entries[0].report, entries[0].record
    relations = []
    if report.approval not in ("", own) and await desk.parts.store.record(report.approval):
        relations.append(view.Relation("carries out what was asked in", report.approval))
    request = report.trigger.request if report.trigger else None
    if request is not None and request.record:
        relations.append(view.Relation("undoes", request.record))
    others = await desk.parts.store.history(parse_subject(report.target), _READ_BACK)
    firsts = {entry.record: entry for entry in reversed(others) if entry.record != own}
    for record, entry in sorted(firsts.items()):
        wish = entry.report.trigger.request if entry.report.trigger else None
        if entry.report.approval == own:
            relations.append(view.Relation("carried out in", record))
        if wish is not None and wish.record == own:
            relations.append(view.Relation("its undo was asked for in", record))
    return relations


def _fits(record: str, part: str) -> bool:
    return record.startswith(part) or record.endswith(part)


def _candidates(entries: Sequence[Entry]) -> str:
    lines = [
        f"  {entry.record}  {moment(entry.at)}  {parse_subject(entry.report.target).name}" for entry in entries[:10]
    ]
    return "\n".join([*lines, "  …"] if len(entries) > 10 else lines)
