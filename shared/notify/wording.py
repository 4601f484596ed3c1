"""Words for values and settings, and the taming of text that others wrote.

Rule names, sign-in names and Azure's error texts come from outside. Whatever they hold, a message keeps its lines, its
length and its meaning: no control characters, no change of writing direction, no mark-up, no mention that rings phones.
"""

import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime

from shared.state import INSIDE, SettingKind, Value, spoken

SHORT = 128
LONG = 600
_SETTINGS: Mapping[str, str] = {
    SettingKind.PUBLIC_ACCESS: "public network access",
    SettingKind.AUTHENTICATION: "sign-in methods",
    SettingKind.PROPERTY: "property",
    SettingKind.POWER: "power",
    SettingKind.REPLICATION: "replication",
    SettingKind.SERVER_KEY: "encryption key",
    SettingKind.FIREWALL_RULE: "firewall rule",
    SettingKind.PARAMETER: "parameter",
    SettingKind.ADMINISTRATOR: "administrator",
    SettingKind.VIRTUAL_NETWORK_RULE: "virtual network rule",
    SettingKind.PRIVATE_ENDPOINT: "private endpoint connection",
    SettingKind.THREAT_PROTECTION: "threat protection",
    SettingKind.DIAGNOSTIC_SETTING: "diagnostic setting",
    SettingKind.LOCK: "lock",
    SettingKind.ROLE_ASSIGNMENT: "role assignment",
    SettingKind.VIRTUAL_ENDPOINT: "virtual endpoint",
    SettingKind.BACKUP: "backup",
    SettingKind.TAG: "tag",
}
_MEMBERS = {
    "activeDirectoryAuth": "Entra",
    "passwordAuth": "password",
    "tenantId": "tenant",
    "workspaceId": "workspace",
    "storageAccountId": "storage account",
    "eventHubAuthorizationRuleId": "event hub rule",
    "roleDefinitionId": "role",
    "principalId": "principal",
    "principalType": "principal type",
    "privateEndpoint.id": "private endpoint",
    "privateLinkServiceConnectionState.status": "status",
    "privateLinkServiceConnectionState.description": "description",
    "virtualNetworkSubnetId": "subnet",
    "emailAccountAdmins": "mail to administrators",
    "emailAddresses": "mail to",
    "disabledAlerts": "switched-off alerts",
}
# These have words of their own, made of all their members.
_WHOLE = ("startIpAddress", "principalName", "replicationRole")
# `<!channel>` and `<@U123>` call people in Slack, also inside code; HTML and autolinks start with `<` too.
_LOOKALIKES = str.maketrans({"<": "‹", ">": "›"})
# `@everyone` calls everybody in Discord and others; the sign inside an address calls nobody.
_MENTION = re.compile(r"(?<![\w.+-])@")
_INERT = str.maketrans({"[": "(", "]": ")", "`": "'", "*": "∗", "\\": "/"})
# An underscore inside a word (log_connections) is text everywhere, and Slack would show its escape.
_ARM_ID = re.compile(r"/subscriptions/[0-9a-f-]{36}/(?:[^/\s]+/)*([^/\s:;,]+)", re.IGNORECASE)
_MARKDOWN = re.compile(r"[\\`*\[\]~]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;)")


def tame(text: str, limit: int = SHORT) -> str:
    """The text on one line, printable, at most `limit` characters."""
    # Eight times the limit holds `limit` printable characters in anything honest; nobody pays for megabytes.
    taken = text[: limit * 8]
    printable = "".join(" " if _invisible(letter) else letter for letter in taken)
    line = " ".join(_MENTION.sub("＠", printable.translate(_LOOKALIKES)).split())
    return line if len(line) <= limit and taken == text else f"{line[: limit - 1].rstrip()}…"


def inert(text: str) -> str:
    """Tamed text without what makes links or code in Markdown: for titles, which some receivers read as Markdown."""
    return text.translate(_INERT)


def escaped(text: str) -> str:
    """Tamed text as Markdown that shows it letter by letter."""
    return _MARKDOWN.sub(r"\\\g<0>", text)


def code(text: str) -> str:
    """Tamed text as a Markdown code span, which cannot be empty."""
    return f"`{text.replace('`', "'") or '-'}`"


def shortened(text: str) -> str:
    """The text with ARM ids cut to their last name, for where there is no room."""
    return _ARM_ID.sub(r"…/\1", text)


def setting_words(setting: str) -> str:
    """`firewallRules/office` as people say it."""
    kind, _, name = setting.partition("/")
    if kind == SettingKind.NEIGHBOUR or kind in INSIDE:
        return tame(spoken(setting))
    words = _SETTINGS.get(kind, kind)
    return tame(f"{words} {shortened(name) if name.startswith('/') else name}")


def way_words(before: Value, after: Value) -> tuple[str, str]:
    """Both values on a line each: of several members those that differ, with short ids where these tell them apart."""
    if isinstance(before, Mapping) and isinstance(after, Mapping) and not {*before, *after} & set(_WHOLE):
        names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
        if names:
            before, after = ({name: side.get(name, "") for name in names} for side in (before, after))
    short = value_words(before), value_words(after)
    return (value_words(before, whole=True), value_words(after, whole=True)) if short[0] == short[1] else short


def value_words(value: Value, *, whole: bool = False) -> str:
    """A setting's value on one line; the ids in several members are cut to their last name, unless wanted `whole`."""
    if value is None:
        return "absent"
    if isinstance(value, str):
        return tame(value) or "empty"
    if "startIpAddress" in value:
        start, end = value["startIpAddress"], value.get("endIpAddress", "")
        return tame(start if start == end else f"{start}-{end}")
    if "replicationRole" in value:
        return tame(shortened(_role(value)))
    if "principalName" in value:
        return tame(f"{value['principalName']} ({value.get('principalType', 'principal')})")
    return tame(_members(value), LONG) if whole else tame(shortened(_members(value)))


def _role(value: Mapping[str, str]) -> str:
    """A server's part in replication: `AsyncReplica of pg-a`, `Primary (Switchover, Planned)`, `follows nobody`."""
    role = {"None": "follows nobody"}.get(value["replicationRole"], value["replicationRole"])
    how = ", ".join(value[name] for name in ("promoteMode", "promoteOption") if name in value)
    of = f" of {value['source']}" if "source" in value else ""
    return f"{role}{of}{f' ({how})' if how else ''}"


def _members(value: Mapping[str, str]) -> str:
    return ", ".join(_member(_MEMBERS.get(name, name), text) for name, text in value.items())


def _member(name: str, text: str) -> str:
    if text in ("", "[]"):
        return f"no {name}"
    return f"{name} {_listed(text)}"


def _listed(text: str) -> str:
    """A JSON list as its items; of a log entry its category."""
    try:
        items = json.loads(text) if text.startswith("[") else None
    except (ValueError, RecursionError):
        items = None
    if not isinstance(items, list):
        return text
    return " + ".join(_item(item) for item in items)


def _item(item: object) -> str:
    if not isinstance(item, dict):
        return str(item)
    name = item.get("category") or item.get("categoryGroup")
    off = "" if item.get("enabled") else " (off)"
    return f"{name}{off}" if name else json.dumps(item)


def duration_words(seconds: float) -> str:
    """`0.84 s`, `42 s`, `3 min 20 s`, `2 h 5 min`, `4 h`."""
    if seconds < 10:
        return f"{seconds:.2f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes >= 60:
        return f"{minutes // 60} h" + (f" {minutes % 60} min" if minutes % 60 else "")
    if minutes:
        return f"{minutes} min" + (f" {rest} s" if rest else "")
    return f"{rest} s"


def moment_words(moment: datetime) -> str:
    """The moment to the second, with its zone."""
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def _invisible(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "CZ"
