"""cmk-key-enabled-not-expired, cmk-key-type-and-size, cmk-key-hsm-backed, cmk-key-rotation-policy: the key is sound.

Why      A server whose key is disabled, expired or gone refuses every connection within the hour.
Fix      None by Resource Manager: a key is changed in its vault, where Holdfast has no rights. A person is told what to
         do there, early enough.
Refuses  Servers that no key of a vault encrypts: not applicable.
Undo     Nothing is written.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated, Any

from pydantic import Field

from shared.condition import objects_of
from shared.control import (
    Control,
    Disposition,
    Drift,
    Finding,
    NotApplicable,
    Parameters,
    Remediator,
    Revert,
    Severity,
)
from shared.encryption import KeyAddress, key_addresses
from shared.key_commands import enable, expire, point, rotate, rotation_policy
from shared.state import Facet, FacetKind, Setting, State
from shared.target import Kind

_DOMAIN = "Encryption & Secure Data Management / Certificate and Key Management"
_NEW = "https://VAULT.vault.azure.net/keys/NAME/VERSION"
_SIZES = {Kind.SINGLE: ("2048",)}


class Notice(Parameters):
    """`warning_days`: how long before a key expires people are told."""

    warning_days: Annotated[int, Field(ge=0, le=365)] = 30


@dataclass(frozen=True, slots=True)
class Key:
    """A key as its vault shows it, and how the server names it."""

    address: KeyAddress
    texts: Mapping[str, str]

    def text(self, name: str) -> str:
        """A property; empty where it has none."""
        return self.texts.get(name, "")


type Faults = Callable[[State, Key, Any], list[tuple[str, str, str]]]
"""What is wrong with a key: the property, what it should be, and what a person does."""


@dataclass(frozen=True, slots=True)
class Row:
    """What `faults` finds is told; `why` is what comes of it."""

    id: str
    title: str
    severity: Severity
    faults: Faults
    why: str
    fresh: Disposition = Disposition.APPROVAL
    first_sight: Disposition = Disposition.APPROVAL
    kinds: frozenset[Kind] = frozenset(Kind)
    given: type[Parameters] = Parameters


def _moment(text: str) -> datetime | None:
    return datetime.fromtimestamp(int(text), UTC) if text.isdecimal() and len(text) < 12 else None


def _sound(state: State, key: Key, given: Any) -> list[tuple[str, str, str]]:
    at = state.at
    if at is None:
        return []
    found = []
    if key.text("attributes.enabled") != "true":
        found.append(("attributes.enabled", "true", f"enable the key in its vault at once: {enable(key.address)}"))
    begins, ends = _moment(key.text("attributes.nbf")), _moment(key.text("attributes.exp"))
    if begins is not None and begins > at:
        found.append(("attributes.nbf", "a moment in the past", "let the key begin to be valid now, in its vault"))
    if ends is None:
        person = f"give the key an expiry date in its vault, and a rotation policy: {expire(key.address)}"
        found.append(("attributes.exp", "a date", person))
    elif ends <= at + timedelta(days=given.warning_days):
        found.append(("attributes.exp", f"more than {given.warning_days} days from now", _roll_over(state, key, ends)))
    return found


def _roll_over(state: State, key: Key, ends: datetime) -> str:
    own = "; its rotation policy says that the vault does so by itself" if _rotates_itself(key) else ""
    if key.address.version:
        then = f"then point the server to the new version: {point(state.target, _NEW, '...')}"
    else:
        then = "the server follows to the new version by itself"
    return f"roll the key over before {ends:%Y-%m-%d %H:%M} UTC: {rotate(key.address)}{own}; {then}"


def _rotates_itself(key: Key) -> bool:
    actions = (one.get("action") or {} for one in objects_of(key.text("rotationPolicy.lifetimeActions")))
    return any(str(action.get("type")).lower() == "rotate" for action in actions)


def _shaped(state: State, key: Key, _: Any) -> list[tuple[str, str, str]]:
    kind = state.target.kind
    types, sizes = ("RSA", "RSA-HSM"), _SIZES.get(kind, ("2048", "3072", "4096"))
    person = "make a new key of that kind in the vault, and point the server to it"
    found = []
    if key.text("kty") not in types:
        found.append(("kty", " or ".join(types), person))
    elif key.texts.get("keySize", sizes[0]) not in sizes:
        found.append(("keySize", " or ".join(sizes), person))
    return found


def _in_hardware(_: State, key: Key, __: Any) -> list[tuple[str, str, str]]:
    person = "make an RSA-HSM key in a premium vault or a managed HSM, and point the server to it"
    return [] if key.text("kty") == "RSA-HSM" else [("kty", "RSA-HSM", person)]


def _rotates(_: State, key: Key, __: Any) -> list[tuple[str, str, str]]:
    if _rotates_itself(key):
        return []
    person = f"give the key a rotation policy with an action of type Rotate: {rotation_policy(key.address)}"
    return [("rotationPolicy.lifetimeActions", "an action that rotates the key", person)]


ROWS = (
    Row(
        "cmk-key-enabled-not-expired",
        "The key version in use is enabled, active and has an expiry date in the future beyond the warning window",
        Severity.HIGH,
        _sound,
        "the server refuses every connection when its key cannot be used",
        given=Notice,
    ),
    Row(
        "cmk-key-type-and-size",
        "The key is RSA or RSA-HSM of an accepted size",
        Severity.MEDIUM,
        _shaped,
        "Azure may refuse the key, or it is weak",
    ),
    Row(
        "cmk-key-hsm-backed",
        "The key is protected by an HSM (RSA-HSM or Managed HSM)",
        Severity.LOW,
        _in_hardware,
        "the key lives in software",
        Disposition.NOTIFY,
        Disposition.NOTIFY,
        frozenset({Kind.FLEXIBLE, Kind.SINGLE}),
    ),
    Row(
        "cmk-key-rotation-policy",
        "A rotation policy exists on the key",
        Severity.MEDIUM,
        _rotates,
        "the key stays the same until it expires",
        Disposition.AUTO,
    ),
)


def _detect(row: Row, state: State, given: Parameters) -> Finding:
    keys = state.children.get(FacetKind.VAULT_KEYS)
    if keys is None:
        return NotApplicable("the key was not read")
    if not keys:
        return NotApplicable("no key of a vault encrypts this server")
    return tuple(drift for key, texts in keys.items() for drift in _drift(row, state, given, key, texts))


def _drift(row: Row, state: State, given: Parameters, key: str, texts: Mapping[str, str]) -> Iterator[Drift]:
    """At most one for each key: what is most urgent comes first."""
    faults = row.faults(state, Key(_address(state, key), texts), given)
    if faults:
        found = ", ".join(f"{name} is {texts.get(name, 'not set')}" for name, _, _ in faults)
        wanted = ", ".join(f"{name} is {value}" for name, value, _ in faults)
        setting = Setting.outside(FacetKind.VAULT_KEYS, key)
        yield Drift(row.id, setting, found, wanted, row.why, person=faults[0][2])


def _address(state: State, key: str) -> KeyAddress:
    """How the server names the key; of one that it names not, where it is."""
    vault, _, name = key.partition("/keys/")
    here = KeyAddress(vault.rpartition("/")[2].lower(), name)
    named = (one for one in key_addresses(state) if (one.vault, one.key.lower()) == (here.vault, name.lower()))
    return next(named, here)


def _remediator(row: Row) -> Remediator:
    control = Control(
        id=row.id,
        title=row.title,
        domain=_DOMAIN,
        severity=row.severity,
        facets=(Facet(FacetKind.VAULT_KEYS),),
        operations=frozenset({"microsoft.keyvault/vaults/keys/write"}),
        permissions=frozenset(),
        fresh=row.fresh,
        first_sight=row.first_sight,
        revert=Revert.PERSON,
        kinds=row.kinds,
        parameters=row.given,
        optional=True,
    )
    return Remediator(control, partial(_detect, row))


REMEDIATORS = tuple(map(_remediator, ROWS))
