"""What a flexible server says about the keys that it is encrypted with."""

from emulator.body import Body


def show(encryption: Body) -> None:
    """Add the status of each key to what is answered."""
    if encryption["type"] != "AzureKeyVault":
        return
    for uri, status in (
        ("primaryKeyURI", "primaryEncryptionKeyStatus"),
        ("geoBackupKeyURI", "geoBackupEncryptionKeyStatus"),
    ):
        if encryption.get(uri):
            encryption[status] = "Valid"
