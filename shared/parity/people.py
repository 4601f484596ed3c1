"""Who may sign in to a copy, and how. Passwords are never read, so none is compared or copied."""

from collections.abc import Iterator

from shared.control import Drift
from shared.parity.pair import Pair
from shared.state import Administrator, Setting, SettingKind, administrator_value, authentication_value
from shared.target import Kind

_UNKNOWN = "Unknown"


def administrators(pair: Pair) -> Iterator[Drift]:
    """The Microsoft Entra administrators. A flexible replica shows its primary's, and has no others.

    While Entra is off there can be none: that comes first, and they are looked at again after it.
    """
    ours, theirs = pair.copy.administrators, pair.original.administrators
    if ours is None or theirs is None or (pair.follows and pair.copy.target.kind is Kind.FLEXIBLE):
        return
    server = pair.copy.server
    if pair.copy.target.kind is not Kind.SINGLE and (server is None or not server.entra_auth):
        return
    known = {one.object_id for one in ours}
    missing = [one for one in theirs if one.object_id not in known]
    room = _room(pair, ours, theirs)
    for number, one in enumerate(missing):
        setting, wanted = Setting(SettingKind.ADMINISTRATOR, one.object_id), administrator_value(one)
        why = f"{one.name or one.object_id} administers {pair.source}"
        person = _obstacle(pair, one, number < room)
        if person:
            yield pair.by_hand(setting, None, wanted, why, person)
        else:
            yield pair.differs(setting, None, wanted, why)
    there = {one.object_id for one in theirs}
    for one in ours:
        if one.object_id not in there:
            setting = Setting(SettingKind.ADMINISTRATOR, one.object_id)
            yield from pair.only_here(
                setting, administrator_value(one), "administrator", "who administers the copy may all"
            )


def sign_in(pair: Pair) -> Iterator[Drift]:
    """Entra is on where it is on there, and passwords are off where they are off there; never the other way."""
    if pair.servers is None or Kind.SINGLE in (pair.copy.target.kind, pair.original.target.kind):
        return
    copy, original = pair.servers
    entra = copy.entra_auth or original.entra_auth
    password = copy.password_auth and (original.password_auth or not entra)
    tenant = copy.tenant_id or (original.tenant_id if copy.entra_auth is not entra else "")
    wanted = authentication_value(entra, password, tenant)
    found = authentication_value(copy.entra_auth, copy.password_auth, copy.tenant_id)
    if wanted != found:
        setting = Setting(SettingKind.AUTHENTICATION)
        yield pair.differs(setting, found, wanted, f"{pair.source} is stricter about how people sign in")


def _room(pair: Pair, ours: tuple[Administrator, ...], theirs: tuple[Administrator, ...]) -> int:
    """How many more administrators the copy can have: a single server has one, and keeps whom it has."""
    if pair.copy.target.kind is not Kind.SINGLE:
        return len(theirs)
    return 0 if ours else 1


def _obstacle(pair: Pair, one: Administrator, fits: bool) -> str:
    if not fits:
        return "a single server has one administrator: make a group of all of them, and that group the administrator"
    if one.principal_type == _UNKNOWN and pair.copy.target.kind is not Kind.SINGLE:
        return "Azure does not say whether this is a user, a group or an application: add the administrator by hand"
    tenant = pair.copy.server.tenant_id if pair.copy.server else ""
    if tenant and one.tenant_id and tenant != one.tenant_id:
        return f"the copy is in the tenant {tenant}, where this principal is not known: add one of that tenant"
    return ""
