"""How things become table entities: keys that sort the way they are read, documents packed into binary properties.

One partition per target. Its rows sort in two groups, so that one range query reads the present without the past:

    dossier|memory                                  the memory; its ETag is the dossier's version
    dossier|notice|<hash of id>                     the outbox
    dossier|trigger|<hash of id>                    the triggers: inserting one twice changes nothing
    record|<record, inverted>|<number>|<hash>       the records, newest first

The partitions `records`, `dead-letters` and `document|<collection>` belong to all targets together.

Limits (learn.microsoft.com, "Understanding the Table service data model"): a property 64 KiB, an entity 1 MiB.
"""

import hashlib
import re
import zlib
from collections.abc import Mapping
from typing import Any

from shared.errors import StoreUnavailable
from shared.journal import Entry, encode

type Row = Mapping[str, Any]

MEMORY = "dossier|memory"
DOSSIER = ("dossier|", "dossier}")
NOTICES = ("dossier|notice|", "dossier|notice}")
RECORDS = ("record|", "record}")

_CHUNK_BYTES = 60 * 1024
# 720 KiB: Azurite counts the entity after base64, so this is what fits everywhere.
_CHUNKS = 12
_UNSAFE = re.compile(r"[^A-Za-z0-9-]")
_INVERTED = str.maketrans("0123456789abcdef", "fedcba9876543210")


def digest(text: str) -> str:
    """A short stand-in for text that may not be part of a key (`/ \\ # ?`, any length)."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def partition_of(target_id: str) -> str:
    """The partition of a target: spread by hash, readable by the server's name."""
    readable = _UNSAFE.sub("", target_id.rpartition("/")[2])[:63]
    return f"{digest(target_id)[:16]}-{readable}"


def notice_key(notice_id: str) -> str:
    """The row of a notice."""
    return f"dossier|notice|{digest(notice_id)}"


def trigger_key(trigger_id: str) -> str:
    """The row of a trigger."""
    return f"dossier|trigger|{digest(trigger_id)}"


def newest_first(record: str) -> str:
    """A key that sorts the other way round than `record` does. `g` makes the longer of two equal beginnings first."""
    return record.encode().hex().translate(_INVERTED) + "g"


def record_range(record: str) -> tuple[str, str]:
    """The rows of one record."""
    return f"record|{newest_first(record)}|", f"record|{newest_first(record)}}}"


def entry_row(target_id: str, entry: Entry) -> dict[str, Any]:
    """An entry; two different ones with the same number both stay."""
    document = encode(entry)
    start, _ = record_range(entry.record)
    key = f"{start}{entry.number:08d}|{hashlib.sha256(document).hexdigest()[:12]}"
    return document_row(target_id, key, document)


def document_row(target_id: str, key: str, document: bytes) -> dict[str, Any]:
    """A row of the target's partition that carries a document."""
    columns = packed(document, f"{target_id}: {key}")
    return {"PartitionKey": partition_of(target_id), "RowKey": key, "target": target_id, **columns}


def packed(document: bytes, what: str) -> dict[str, bytes]:
    """The compressed document as the binary properties of one row. Raises StoreUnavailable when it needs more."""
    (first, *others) = parts(document)
    if others:
        raise StoreUnavailable(f"{what} has {len(document)} bytes, too large for a table row even when compressed")
    return first


def parts(document: bytes) -> list[dict[str, bytes]]:
    """The compressed document as the binary properties of one row, or of several where one is too small."""
    packed = zlib.compress(document)
    chunks = [packed[start : start + _CHUNK_BYTES] for start in range(0, len(packed), _CHUNK_BYTES)]
    return [
        {f"part{number:02d}": chunk for number, chunk in enumerate(chunks[start : start + _CHUNKS])}
        for start in range(0, len(chunks), _CHUNKS)
    ]


def document_of(*rows: Row) -> bytes:
    """The reverse of `parts`. Raises StoreUnavailable for what it did not make."""
    chunks = [row[name] for row in rows for name in sorted(row) if name.startswith("part")]
    try:
        return zlib.decompress(b"".join(chunks))
    except (zlib.error, TypeError) as error:
        raise StoreUnavailable(f"the store holds a row that Holdfast did not write: {error}") from error
