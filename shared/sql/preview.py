"""What would be sent to a database, for people: nothing is opened for it."""

from collections.abc import Sequence

from shared.control import Change
from shared.errors import Rejected
from shared.sql.driver import shown
from shared.sql.writing import statements
from shared.state import SettingKind, names_in


def statements_of(changes: Sequence[Change]) -> str:
    """The statements that make these changes, with the database in which each runs where that is not the usual one."""
    return "; ".join(text for change in changes for text in _texts(change))


def _texts(change: Change) -> list[str]:
    if change.setting.kind is SettingKind.SESSION:
        return [f"pg_terminate_backend for every session of {names_in(change.setting.name)[0]}"]
    try:
        made = statements(change)
    except Rejected as error:
        return [str(error)]
    return [shown(one) + (f" (in {one.database})" if one.database else "") for one in made]
