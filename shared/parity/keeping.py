"""How a copy is kept: tags, locks, maintenance, backups, high availability, the key that encrypts it."""

from collections.abc import Iterator
from datetime import datetime

from shared.control import Drift
from shared.parity.pair import Pair
from shared.state import OBJECTS, FacetKind, Server, Setting, SettingKind
from shared.target import Kind

_RETENTION, _AVAILABILITY, _WINDOW = "backup.retentionDays", "highAvailability.mode", "maintenanceWindow"
_ENCRYPTION = "dataEncryption"
_OFF = frozenset({"", "disabled", "false"})
_OWN_KEY = "azurekeyvault"
_LEVELS = ("", "CanNotDelete", "ReadOnly")


def tags(pair: Pair) -> Iterator[Drift]:
    """Tags that the copy lacks; its own values stay. A moment was meant for the original, and Azure's own tags are."""
    if pair.servers is None:
        return
    copy, original = pair.servers
    here = {name.lower() for name in copy.tags}
    for name, text in original.tags.items():
        if name.lower() not in here and not name.lower().startswith("hidden-") and not _is_moment(text):
            yield pair.differs(Setting(SettingKind.TAG, name), None, text, f"{pair.source} has this tag")


def locks(pair: Pair) -> Iterator[Drift]:
    """The locks of the server itself; one from above, or a stricter one, does as well."""
    ours, theirs = (state.children.get(FacetKind.LOCKS) for state in (pair.copy, pair.original))
    if ours is None or theirs is None:
        return
    strictest = max((_strict(one.get("level", "")) for one in ours.values()), default=0)
    for name, there in theirs.items():
        setting = Setting(SettingKind.LOCK, name)
        if not setting.inherited and _strict(there.get("level", "")) > strictest:
            yield pair.differs(setting, ours.get(name), there, f"{pair.source} has this lock")


def maintenance(pair: Pair) -> Iterator[Drift]:
    """The window that somebody chose for maintenance."""
    if pair.servers is None or Kind.SINGLE in (pair.copy.target.kind, pair.original.target.kind):
        return
    found, wanted = (
        {one: server.facts[f"{_WINDOW}.{one}"] for one in OBJECTS[_WINDOW] if f"{_WINDOW}.{one}" in server.facts}
        for server in pair.servers
    )
    if wanted.get("customWindow", "").lower() == "enabled" and found != wanted:
        setting = Setting(SettingKind.PROPERTY, _WINDOW)
        yield pair.differs(setting, found or None, wanted, f"{pair.source} is maintained in this window")


def backup(pair: Pair) -> Iterator[Drift]:
    """Backups are kept as long. A replica has none of its own, and of a Citus cluster it cannot be chosen."""
    if pair.servers is None or pair.follows:
        return
    ours, theirs = (server.facts.get(_RETENTION, "") for server in pair.servers)
    if ours.isdecimal() and theirs.isdecimal() and int(ours) < int(theirs):
        why = f"{pair.source} keeps its backups for {theirs} days"
        yield pair.differs(Setting(SettingKind.PROPERTY, _RETENTION), ours, theirs, why)


def availability(pair: Pair) -> Iterator[Drift]:
    """High availability doubles what a server costs, so it is never switched on unasked."""
    if pair.servers is None or pair.follows or Kind.SINGLE in (pair.copy.target.kind, pair.original.target.kind):
        return
    ours, theirs = (server.facts.get(_AVAILABILITY, "") for server in pair.servers)
    if ours.lower() in _OFF and theirs.lower() not in _OFF:
        person = "switch it on if the copy takes its source's place: a standby costs as much as the server"
        setting = Setting(SettingKind.PROPERTY, _AVAILABILITY)
        yield pair.by_hand(setting, ours or None, theirs, f"{pair.source} is highly available", person)


def encryption(pair: Pair) -> Iterator[Drift]:
    """A key of the owner's is chosen when a server is created, and every copy needs its own right to it."""
    if pair.servers is None:
        return
    copy, original = pair.servers
    if _owns_key(original) and not _owns_key(copy):
        person = "the kind of key is chosen when a server is created: make the copy anew with a key of your own"
        setting = Setting(SettingKind.PROPERTY, f"{_ENCRYPTION}.type")
        why = f"{pair.source} is encrypted with its owner's key"
        yield pair.by_hand(setting, "a key of Azure's", "the owner's key", why, person)


def _owns_key(server: Server) -> bool:
    by_key = server.facts.get(f"{_ENCRYPTION}.type", "").lower() == _OWN_KEY
    return by_key or server.facts.get("byokEnforcement", "").lower() == "enabled"


def _is_moment(text: str) -> bool:
    """Whether it is a moment with a time zone, as a break-glass tag holds."""
    try:
        return datetime.fromisoformat(text.strip()).tzinfo is not None
    except ValueError:
        return False


def _strict(level: str) -> int:
    return _LEVELS.index(level) if level in _LEVELS else 0
