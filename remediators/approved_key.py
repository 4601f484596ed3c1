"""cmk-key-uri-unchanged, cmk-copy-key-validation: the key that encrypts the server is an approved one.

Why      Whoever changes the key decides who can read the data, and can take it hostage.
Fix      Write the last good key, else the one that the policy approves; all members of dataEncryption are sent
         together. A key that cannot be reached makes the server inaccessible, so a person approves.
Refuses  Not applicable without approved keys in the policy, and on servers that are encrypted with Microsoft's key.
         Where the policy approves several keys and none is known to have been there, a person chooses. Azure does not
         say of a restored server that it is one; the first control judges it like any other.
Undo     Write dataEncryption as it was.
"""

from dataclasses import dataclass
from functools import partial

from shared.control import (
    Case,
    Change,
    Control,
    Disposition,
    Drift,
    Finding,
    NotApplicable,
    Parameters,
    Proposal,
    Refusal,
    Remediator,
    Revert,
    Risk,
    Severity,
    Source,
    put_back,
)
from shared.encryption import ENCRYPTION, KeyUri, is_among, own_key
from shared.state import SERVER, State

_BYOK = "Encryption & Secure Data Management / BYOK/HYOK Management"
_PRIMARIES = ("", "none", "primary", "master")


class Approved(Parameters):
    """`approved_keys`: the addresses of the keys that may encrypt the server, with a version where that is meant."""

    approved_keys: tuple[KeyUri, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A control about the same key; one for `copies` says nothing about other servers, and looks at the key's state."""

    id: str
    title: str
    copies: bool


ROWS = (
    Row(
        "cmk-key-uri-unchanged",
        "The customer-managed key (vault, key, version mode) equals the approved one",
        copies=False,
    ),
    Row(
        "cmk-copy-key-validation",
        "Restored servers and replicas of a CMK server use an approved key and were revalidated",
        copies=True,
    ),
)


def _detect(row: Row, state: State, approved: Approved) -> Finding:
    if not approved.approved_keys:
        return NotApplicable("the policy names no approved keys")
    if row.copies and not _is_copy(state):
        return NotApplicable("the server is no copy of another")
    found = own_key(state)
    if isinstance(found, NotApplicable):
        return found
    if not is_among(found.get("primaryKeyURI", ""), approved.approved_keys):
        key = approved.approved_keys[0]
        wanted = {**found, "primaryKeyURI": key} if len(approved.approved_keys) == 1 else "an approved key"
        return (Drift(row.id, ENCRYPTION, found, wanted, "a key that the policy does not name encrypts the server"),)
    if row.copies and _status(state) == "invalid":
        person = "let the server's identity reach the key again, then have the server check it in the portal"
        return (Drift(row.id, ENCRYPTION, found, found, "the copy cannot use its key", person=person),)
    return ()


def _is_copy(state: State) -> bool:
    facts = state.server.facts if state.server else {}
    return facts.get("replicationRole", "").lower() not in _PRIMARIES or "sourceServerResourceId" in facts


def _status(state: State) -> str:
    facts = state.server.facts if state.server else {}
    return facts.get("dataEncryption.primaryEncryptionKeyStatus", "").lower()


def plan(case: Case) -> Proposal:
    """Propose the one approved key, or the one that was there before."""
    (drift,) = case.drifts
    if drift.person or not isinstance(drift.wanted, str):
        return put_back(case)
    if case.last_good.changed_since(ENCRYPTION, drift.found):
        return (Change(ENCRYPTION, drift.found, case.last_good.value(ENCRYPTION), Source.LAST_GOOD),)
    return Refusal("choose one of the approved keys for this server: the policy names several")


def _remediator(row: Row) -> Remediator:
    control = Control(
        id=row.id,
        title=row.title,
        domain=_BYOK,
        severity=Severity.HIGH,
        facets=(SERVER,),
        operations=frozenset({"write"}),
        permissions=frozenset({"write"}),
        fresh=Disposition.APPROVAL,
        first_sight=Disposition.NOTIFY,
        revert=Revert.RISKY,
        parameters=Approved,
        risk=Risk.MAY_CUT_CLIENTS,
        optional=True,
    )
    return Remediator(control, partial(_detect, row), plan)


REMEDIATORS = tuple(map(_remediator, ROWS))
