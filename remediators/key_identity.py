"""cmk-identity-assigned: the identity that reaches the key is attached to the server, and is the approved one.

Why      Without its identity the server cannot reach its key, and without its key it cannot read its data.
Fix      Attach the identities that dataEncryption names, and the one that the policy approves; those that are attached
         already stay. Where the policy approves one identity, it becomes the one that reaches the key.
Refuses  Servers that are encrypted with Microsoft's key are not applicable. Where the policy approves several
         identities and none is known to have been there, a person chooses.
Undo     Write the identities and dataEncryption as they were.
"""

from collections.abc import Mapping

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
)
from shared.encryption import (
    ASSIGN,
    ENCRYPTION,
    GEO,
    IDENTITY,
    PRIMARY,
    IdentityId,
    attached,
    attaching,
    is_among,
    own_key,
    with_attached,
)
from shared.state import SERVER, State


class Approved(Parameters):
    """`approved_identities`: ARM ids of the user-assigned identities that may reach the key; empty: any."""

    approved_identities: tuple[IdentityId, ...] = ()

    @property
    def only(self) -> str:
        """The approved identity where there is just one."""
        return self.approved_identities[0] if len(self.approved_identities) == 1 else ""


CONTROL = Control(
    id="cmk-identity-assigned",
    title="The user-assigned identity that reaches the key is attached to the server",
    domain="Encryption & Secure Data Management / BYOK/HYOK Management",
    severity=Severity.HIGH,
    facets=(SERVER,),
    operations=frozenset({"write", "microsoft.managedidentity/userassignedidentities/delete"}),
    permissions=frozenset({"write", ASSIGN}),
    fresh=Disposition.APPROVAL,
    first_sight=Disposition.NOTIFY,
    revert=Revert.RISKY,
    parameters=Approved,
    risk=Risk.MAY_CUT_CLIENTS,
    optional=True,
)


def detect(state: State, approved: Approved) -> Finding:
    """Find identities that are needed and not attached, and one that reaches the key and is not approved."""
    found = own_key(state)
    if isinstance(found, NotApplicable):
        return found
    return (*_missing(state, found, approved), *_stranger(found, approved))


def _missing(state: State, found: Mapping[str, str], approved: Approved) -> tuple[Drift, ...]:
    reaching = "" if _is_stranger(found, approved) else found.get(PRIMARY, "")
    needed = dict.fromkeys(one for one in (reaching, found.get(GEO, ""), approved.only) if one)
    missing = [one for one in needed if not is_among(one, attached(state))]
    if not missing:
        return ()
    why = f"not attached, but the key is reached with it: {', '.join(missing)}"
    return (Drift(CONTROL.id, IDENTITY, state.value(IDENTITY), with_attached(state, missing), why),)


def _is_stranger(found: Mapping[str, str], approved: Approved) -> bool:
    identities = approved.approved_identities
    return bool(identities) and not is_among(found.get(PRIMARY, ""), identities)


def _stranger(found: Mapping[str, str], approved: Approved) -> tuple[Drift, ...]:
    if not _is_stranger(found, approved):
        return ()
    wanted = {**found, PRIMARY: approved.only} if approved.only else "an approved identity"
    return (Drift(CONTROL.id, ENCRYPTION, found, wanted, "an identity that is not approved reaches the key"),)


def plan(case: Case) -> Proposal:
    """Attach what is missing, and name the approved identity, or the one that was there before."""
    changes = [change for drift in case.drifts if (change := _change(case, drift)) is not None]
    if not changes:
        return Refusal("choose one of the approved identities for this server: the policy names several")
    return attaching(case, changes)


def _change(case: Case, drift: Drift) -> Change | None:
    if not isinstance(drift.wanted, str):
        return Change(drift.setting, drift.found, drift.wanted, Source.POLICY)
    if not case.last_good.changed_since(drift.setting, drift.found):
        return None
    return Change(drift.setting, drift.found, case.last_good.value(drift.setting), Source.LAST_GOOD)


REMEDIATORS = (Remediator(CONTROL, detect, plan),)
