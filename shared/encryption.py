"""The customer-managed key of a server, as the controls about keys look at it. Pure."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from pydantic import Field

from shared.control import Case, Change, NotApplicable, Proposal, Refusal, Source, put_back
from shared.state import FacetKind, Setting, SettingKind, State, Value
from shared.target import Kind

ENCRYPTION = Setting(SettingKind.PROPERTY, "dataEncryption")
IDENTITY = Setting(SettingKind.PROPERTY, "identity")
# Whoever attaches an identity to a server needs the right to hand it out.
ASSIGN = "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action"
PRIMARY, GEO = "primaryUserAssignedIdentityId", "geoBackupUserAssignedIdentityId"
_KEY = re.compile(r"(https://[^/\s]+/keys/[^/\s]+)(?:/([0-9a-fA-F]+))?/?")

_VAULT = re.compile(r"[a-z0-9-]{3,24}")
# A key of a Managed HSM (`managedhsm` in place of `vault`) is in no vault.
_IN_VAULT = re.compile(r"https://([^./]+)\.vault\.[^/]+/keys/([\w-]+)(?:/([\w-]+))?/?")
_KEY_URIS = ("dataEncryption.primaryKeyURI", "dataEncryption.geoBackupKeyURI")

KeyUri = Annotated[str, Field(pattern=r"^https://[^/\s]+/keys/[^/\s]+(/[0-9a-fA-F]+)?/?$")]
"""Where a key is: `https://VAULT.vault.azure.net/keys/NAME`, with or without a version."""

IdentityId = Annotated[
    str, Field(pattern=r"(?i)^/subscriptions/.+/Microsoft\.ManagedIdentity/userAssignedIdentities/.+$")
]
"""The ARM id of a user-assigned identity."""


def key_setting(kind: Kind) -> tuple[Setting, str]:
    """Which setting holds the key of a server of this kind, and the member that says where the key is."""
    return (Setting(SettingKind.SERVER_KEY), "uri") if kind is Kind.SINGLE else (ENCRYPTION, "primaryKeyURI")


def own_key(state: State) -> Mapping[str, str] | NotApplicable:
    """What a server that is encrypted with its owner's key says about it."""
    value = state.value(key_setting(state.target.kind)[0])
    members = value if isinstance(value, Mapping) else {}
    if members.get("type", members.get("serverKeyType", "")).lower() != "azurekeyvault":
        return NotApplicable("the server is not encrypted with a key of the owner's")
    return members


@dataclass(frozen=True, slots=True)
class KeyAddress:
    """A key in a vault; `vault` is lower case, `version` empty where the newest counts."""

    vault: str
    key: str
    version: str = ""


def address_of(uri: str) -> KeyAddress | None:
    """The key in a vault that an address names, if it names one."""
    match = _IN_VAULT.fullmatch(uri)
    if match is None or not _VAULT.fullmatch(match[1].lower()):
        return None
    return KeyAddress(match[1].lower(), match[2], match[3] or "")


def key_addresses(state: State) -> list[KeyAddress]:
    """Each key in a vault that encrypts the server or the copies of its backups."""
    facts = state.server.facts if state.server else {}
    texts = [facts.get(name, "") for name in _KEY_URIS]
    texts += [one.get("uri", "") for one in state.children.get(FacetKind.SERVER_KEYS, {}).values()]
    found = map(address_of, texts)
    return list(dict.fromkeys(one for one in found if one is not None))


def attached(state: State) -> list[str]:
    """The user-assigned identities of the server."""
    return _ids(state.value(IDENTITY))


def _ids(value: Value) -> list[str]:
    return list(json.loads(value.get("userAssignedIdentities", "[]"))) if isinstance(value, Mapping) else []


def with_attached(state: State, ids: Iterable[str]) -> dict[str, str]:
    """The server's identity with these as well; what it has stays."""
    value = state.value(IDENTITY)
    kind = value.get("type", "") if isinstance(value, Mapping) else ""
    both = "systemassigned" in kind.lower()
    there = {one.lower(): one for one in (*ids, *attached(state))}
    return {
        "type": "SystemAssigned,UserAssigned" if both else "UserAssigned",
        "userAssignedIdentities": json.dumps(sorted(there.values())),
    }


def without_version(uri: str) -> str:
    """The same key whatever its version; empty for what names no key."""
    match = _KEY.fullmatch(uri)
    return match[1] if match else ""


def names_version(uri: str) -> bool:
    """Whether the address names one version of the key."""
    match = _KEY.fullmatch(uri)
    return bool(match and match[2])


def is_among(text: str, approved: Iterable[str]) -> bool:
    """Whether an address or id is one of those, whatever their casing."""
    return text.rstrip("/").lower() in {one.rstrip("/").lower() for one in approved}


def attaching(case: Case, changes: Sequence[Change]) -> tuple[Change, ...]:
    """The changes, and with one of dataEncryption the attachment of every identity that it may come to name.

    Azure refuses a key whose identity is not attached, and the last good value is preferred to the proposed one.
    """
    values = [change.after for change in changes if change.setting == ENCRYPTION]
    if case.last_good.changed_since(ENCRYPTION, case.state.value(ENCRYPTION)):
        values.append(case.last_good.value(ENCRYPTION))
    named = {value[name] for value in values if isinstance(value, Mapping) for name in (PRIMARY, GEO) if name in value}
    wanted = [one for change in changes if change.setting == IDENTITY for one in _ids(change.after)]
    there = attached(case.state)
    missing = [one for one in (*wanted, *sorted(named)) if one and not is_among(one, there)]
    if not missing:
        return tuple(changes)
    attach = Change(IDENTITY, case.state.value(IDENTITY), with_attached(case.state, missing), Source.POLICY)
    others = (change for change in changes if change.setting != IDENTITY)
    return (attach, *(replace(change, needs=(IDENTITY,)) for change in others))


def put_back_attached(case: Case) -> Proposal:
    """Propose the policy's value of dataEncryption, and the identities that it names."""
    proposal = put_back(case)
    return proposal if isinstance(proposal, Refusal) else attaching(case, proposal)
