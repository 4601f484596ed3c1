"""Dead letters: seen, taken up again, thrown away."""

from collections.abc import Sequence

from cli.desk import Desk
from cli.options import Format
from cli.view import dead_letters as view
from cli.view.written import written
from shared import replay as letters
from shared.errors import Refused
from shared.journal import DeadLetter
from shared.replay import name_of

_EVERY = 5000
_ALL = "all"
_SHORTEST = 4


async def listed(desk: Desk, limit: int, source: str, format_: Format) -> int:
    """What could not be handled, newest first."""
    found = await _from(desk, source, limit)
    if format_ is not Format.TABLE:
        written(desk.out, format_, [view.plain(letter) for letter in found])
    else:
        desk.out.print(view.listing(found) if found else "Everything could be handled.")
    return 0


async def show(desk: Desk, letter: str, format_: Format) -> int:
    """One letter whole."""
    (found,) = await _named(desk, letter, "", one=True)
    if format_ is not Format.TABLE:
        written(desk.out, format_, view.plain(found))
    else:
        desk.out.print(view.sheet(found), soft_wrap=True)
    return 0


async def replay(desk: Desk, letter: str, source: str) -> int:
    """Take letters up again; 1 if one of them is as bad as it was."""
    by, failed = await desk.parts.person(), False
    for found in await _named(desk, letter, source):
        try:
            outcome = await letters.replay(desk.parts.store, found, by, desk.clock())
        except Refused as error:
            failed = True
            desk.out.print(view.stays(found, str(error)), soft_wrap=True)
        else:
            desk.out.print(view.taken_up(found, outcome), soft_wrap=True)
    return int(failed)


async def discard(desk: Desk, letter: str, source: str, reason: str) -> int:
    """Throw letters away."""
    by = await desk.parts.person()
    for found in await _named(desk, letter, source):
        await letters.discard(desk.parts.store, found, by, reason, desk.clock())
        desk.out.print(view.thrown_away(found), soft_wrap=True)
    return 0


async def _from(desk: Desk, source: str, limit: int = _EVERY) -> list[DeadLetter]:
    found = await desk.parts.store.dead_letters(_EVERY if source else limit)
    return [letter for letter in found if source in ("", letter.source)][:limit]


async def named(desk: Desk, text: str, source: str = "") -> list[DeadLetter]:
    """The letters of that id, or whose name begins so."""
    found, wanted = await _from(desk, source), text.strip()
    fitting = [letter for letter in found if wanted == letter.id]
    if not fitting and len(wanted) >= _SHORTEST:
        fitting = [letter for letter in found if name_of(letter).startswith(wanted.lower())]
    return fitting


async def _named(desk: Desk, text: str, source: str, *, one: bool = False) -> Sequence[DeadLetter]:
    """The letters that are meant. Raises Refused."""
    if text == _ALL and not one:
        return await _from(desk, source)
    fitting = await named(desk, text, source)
    if len(fitting) != 1:
        many = f"{len(fitting)} dead letters are" if fitting else "no dead letter is"
        raise Refused(f"{many} called {text!r}; `holdfast dead-letters list` names them")
    return fitting
