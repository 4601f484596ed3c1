"""Events of key vaults: which key, or which vault, they are about, as the ARM operation that could have made them.

Shapes: learn.microsoft.com, "Azure Key Vault as Event Grid source". Its samples have members such as `"ObjectName "`,
with a blank, and dates as texts; its definition has other casings. So names are stripped and lowered, and the dates are
not looked at: whether a key has expired is read where the key is.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.errors import MalformedEvent
from shared.outside import KEY, VAULT, parse_outside

_TYPE = re.compile(r"Microsoft\.KeyVault\.(?:Key(NewVersionCreated|NearExpiry|Expired)|(VaultAccessPolicyChanged))")
# learn.microsoft.com, "About Azure Key Vault keys": 1 to 127 letters, digits and dashes.
_KEY_NAME = re.compile(r"[0-9a-zA-Z-]{1,127}")


@dataclass(frozen=True, slots=True)
class Change:
    """What an event says has changed: an ARM id, lower case, and an ARM operation."""

    resource: str
    operation: str


def read_vault_event(event_type: str, topic: str, data: Mapping[str, Any]) -> Change | None:
    """What changed; None for events that concern no server. `topic` is the vault. Raises MalformedEvent."""
    match = _TYPE.fullmatch(event_type)
    if match is None:
        return None
    vault, told = _vault(topic), {str(name).strip().lower(): value for name, value in data.items()}
    named = _text(told, "vaultname")
    if named and named.lower() != vault.rpartition("/")[2]:
        raise MalformedEvent(f"vaultName: {named[:100]!r} is not the vault of the event's topic")
    if match[2]:
        # Also told when a vault goes over from access policies to roles, or back.
        return Change(vault, f"{VAULT}/accesspolicies/write")
    name = _text(told, "objectname")
    if not _KEY_NAME.fullmatch(name):
        raise MalformedEvent(f"objectName: {name[:100]!r} is no name of a key")
    return Change(f"{vault}/keys/{name.lower()}", f"{KEY}/write")


def _vault(topic: str) -> str:
    where = parse_outside(topic)
    if where is None or where.type != VAULT:
        raise MalformedEvent(f"topic: not a key vault: {topic[:200]!r}")
    return where.scope


def _text(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    return value.strip() if isinstance(value, str) else ""
