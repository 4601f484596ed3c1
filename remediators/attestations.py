"""What only people can confirm: one row of `ROWS` for each control that Holdfast cannot see by itself.

Why      A catalogue that leaves out what it cannot measure looks better than the fleet is. These controls stand in the
         policy with a name, a proof and an end, and when the end has come somebody has to look again.
Fix      None. The policy's `attested_by`, `evidence` and `until` say that somebody looked, and up to that day the
         control holds.
Refuses  An attestation without an end is refused with the policy. Whether it is true, Holdfast cannot judge.
Undo     Nothing was written, so nothing is undone.
"""

from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Self

from pydantic import model_validator

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
from shared.state import SERVER, Setting, SettingKind, State
from shared.target import Kind

LOW, MEDIUM, HIGH = Severity.LOW, Severity.MEDIUM, Severity.HIGH
_AUTHENTICATION = "Identity & Access Management / Authentication"
_PRIVILEGED = "Identity & Access Management / Privileged Access Management"


class Attestation(Parameters):
    """`attested_by`: who looked. `evidence`: where it is written down. `until`: the last day on which it counts."""

    attested_by: str = ""
    evidence: str = ""
    until: date | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        given = {"attested_by": self.attested_by, "evidence": self.evidence, "until": self.until}
        missing = [name for name, value in given.items() if not value]
        if missing and len(missing) < len(given):
            raise ValueError(f"an attestation also needs {' and '.join(missing)}")
        return self


@dataclass(frozen=True, slots=True)
class Row:
    """One control: `confirm` is what a person looks at, `unobserved` why Holdfast cannot."""

    id: str
    title: str
    domain: str
    severity: Severity
    confirm: str
    unobserved: str
    kinds: frozenset[Kind] = frozenset(Kind)
    fresh: Disposition = Disposition.NOTIFY
    first_sight: Disposition = Disposition.NOTIFY
    revert: Revert = Revert.PERSON


ROWS = (
    Row(
        "service-compliance-attestation",
        "Deployment model in use is covered by the current external certifications required by the organisation",
        "External Certification",
        LOW,
        "compare the required certificates with their current scope in the Microsoft Service Trust Portal",
        "no property of a resource names a certificate",
    ),
    # -- who signs in -------------------------------------------------------------------------------------------------
    Row(
        "conditional-access-policy",
        "A Conditional Access policy (MFA, location, device) covers interactive sign-in to PostgreSQL with Entra",
        _AUTHENTICATION,
        LOW,
        "see in Entra that an enabled Conditional Access policy covers sign-in to PostgreSQL",
        "Conditional Access is in Microsoft Graph, which Holdfast does not read",
    ),
    Row(
        "local-admin-password-change",
        "Local server administrator password is reset only through the approved pipeline",
        _AUTHENTICATION,
        MEDIUM,
        "compare the writes of this server in the activity log with the runs of the pipeline that resets the password",
        "the password can be written and never read, and the event of its change looks like that of any other write",
    ),
    # -- who may change what ------------------------------------------------------------------------------------------
    Row(
        "pipeline-only-changes",
        "PostgreSQL resources are created, updated or deleted only by the approved deployment identity",
        _PRIVILEGED,
        HIGH,
        "compare the writers in the activity log with the approved identities",
        "a change is judged by what it did, not by who made it: Holdfast names the writer with each drift, lets the "
        "policy's trusted identities set what it would put back, and is silent about a write that breaks no control",
    ),
    Row(
        "pim-eligible-not-permanent",
        "Privileged roles on PostgreSQL scopes are PIM-eligible, not permanently active",
        _PRIVILEGED,
        MEDIUM,
        "see in Privileged Identity Management that no person holds a privileged role without an end",
        "an assignment does not say whether it was activated for some hours or stands for good; the schedules that do "
        "are not read",
        fresh=Disposition.APPROVAL,
        first_sight=Disposition.APPROVAL,
        revert=Revert.RISKY,
    ),
    Row(
        "access-recertification",
        "Access to PostgreSQL scopes and admin groups is re-certified on schedule",
        _PRIVILEGED,
        LOW,
        "see in Entra that the access reviews of the administrators' groups are done and applied",
        "access reviews are in Microsoft Graph, which Holdfast does not read",
    ),
    Row(
        "customer-lockbox-enabled",
        "Customer Lockbox is enabled for the tenant and requests are reviewed",
        "CSP Access",
        MEDIUM,
        "see that Customer Lockbox is on for the tenant and that each approved request has a ticket",
        "the switch belongs to the tenant, and no published API shows it",
    ),
    # -- what protects the data ---------------------------------------------------------------------------------------
    Row(
        "client-side-encryption",
        "Highly sensitive columns are encrypted by the application (client-side) where required",
        "Encryption & Secure Data Management / Encryption at Rest",
        LOW,
        "have the owner of the data confirm which columns the application encrypts",
        "what a column holds is in the database, which Holdfast does not open",
    ),
    Row(
        "client-root-ca-trust",
        "Clients trust the current Azure PostgreSQL root CAs and do not pin intermediate certificates",
        "Encryption & Secure Data Management / Certificate and Key Management",
        LOW,
        "have the owners of the applications confirm sslmode=verify-full with the documented root certificates",
        "what a client trusts is with the client",
    ),
    Row(
        "hyok-posture",
        "HYOK is recorded as not supported; compensating BYOK/HSM controls are compliant",
        "Encryption & Secure Data Management / BYOK/HYOK Management",
        LOW,
        "record that the exception is accepted for as long as Azure offers no key outside of Azure",
        "it is an accepted exception, not a setting; the controls of your own keys are judged by themselves",
    ),
    Row(
        "anonymisation-masking",
        "Sensitive columns are masked (anon extension) where required",
        "Network Security / Data Exfiltration Prevention & Data Loss Prevention",
        LOW,
        "see in the database that the rules of the anon extension cover the sensitive columns",
        "masking rules are in the database, which Holdfast does not open; azure.extensions says only that anon may be "
        "created there",
        frozenset({Kind.FLEXIBLE}),
    ),
)


def _detect(row: Row, state: State, given: Attestation) -> Finding:
    if state.at is None:
        return NotApplicable("it is not known when the server was read, so nothing can be said of dates")
    ends = given.until
    if ends is not None and state.at.date() <= ends:
        return ()
    if ends is None:
        found, person = "missing", f"{row.confirm}, then write"
    else:
        found, person = f"over since {ends}, by {given.attested_by}", f"attest it anew: {row.confirm}, then write"
    person += f" attested_by, evidence and until below {row.id} in the policy"
    setting = Setting(SettingKind.PROPERTY, f"attestation.{row.id}")
    why = f"Holdfast cannot see it: {row.unobserved}"
    return (Drift(row.id, setting, found, "in force", why, person=person),)


def _remediator(row: Row) -> Remediator:
    control = Control(
        id=row.id,
        title=row.title,
        domain=row.domain,
        severity=row.severity,
        # Nothing is read for it; this facet is read whenever a server is looked at whole, so that an end is noticed.
        facets=(SERVER,),
        operations=frozenset(),
        permissions=frozenset(),
        fresh=row.fresh,
        first_sight=row.first_sight,
        revert=row.revert,
        kinds=row.kinds,
        parameters=Attestation,
        optional=True,
        unobserved=row.unobserved,
    )
    return Remediator(control, partial(_detect, row))


REMEDIATORS = tuple(map(_remediator, ROWS))
