"""defender-security-contact: Defender for Cloud knows whom to write to.

Why      An alert that reaches nobody is not looked at.
Fix      Put the contact back as it was; else switch it on, add the owners and alerts from high severity on, and the
         addresses that the policy names. What is there stays.
Refuses  Without an address, neither there nor in the policy: a person names one.
Undo     Write the properties as they were.
"""

import json
from collections.abc import Iterator, Mapping

from shared.condition import elements_of
from shared.control import Control, Drift, Finding, NotApplicable, Parameters, Remediator, Severity
from shared.state import Facet, FacetKind, Setting, State
from shared.target import Kind


class Contact(Parameters):
    """`emails`: whom to write to where the contact has no address."""

    emails: tuple[str, ...] = ()


CONTROL = Control(
    id="defender-security-contact",
    title="Security contact with e-mail, owner role and high-severity notifications is set",
    domain="Logging & Monitoring / Alert & Incident Management",
    severity=Severity.MEDIUM,
    facets=(Facet(FacetKind.CONTACTS),),
    operations=frozenset({"microsoft.security/securitycontacts/write"}),
    permissions=frozenset({"Microsoft.Security/securityContacts/write"}),
    kinds=frozenset(Kind),
    parameters=Contact,
    optional=True,
)
_LOUD_ENOUGH = {"Low", "Medium", "High"}


def detect(state: State, given: Contact) -> Finding:
    """Find a contact whom no alert reaches."""
    contacts = state.children.get(FacetKind.CONTACTS)
    if contacts is None:
        return NotApplicable("the security contact was not read")
    path = f"/subscriptions/{state.target.subscription}/providers/Microsoft.Security/securityContacts/default"
    found = next(iter(contacts.items()), (path, {}))
    return tuple(_drifts(*found, given))


def _drifts(contact: str, texts: Mapping[str, str], given: Contact) -> Iterator[Drift]:
    def drift(member: str, wanted: str, why: str, person: str = "") -> Drift:
        setting = Setting.outside(FacetKind.CONTACTS, contact, member)
        return Drift(CONTROL.id, setting, texts.get(member), wanted, why, person=person)

    if not texts.get("emails"):
        person = "" if given.emails else "name the addresses in the policy: parameters.emails"
        yield drift("emails", ";".join(given.emails) or "an address", "nobody is written to", person)
    if texts.get("isEnabled") != "true":
        yield drift("isEnabled", "true", "the security contact is switched off")
    roles = elements_of(texts.get("notificationsByRole.roles"))
    sources = elements_of(texts.get("notificationsSources"))
    if texts.get("notificationsByRole.state") != "On":
        yield drift("notificationsByRole.state", "On", "the owners of the subscription are not told")
    if "Owner" not in roles:
        yield drift("notificationsByRole.roles", json.dumps([*roles, "Owner"]), "the owners are not told")
    if not any(_alerts(one) for one in sources):
        kept = [one for one in sources if not (isinstance(one, dict) and one.get("sourceType") == "Alert")]
        added = json.dumps([*kept, {"minimalSeverity": "High", "sourceType": "Alert"}], sort_keys=True)
        yield drift("notificationsSources", added, "alerts are not sent")


def _alerts(source: object) -> bool:
    return (
        isinstance(source, dict)
        and source.get("sourceType") == "Alert"
        and source.get("minimalSeverity") in _LOUD_ENOUGH
    )


REMEDIATORS = (Remediator(CONTROL, detect),)
