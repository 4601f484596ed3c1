"""What a flexible server says about the keys that it is encrypted with."""

from emulator.body import Body
from emulator.resources.around.vault_keys import is_usable
from emulator.world import World

_STATUSES = (
    ("primaryKeyURI", "primaryEncryptionKeyStatus"),
    ("geoBackupKeyURI", "geoBackupEncryptionKeyStatus"),
)


def show(world: World, encryption: Body) -> bool:
    """Add the status of each key to what is answered; whether the server can reach its data."""
    if encryption["type"] != "AzureKeyVault":
        return True
    for uri, status in _STATUSES:
        if encryption.get(uri):
            encryption[status] = "Valid" if is_usable(world, encryption[uri]) else "Invalid"
    return bool(encryption["primaryEncryptionKeyStatus"] == "Valid")
