"""What a flexible server says about the keys that it is encrypted with."""

from emulator.body import Body
from emulator.resources.around.key_rights import FLEXIBLE, is_reached
from emulator.resources.around.vault_keys import is_usable
from emulator.resources.identities import principal
from emulator.world import World

_STATUSES = (
    ("primaryKeyURI", "primaryUserAssignedIdentityId", "primaryEncryptionKeyStatus"),
    ("geoBackupKeyURI", "geoBackupUserAssignedIdentityId", "geoBackupEncryptionKeyStatus"),
)


def show(world: World, encryption: Body) -> bool:
    """Add the status of each key to what is answered; whether the server can reach its data."""
    if encryption["type"] != "AzureKeyVault":
        return True
    for uri, identity, status in _STATUSES:
        if encryption.get(uri):
            good = is_usable(world, encryption[uri]) and _reaches(world, encryption[uri], encryption.get(identity))
            encryption[status] = "Valid" if good else "Invalid"
    return bool(encryption["primaryEncryptionKeyStatus"] == "Valid")


def _reaches(world: World, uri: str, identity: object) -> bool:
    if not isinstance(identity, str) or not identity:
        return True
    return is_reached(world, uri, principal(identity)["principalId"], FLEXIBLE, by_itself=True)
