"""Security alerts: asked for, listed, and one of them whole with the records about it."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from cli.desk import Desk
from cli.options import Format
from cli.view import alerts as view
from cli.view.written import written
from cli.work.moments import moment_of, span_of
from shared.alert_door import Fate, pull
from shared.alerts.known import Known, known_alerts
from shared.errors import Refused
from shared.journal import Entry
from shared.target import FLEET, parse_subject

_EVERY = 1000
_SHORTEST = 4
# Of one server's records, as many as may be about its latest alerts.
_READ_BACK = 500


async def pulled(desk: Desk, since: str, subscriptions: tuple[str, ...], dry: bool, format_: Format) -> int:
    """Ask Defender, and take in what is new; 1 if something could not be read."""
    at = desk.clock()
    begin = _since(since, at)
    found = []
    for subscription in subscriptions or await desk.parts.subscriptions():
        listed = desk.parts.alerts.listed(subscription.strip().lower())
        found += [one async for one in pull(desk.parts.store, listed, begin, at, dry=dry)]
    if format_ is not Format.TABLE:
        written(desk.out, format_, [view.plain_weighed(one) for one in found])
    else:
        desk.out.print(view.weighed(found, dry))
    return int(any(one.fate is Fate.UNREADABLE for one in found))


async def listed(desk: Desk, limit: int, format_: Format) -> int:
    """The known alerts, newest first, with what was done about each."""
    found = (await known_alerts(desk.parts.store, _EVERY))[:limit]
    records = await _records(desk, found)
    if format_ is not Format.TABLE:
        written(desk.out, format_, [view.plain(known, records[known.alert.id]) for known in found])
    elif found:
        desk.out.print(view.listing([(known, records[known.alert.id]) for known in found]))
    else:
        desk.out.print("No alert is known. `holdfast alerts pull` asks Defender; docs/alerts.md says how they come.")
    return 0


async def show(desk: Desk, alert: str, format_: Format) -> int:
    """One alert whole."""
    known = await _named(desk, alert)
    records = (await _records(desk, [known]))[known.alert.id]
    if format_ is not Format.TABLE:
        written(desk.out, format_, view.plain(known, records))
    else:
        desk.out.print(view.sheet(known, records), soft_wrap=True)
    return 0


def _since(text: str, at: datetime) -> datetime:
    """A span back from now, or a moment. Raises Refused."""
    try:
        return at - span_of(text)
    except Refused:
        return moment_of(text, at)


async def _named(desk: Desk, text: str) -> Known:
    """The alert that is meant. Raises Refused."""
    wanted = text.strip().lower()
    known = await known_alerts(desk.parts.store, _EVERY)
    found = [one for one in known if one.alert.id == wanted]
    if not found and len(wanted) >= _SHORTEST:
        found = [one for one in known if one.alert.id.startswith(wanted) or one.alert.id.endswith(wanted)]
    if len(found) != 1:
        many = f"{len(found)} alerts are" if found else "no alert that is known is"
        raise Refused(f"{many} called {text!r}; `holdfast alerts list` names them")
    return found[0]


async def _records(desk: Desk, known: Sequence[Known]) -> dict[str, list[list[Entry]]]:
    """The records about each alert, by its id, oldest first."""
    found: dict[str, list[list[Entry]]] = defaultdict(list)
    # What leads to no server is recorded under the fleet.
    for target in dict.fromkeys((*(one.target for one in known), *([FLEET.id] if known else ()))):
        history = await desk.parts.store.history(parse_subject(target), _READ_BACK)
        for _, entries in groupby(history, key=lambda entry: entry.record):
            record = list(entries)
            trigger = record[0].report.trigger
            if trigger is not None and trigger.alert is not None:
                found[trigger.alert.id].insert(0, record)
    return found
