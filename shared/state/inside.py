"""What stands inside a server's databases: how its settings are named, what their values are, and how people call them.

Names inside PostgreSQL may hold any character, slashes among them. In a setting's name each part is percent-encoded,
but for letters, digits and a few signs, so that a slash always stands between parts:

    databaseRoles/ROLE                       value: the attributes of `WRITABLE`, in the words of pg_roles
    roleMemberships/ROLE/MEMBER              value: who granted it, and with which options
    roleOverrides/ROLE/DATABASE/PARAMETER    value: `{"value": TEXT}`; `*` stands for every role, or every database
    schemaGrants/DATABASE/SCHEMA             value: `{"PUBLIC": "create"}`
    databaseSessions/ROLE                    value: `open`; None ends them, and nothing opens them again
"""

from collections.abc import Mapping
from urllib.parse import quote, unquote

from shared.state.vocabulary import Setting, SettingKind, Value

EVERY = "*"
OPEN = "open"
YES, NO = "yes", "no"
PUBLIC_CREATES = {"PUBLIC": "create"}
# The attributes of a role that are written; `password` (none, md5, scram-sha-256, or unknown where the server does not
# show it) and `entra` (user, group, service, no, or unknown) are only read. `valid_until` is empty for ever.
WRITABLE = ("login", "superuser", "createrole", "createdb", "bypassrls", "replication", "valid_until")
_PLAIN = "-_.@+=,:; $#"


def database_role(role: str) -> Setting:
    """A role, by its name in the database."""
    return Setting(SettingKind.DATABASE_ROLE, joined(role))


def membership(role: str, member: str) -> Setting:
    """That `member` is a member of `role`."""
    return Setting(SettingKind.ROLE_MEMBERSHIP, joined(role, member))


def override(role: str, database: str, parameter: str) -> Setting:
    """A parameter's own value for a role, a database, or a role in a database; empty is every one."""
    return Setting(
        SettingKind.ROLE_OVERRIDE, f"{joined(role) or EVERY}/{joined(database) or EVERY}/{joined(parameter)}"
    )


def schema_grant(database: str, schema: str) -> Setting:
    """That everybody (PUBLIC) may create objects in this schema."""
    return Setting(SettingKind.SCHEMA_GRANT, joined(database, schema))


def sessions(role: str) -> Setting:
    """The open sessions of a role."""
    return Setting(SettingKind.SESSION, joined(role))


def joined(*names: str) -> str:
    """The names as parts of a setting's name."""
    return "/".join(map(_encoded, names))


def names_in(name: str) -> tuple[str, ...]:
    """The names in a setting's name, as they are in the database; the one for `*` is empty."""
    return tuple("" if part == EVERY else unquote(part) for part in name.split("/"))


def value_of(kind: SettingKind, texts: Mapping[str, str]) -> Value:
    """The setting's value, of what was read: sessions come and go, and what is only read is no part of a value."""
    if kind is SettingKind.SESSION:
        return OPEN
    if kind is SettingKind.DATABASE_ROLE:
        return {name: texts[name] for name in WRITABLE if name in texts}
    return texts


def texts_with(kind: SettingKind, found: Mapping[str, str], value: Value) -> Mapping[str, str]:
    """What would be read after the value was written over what is found now."""
    if isinstance(value, Mapping):
        return {**found, **value} if kind is SettingKind.DATABASE_ROLE else value
    return found or {"open": "1"}


def inside_words(kind: SettingKind, name: str) -> str:
    """What people call it. Whatever is not printable in a name is shown as an escape."""
    names = [_shown(part) for part in names_in(name)]
    match kind, names:
        case SettingKind.DATABASE_ROLE, [role]:
            return f"role {role}"
        case SettingKind.ROLE_MEMBERSHIP, [role, member]:
            return f"membership of {member} in {role}"
        case SettingKind.ROLE_OVERRIDE, [role, database, parameter]:
            return f"{parameter} for {f'role {role}' if role else 'every role'} in {_databases(database)}"
        case SettingKind.SCHEMA_GRANT, [database, schema]:
            return f"CREATE for PUBLIC on schema {schema} of database {database}"
        case SettingKind.SESSION, [role]:
            return f"sessions of role {role}"
        case _:
            return f"{kind}/{name}"


def _databases(database: str) -> str:
    return f"database {database}" if database else "every database"


def _encoded(name: str) -> str:
    return "".join(letter if letter.isalnum() or letter in _PLAIN else quote(letter, safe="") for letter in name)


def _shown(name: str) -> str:
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in name)
