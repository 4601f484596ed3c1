"""cmk-key-uri-unchanged, cmk-copy-key-validation: the key that encrypts the server is an approved one.

Why      Whoever changes the key decides who can read the data, and can take it hostage.
Fix      Write the last good key, else the one that the policy approves; all members of dataEncryption are sent
         together. A key that cannot be reached makes the server inaccessible, so a person approves.
Refuses  Not applicable without approved keys in the policy, and on servers that are encrypted with Microsoft's key.
         Where the policy approves several keys and none is known to have been there, a person chooses. A single server
         needs the key's version, and the key of a Citus cluster is chosen by a person. Azure does not say of a restored
         server that it is one; the first control judges it like any other.
Undo     Write the key as it was.
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
    Needs,
    NotApplicable,
    Parameters,
    Proposal,
    Refusal,
    Remediator,
    Revert,
    Risk,
    Severity,
    Source,
)
from shared.encryption import (
    ASSIGN,
    KeyUri,
    attaching,
    is_among,
    key_setting,
    names_version,
    own_key,
    put_back_attached,
)
from shared.state import SERVER, Facet, FacetKind, State
from shared.target import Kind

_SOURCES = frozenset({"sourceServerResourceId", "sourceResourceId"})
_CHOOSE = "choose an approved key on the page Data encryption of the cluster, or make the copy anew with one"
_BYOK = "Encryption & Secure Data Management / BYOK/HYOK Management"
_SINGLE = Needs((SERVER, Facet(FacetKind.SERVER_KEYS)), frozenset({"write", "keys/write"}), frozenset({"keys/write"}))
_CITUS = Needs((SERVER,), frozenset({"write"}), frozenset(), Revert.PERSON)
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
    setting, member = key_setting(state.target.kind)
    if not is_among(found.get(member, ""), approved.approved_keys):
        usable = [key for key in approved.approved_keys if names_version(key) or state.target.kind is not Kind.SINGLE]
        wanted = {**found, member: usable[0]} if len(usable) == 1 else "an approved key"
        why = "a key that the policy does not name encrypts the server"
        return (Drift(row.id, setting, found, wanted, why, person=_CHOOSE if state.target.kind is Kind.CITUS else ""),)
    if row.copies and _status(state) == "invalid":
        person = "let the server's identity reach the key again, then have the server check it in the portal"
        return (Drift(row.id, setting, found, found, "the copy cannot use its key", person=person),)
    return ()


def _is_copy(state: State) -> bool:
    facts = state.server.facts if state.server else {}
    return facts.get("replicationRole", "").lower() not in _PRIMARIES or bool(_SOURCES & facts.keys())


def _status(state: State) -> str:
    facts = state.server.facts if state.server else {}
    return facts.get("dataEncryption.primaryEncryptionKeyStatus", "").lower()


def plan(case: Case) -> Proposal:
    """Propose the one approved key, or the one that was there before."""
    (drift,) = case.drifts
    if drift.person or not isinstance(drift.wanted, str):
        return put_back_attached(case)
    if drift.setting in case.last_good.values and case.last_good.changed_since(drift.setting, drift.found):
        back = Change(drift.setting, drift.found, case.last_good.value(drift.setting), Source.LAST_GOOD)
        return attaching(case, [back])
    return Refusal("choose one of the approved keys for this server: the policy names not just one that it can take")


def _remediator(row: Row) -> Remediator:
    control = Control(
        id=row.id,
        title=row.title,
        domain=_BYOK,
        severity=Severity.HIGH,
        facets=(SERVER,),
        operations=frozenset({"write"}),
        permissions=frozenset({"write", ASSIGN}),
        kinds=frozenset({Kind.FLEXIBLE, Kind.SINGLE, *([Kind.CITUS] if row.copies else [])}),
        variants={Kind.SINGLE: _SINGLE, Kind.CITUS: _CITUS},
        fresh=Disposition.APPROVAL,
        first_sight=Disposition.NOTIFY,
        revert=Revert.RISKY,
        parameters=Approved,
        risk=Risk.MAY_CUT_CLIENTS,
        optional=True,
    )
    return Remediator(control, partial(_detect, row), plan)


REMEDIATORS = tuple(map(_remediator, ROWS))
