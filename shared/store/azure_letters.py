"""Dead letters in the table, newest first, all in one partition.

at|<time, inverted>|<hash of id>|<part>     the letter; a large one takes several rows
id|<hash of id>                             where the letter with this id is, so that a new one replaces it
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from azure.core import MatchConditions
from azure.core.exceptions import ResourceNotFoundError
from azure.data.tables import TableTransactionError, UpdateMode
from azure.data.tables.aio import TableClient

from shared.errors import StoreUnavailable
from shared.journal import DeadLetter, encode
from shared.store.azure_records import first_rows
from shared.store.azure_rows import Row, digest, document_of, parts
from shared.store.azure_tables import rows_between
from shared.store.documents import read

_PARTITION = "dead-letters"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_END_OF_TIME = 10**18
# A transaction takes 4 MiB, counted after base64: four rows of 720 KiB would be the last to fit.
_MOST_PARTS = 3
_KEPT_CHARACTERS = 500_000
_ATTEMPTS = 5


async def bury(table: TableClient, letter: DeadLetter) -> None:
    """Keep the letter in place of an earlier one with its id."""
    rows = _rows(letter)
    for _ in range(_ATTEMPTS):
        earlier = await _place(table, digest(letter.id))
        try:
            await table.submit_transaction([_new_place(letter.id, rows, earlier), *_exchange(rows, earlier)])
        except TableTransactionError as error:
            # Somebody else buries the same letter.
            if error.status_code not in {404, 409, 412}:
                raise
        else:
            return
    raise StoreUnavailable(f"dead letter {letter.id[:100]!r} is being written by too many at once")


async def remove(table: TableClient, letter_id: str) -> None:
    """Remove the letter with this id; one that is not there is no error."""
    await _remove(table, digest(letter_id))


async def prune(table: TableClient, before: datetime, limit: int) -> int:
    """Remove letters older than `before`, `limit` at most; how many."""
    old = await first_rows(table, _PARTITION, f"at|{_inverted(before)}}}", "at}", limit)
    hashes = dict.fromkeys(row["RowKey"].split("|")[2] for row in old)
    return sum([await _remove(table, one) for one in hashes])


async def newest(table: TableClient, limit: int) -> list[DeadLetter]:
    """The dead letters, newest first."""
    letters: dict[str, list[Row]] = {}
    async for row in rows_between(table, _PARTITION, "at|", "at}", limit + 1):
        stem = row["RowKey"].rpartition("|")[0]
        if stem not in letters and len(letters) == limit:
            break
        letters.setdefault(stem, []).append(row)
    return [read(DeadLetter, document_of(*rows)) for rows in letters.values()]


def _rows(letter: DeadLetter) -> dict[str, dict[str, bytes]]:
    """The letter's parts by row key; what no transaction could take is cut, and says so."""
    packed = parts(encode(letter))
    if len(packed) > _MOST_PARTS:
        note = f" (body cut from {len(letter.body)} to {_KEPT_CHARACTERS} characters)"
        packed = parts(encode(replace(letter, body=letter.body[:_KEPT_CHARACTERS], reason=letter.reason + note)))
    stem = f"at|{_inverted(letter.at)}|{digest(letter.id)}"
    return {f"{stem}|{number}": part for number, part in enumerate(packed)}


def _inverted(at: datetime) -> str:
    return f"{_END_OF_TIME - (at - _EPOCH) // timedelta(microseconds=1):019d}"


async def _remove(table: TableClient, letter: str) -> bool:
    """Remove the letter whose id has this hash; whether it was there."""
    for _ in range(_ATTEMPTS):
        place = await _place(table, letter)
        if place is None:
            return False
        fence = {"etag": place.metadata["etag"], "match_condition": MatchConditions.IfNotModified}
        key = {"PartitionKey": _PARTITION, "RowKey": place["RowKey"]}
        try:
            await table.submit_transaction([("delete", key, fence), *_exchange({}, place)])
        except TableTransactionError as error:
            # Somebody else buries or removes the same letter.
            if error.status_code not in {404, 409, 412}:
                raise
        else:
            return True
    raise StoreUnavailable(f"dead letter {letter} is being written by too many at once")


async def _place(table: TableClient, letter: str) -> Any:
    try:
        return await table.get_entity(_PARTITION, f"id|{letter}")
    except ResourceNotFoundError:
        return None


def _new_place(letter_id: str, rows: dict[str, dict[str, bytes]], earlier: Any) -> tuple[str, Row, Row]:
    place = {"PartitionKey": _PARTITION, "RowKey": f"id|{digest(letter_id)}", "rows": " ".join(rows)}
    if earlier is None:
        return "create", place, {}
    fence = {"etag": earlier.metadata["etag"], "match_condition": MatchConditions.IfNotModified}
    return "update", place, {"mode": UpdateMode.REPLACE, **fence}


def _exchange(rows: dict[str, dict[str, bytes]], earlier: Any) -> list[tuple[str, Row, Row]]:
    gone = [] if earlier is None else [key for key in earlier["rows"].split() if key not in rows]
    deletions: list[tuple[str, Row, Row]] = [
        ("delete", {"PartitionKey": _PARTITION, "RowKey": key}, {}) for key in gone
    ]
    additions: list[tuple[str, Row, Row]] = [
        ("upsert", {"PartitionKey": _PARTITION, "RowKey": key, **part}, {"mode": UpdateMode.REPLACE})
        for key, part in rows.items()
    ]
    return [*additions, *deletions]
