"""From changes to statements. What SQL cannot do, and what would lock Holdfast itself out, is refused here."""

from collections.abc import Callable, Mapping

from shared.control import Change
from shared.errors import Rejected
from shared.sql.statement import Part, Statement, Text, Texts, name
from shared.sql_rights import WRITES
from shared.state import YES, SettingKind, names_in, spoken

_FLAGS = {
    "login": "LOGIN",
    "superuser": "SUPERUSER",
    "createrole": "CREATEROLE",
    "createdb": "CREATEDB",
    "bypassrls": "BYPASSRLS",
    "replication": "REPLICATION",
}
_VALID_UNTIL, _FOR_EVER = "valid_until", "infinity"
_GRANTED_BY = "granted by "
# The parameters whose value is a list of names: each is a literal of its own (GUC_LIST_QUOTE in PostgreSQL's source).
_LISTS = frozenset(
    {
        "local_preload_libraries",
        "search_path",
        "session_preload_libraries",
        "shared_preload_libraries",
        "temp_tablespaces",
        "unix_socket_directories",
    }
)


def statements(change: Change) -> tuple[Statement, ...]:
    """What makes the change, in order; nothing for sessions, which are ended by a query. Raises Rejected."""
    return _WRITERS[change.setting.kind](change)


def must_not_lock_out(change: Change, own: frozenset[str]) -> None:
    """Raises Rejected for a change of one of the roles as which Holdfast itself is signed in."""
    names = names_in(change.setting.name)
    affected = names[1] if change.setting.kind is SettingKind.ROLE_MEMBERSHIP else names[0]
    takes = change.setting.kind in (SettingKind.DATABASE_ROLE, SettingKind.ROLE_MEMBERSHIP, SettingKind.SESSION)
    if takes and affected in own:
        raise Rejected(f"{spoken(str(change.setting))}: Holdfast does not take its own login anything away", "OwnLogin")


def _role(change: Change) -> tuple[Statement, ...]:
    before, after = change.before, change.after
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        raise Rejected(f"{spoken(str(change.setting))}: Holdfast neither creates nor drops a role", "NotSupported")
    words, parts = [], dict[str, Part](role=name(*names_in(change.setting.name)))
    for attribute, value in after.items():
        if before.get(attribute) == value:
            continue
        if attribute == _VALID_UNTIL:
            words.append("VALID UNTIL {until}")
            parts["until"] = Text(value or _FOR_EVER)
        elif attribute in _FLAGS:
            words.append(f"{'' if value == YES else 'NO'}{_FLAGS[attribute]}")
    if not words:
        return ()
    return (_statement(change, f"ALTER ROLE {{role}} {' '.join(words)}", parts),)


def _membership(change: Change) -> tuple[Statement, ...]:
    role, member = names_in(change.setting.name)
    texts = change.after if isinstance(change.after, Mapping) else change.before
    found = []
    for grantor, options in (texts if isinstance(texts, Mapping) else {}).items():
        parts: dict[str, Part] = {"role": name(role), "member": name(member)}
        by = ""
        if grantor.startswith(_GRANTED_BY):
            by, parts["grantor"] = " GRANTED BY {grantor}", name(grantor.removeprefix(_GRANTED_BY))
        if change.after is None:
            text = f"REVOKE {{role}} FROM {{member}}{by}"
        else:
            text = f"GRANT {{role}} TO {{member}}{_options(options, many=bool(by))}{by}"
        found.append(_statement(change, text, parts))
    return tuple(found)


def _options(options: str, *, many: bool) -> str:
    words = options.split(", ")
    if not many:
        return " WITH ADMIN OPTION" if "admin" in words else ""
    given = (f"{word.upper()} {'TRUE' if word in words else 'FALSE'}" for word in ("admin", "inherit", "set"))
    return f" WITH {', '.join(given)}"


def _override(change: Change) -> tuple[Statement, ...]:
    role, database, parameter = names_in(change.setting.name)
    parts: dict[str, Part] = {"parameter": name(*parameter.split("."))}
    if role:
        whose, parts["role"] = "ROLE {role}", name(role)
    else:
        whose = "DATABASE {database}" if database else "ROLE ALL"
    if database:
        parts["database"] = name(database)
        whose += " IN DATABASE {database}" if role else ""
    if not isinstance(change.after, Mapping):
        return (_statement(change, f"ALTER {whose} RESET {{parameter}}", parts),)
    value = change.after["value"]
    parts["value"] = Texts(listed_names(value)) if parameter.lower() in _LISTS and value else Text(value)
    return (_statement(change, f"ALTER {whose} SET {{parameter}} TO {{value}}", parts),)


def _schema_grant(change: Change) -> tuple[Statement, ...]:
    database, schema = names_in(change.setting.name)
    verb = "REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC"
    if change.after is not None:
        verb = "GRANT CREATE ON SCHEMA {schema} TO PUBLIC"
    return (_statement(change, verb, {"schema": name(schema)}, database),)


def _sessions(change: Change) -> tuple[Statement, ...]:
    if change.after is not None:
        raise Rejected(f"{spoken(str(change.setting))}: an ended session is opened again by its client", "NotSupported")
    return ()


def listed_names(text: str) -> list[str]:
    """The names in a list as PostgreSQL stores it: with commas between them, in double quotes where they need it."""
    names, left = [], text.strip()
    while left:
        if left.startswith('"'):
            one, left = _quoted(left)
        else:
            one, _, left = left.partition(",")
            left = f",{left}" if left else ""
        names.append(one.strip())
        left = left.lstrip().removeprefix(",").lstrip()
    return names


def _quoted(text: str) -> tuple[str, str]:
    """The name in double quotes at the beginning, where two stand for one, and what comes after it."""
    name_, at = "", 1
    while at < len(text):
        if text[at] == '"':
            if text[at + 1 : at + 2] != '"':
                break
            at += 1
        name_ += text[at]
        at += 1
    return name_, text[at + 1 :]


def _statement(change: Change, text: str, parts: Mapping[str, Part], database: str = "") -> Statement:
    return Statement(text, parts, database, WRITES[change.setting.kind].removeprefix("SQL: "))


_WRITERS: Mapping[SettingKind, Callable[[Change], tuple[Statement, ...]]] = {
    SettingKind.DATABASE_ROLE: _role,
    SettingKind.ROLE_MEMBERSHIP: _membership,
    SettingKind.ROLE_OVERRIDE: _override,
    SettingKind.SCHEMA_GRANT: _schema_grant,
    SettingKind.SESSION: _sessions,
}
