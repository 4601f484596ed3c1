"""The version of what a store holds, and which Holdfast may use it: one document, the same in both stores.

A newer Holdfast only adds (`needs` stays) until no older one runs any more; see docs/upgrades.md.
"""

from dataclasses import dataclass

from shared.errors import StoreUnavailable
from shared.journal import encode
from shared.store.documents import read

DOCUMENT = "store/version"


@dataclass(frozen=True, slots=True)
class Version:
    """`version` is that of the newest Holdfast that has used the store, `needs` that of the oldest that may."""

    version: int
    needs: int


# 1: targets, records, leases, dead letters. 2: documents of the fleet. 3: the version is said, what is unknown is kept.
CURRENT = Version(version=3, needs=2)


def must_be_told(found: bytes | None, where: str) -> bool:
    """Whether the store `where` still says an older version, or none. Raises StoreUnavailable where the store needs a
    newer Holdfast than this one."""
    if found is None:
        return True
    said = read(Version, found)
    if said.needs > CURRENT.version:
        raise StoreUnavailable(
            f"{where} holds store version {said.version}, which Holdfast can use from store version {said.needs} on;"
            f" this Holdfast knows up to {CURRENT.version}: run the newer Holdfast, or point this one at another store"
        )
    return said.version < CURRENT.version


def current() -> bytes:
    """What this Holdfast writes down."""
    return encode(CURRENT)
