"""cmk-versionless-key-uri: the server follows its key to each new version.

Why      With a version in the address, a key that is rotated leaves the server on the old version, and the day the old
         version is disabled the server cannot read its own data.
Fix      Take the version off `dataEncryption.primaryKeyURI`; all members of dataEncryption are sent together. It
         touches how the server reaches its data, so a person approves.
Refuses  Servers that are encrypted with Microsoft's key are not applicable; where the address names no key, a person
         has to say which it is.
Undo     Write dataEncryption as it was.
"""

from shared.control import (
    Control,
    Disposition,
    Drift,
    Finding,
    NotApplicable,
    Parameters,
    Remediator,
    Revert,
    Risk,
    Severity,
)
from shared.encryption import ASSIGN, ENCRYPTION, names_version, own_key, put_back_attached, without_version
from shared.state import SERVER, State

CONTROL = Control(
    id="cmk-versionless-key-uri",
    title="The server references the key without a version (automatic version update)",
    domain="Encryption & Secure Data Management / Certificate and Key Management",
    severity=Severity.MEDIUM,
    facets=(SERVER,),
    operations=frozenset({"write"}),
    permissions=frozenset({"write", ASSIGN}),
    fresh=Disposition.APPROVAL,
    first_sight=Disposition.APPROVAL,
    revert=Revert.RISKY,
    risk=Risk.MAY_CUT_CLIENTS,
    optional=True,
)


def detect(state: State, _: Parameters) -> Finding:
    """Find an address that is bound to one version."""
    found = own_key(state)
    if isinstance(found, NotApplicable):
        return found
    uri = found.get("primaryKeyURI", "")
    key = without_version(uri)
    if key and not names_version(uri):
        return ()
    person = "" if key else f"say which key encrypts the server: {uri or 'nothing'} names none"
    wanted = {**found, "primaryKeyURI": key}
    return (Drift(CONTROL.id, ENCRYPTION, found, wanted, "a rotated key leaves the server behind", person=person),)


REMEDIATORS = (Remediator(CONTROL, detect, put_back_attached),)
