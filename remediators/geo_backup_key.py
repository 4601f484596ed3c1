"""geo-backup-cmk: copies of the backups in the paired region are encrypted with a key of the owner's there.

Why      A server with its owner's key and a geo-redundant backup without one can be restored by whoever holds the copy.
Fix      Write the key and the identity of the paired region that the policy names into dataEncryption, all members
         together, and attach the identity. A wrong key makes the server inaccessible, so a person approves.
Refuses  Not applicable without geo-redundant backup or without a key of the owner's. Without a key in the policy, and
         for a key that cannot be used, a person has to act first.
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
from shared.encryption import (
    ASSIGN,
    ENCRYPTION,
    GEO,
    IDENTITY,
    IdentityId,
    KeyUri,
    attached,
    is_among,
    own_key,
    put_back_attached,
    with_attached,
)
from shared.state import SERVER, State


class Geo(Parameters):
    """`geo_key`, `geo_identity`: the key in the paired region, and the identity there that may use it."""

    geo_key: KeyUri | None = None
    geo_identity: IdentityId | None = None


CONTROL = Control(
    id="geo-backup-cmk",
    title="Geo-redundant backup storage of a CMK server is encrypted with its own customer-managed key",
    domain="Encryption & Secure Data Management / Encryption at Rest",
    severity=Severity.MEDIUM,
    facets=(SERVER,),
    operations=frozenset({"write"}),
    permissions=frozenset({"write", ASSIGN}),
    fresh=Disposition.APPROVAL,
    first_sight=Disposition.NOTIFY,
    revert=Revert.RISKY,
    parameters=Geo,
    risk=Risk.MAY_CUT_CLIENTS,
    optional=True,
)


def detect(state: State, geo: Geo) -> Finding:
    """Find a geo-redundant backup without a key of its own, or with one that cannot be used."""
    found = own_key(state)
    if isinstance(found, NotApplicable):
        return found
    facts = state.server.facts if state.server else {}
    if facts.get("backup.geoRedundant", "").lower() != "enabled":
        return NotApplicable("the server has no geo-redundant backup")
    if not found.get("geoBackupKeyURI"):
        wanted = {**found, "geoBackupKeyURI": geo.geo_key or "", GEO: geo.geo_identity or ""}
        why = "the copies of the backups are not encrypted with a key of the owner's"
        return (Drift(CONTROL.id, ENCRYPTION, found, wanted, why, person=_first(geo)), *_apart(state, geo))
    if facts.get("dataEncryption.geoBackupEncryptionKeyStatus", "").lower() == "invalid":
        person = "let the identity of the paired region reach its key again: until then no copy can be restored"
        return (Drift(CONTROL.id, ENCRYPTION, found, found, "the key of the copies cannot be used", person=person),)
    return ()


def _apart(state: State, geo: Geo) -> tuple[Drift, ...]:
    if _first(geo) or is_among(geo.geo_identity or "", attached(state)):
        return ()
    wanted = with_attached(state, [geo.geo_identity or ""])
    why = "the identity of the paired region is not attached"
    return (Drift(CONTROL.id, IDENTITY, state.value(IDENTITY), wanted, why),)


def _first(geo: Geo) -> str:
    """What a person has to do before the key can be written."""
    named = geo.geo_key and geo.geo_identity
    return "" if named else "name the key and identity of the paired region in the policy: geo_key and geo_identity"


REMEDIATORS = (Remediator(CONTROL, detect, put_back_attached),)
