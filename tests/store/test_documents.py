"""Documents of the fleet, as `shared.ports.Store` promises them: compare and swap, and lists by name."""

import asyncio
import secrets
from collections.abc import Awaitable

import pytest

from shared.errors import Conflict
from shared.ports import Document, Store
from tests.store.kits import Kit

NAMES = ("a", "0", "-", "orders", "policy-2026", "0-9", "holds/1", "holds/a/b", "holds/a-b", "z/-/0", "x" * 400)

BODIES = {
    "empty": b"",
    "every byte": bytes(range(256)),
    "200 kB that do not compress": secrets.token_bytes(200_000),
    "2 MB that do": b"x" * 2_000_000,
}


async def outcome(writing: Awaitable[str]) -> str:
    """The new version, or "conflict"."""
    try:
        return await writing
    except Conflict:
        return "conflict"


async def test_a_document_nobody_wrote_is_none(store: Store) -> None:
    assert await store.document("orders") is None
    assert await store.documents("holds/") == []


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
async def test_what_was_written_is_read_by_everybody(store: Store, other: Store, body: bytes) -> None:
    version = await store.write_document("orders", body)
    assert version
    assert await other.document("orders") == Document("orders", body, version)


async def test_a_write_over_the_version_that_was_read_replaces_it(store: Store, other: Store) -> None:
    first = await store.write_document("orders", b"first")
    second = await other.write_document("orders", b"second", first)
    assert first != second
    assert await store.document("orders") == Document("orders", b"second", second)


async def test_a_write_over_an_older_version_changes_nothing(store: Store, other: Store) -> None:
    first = await store.write_document("orders", b"first")
    second = await other.write_document("orders", b"second", first)
    with pytest.raises(Conflict, match="orders was changed by somebody else since it was read: read it again"):
        await store.write_document("orders", b"late", first)
    assert await store.document("orders") == Document("orders", b"second", second)


async def test_a_document_is_made_once(store: Store, other: Store) -> None:
    version = await store.write_document("decisions/1", b"approve")
    with pytest.raises(Conflict, match="decisions/1 exists already"):
        await other.write_document("decisions/1", b"deny")
    assert await other.document("decisions/1") == Document("decisions/1", b"approve", version)


async def test_the_same_body_twice_is_two_versions(store: Store) -> None:
    first = await store.write_document("orders", b"same")
    second = await store.write_document("orders", b"same", first)
    assert await outcome(store.write_document("orders", b"same", first)) == "conflict"
    assert await store.document("orders") == Document("orders", b"same", second)


async def test_a_removed_document_is_gone_and_removing_it_again_is_no_error(store: Store, other: Store) -> None:
    await store.write_document("holds/1", b"{}")
    await other.remove_document("holds/1")
    await store.remove_document("holds/1")
    assert await store.document("holds/1") is None
    assert await store.documents("holds/") == []


async def test_a_removed_document_cannot_be_written_over_but_made_anew(store: Store) -> None:
    old = await store.write_document("orders", b"old")
    await store.remove_document("orders")
    assert await outcome(store.write_document("orders", b"late", old)) == "conflict"
    assert await store.document("orders") is None
    assert await outcome(store.write_document("orders", b"new")) != "conflict"


async def test_a_document_made_anew_is_not_taken_for_the_one_that_was_read(store: Store) -> None:
    old = await store.write_document("orders", b"same")
    await store.remove_document("orders")
    new = await store.write_document("orders", b"same")
    assert await outcome(store.write_document("orders", b"late", old)) == "conflict"
    assert await store.document("orders") == Document("orders", b"same", new)


async def test_of_many_who_make_a_document_one_does(store: Store, other: Store) -> None:
    outcomes = await asyncio.gather(
        *(outcome((store, other)[n % 2].write_document("decisions/1", str(n).encode())) for n in range(20))
    )
    (winner,) = (number for number, version in enumerate(outcomes) if version != "conflict")
    assert await store.document("decisions/1") == Document("decisions/1", str(winner).encode(), outcomes[winner])


async def test_of_many_who_write_over_a_version_one_wins_each_round(store: Store, other: Store) -> None:
    version = await store.write_document("orders", b"begin")
    for _ in range(5):
        outcomes = await asyncio.gather(
            *(outcome((store, other)[n % 2].write_document("orders", str(n).encode(), version)) for n in range(10))
        )
        (winner,) = (number for number, new in enumerate(outcomes) if new != "conflict")
        version = outcomes[winner]
        assert await store.document("orders") == Document("orders", str(winner).encode(), version)


async def test_no_change_is_lost_between_many_who_read_and_write(store: Store, other: Store) -> None:
    async def add(handle: Store, word: str) -> None:
        while True:
            found = await handle.document("words")
            body = found.body + word.encode() if found else word.encode()
            if await outcome(handle.write_document("words", body, found.version if found else "")) != "conflict":
                return

    await asyncio.gather(*(add((store, other)[n % 2], word) for n, word in enumerate("abcdefgh")))
    found = await store.document("words")
    assert found is not None
    assert sorted(found.body.decode()) == list("abcdefgh")


# lists


async def test_a_list_is_in_the_order_of_names(store: Store) -> None:
    names = [
        "c/" + rest for rest in ("-", "--", "-/a", "-a", "0", "0/1", "9", "a", "a-", "a-b", "a/b", "a0", "ab", "z")
    ]
    for name in reversed(names):
        await store.write_document(name, name.encode())
    assert names == sorted(names)
    found = await store.documents("c/")
    assert [document.name for document in found] == names
    assert found == [await store.document(name) for name in names]


@pytest.mark.parametrize(
    ("prefix", "found"),
    [("a/", ["a/b", "a/b-c", "a/b/c", "a/bc"]), ("a/b", ["a/b", "a/b-c", "a/b/c", "a/bc"]), ("a/b/", ["a/b/c"]),
     ("a/b-", ["a/b-c"]), ("a/bc", ["a/bc"]), ("a/c", []), ("ab/", ["ab/c"]), ("none/", [])],
)  # fmt: skip
async def test_a_list_holds_what_begins_with_the_prefix(store: Store, prefix: str, found: list[str]) -> None:
    for name in ("a", "a/b", "a/b-c", "a/b/c", "a/bc", "ab", "ab/c", "a-/b", "b/a"):
        await store.write_document(name, b"")
    assert [document.name for document in await store.documents(prefix)] == found


@pytest.mark.parametrize("limit", [-1, 0, 1, 3, 5, 100])
async def test_a_list_stops_at_its_limit(store: Store, limit: int) -> None:
    for number in range(5):
        await store.write_document(f"holds/{number}", b"")
    found = await store.documents("holds/", limit)
    assert [document.name for document in found] == [f"holds/{number}" for number in range(max(0, min(limit, 5)))]


async def test_every_allowed_name_is_a_document_of_its_own(store: Store) -> None:
    versions = {name: await store.write_document(name, name.encode()) for name in NAMES}
    found = {name: await store.document(name) for name in NAMES}
    assert found == {name: Document(name, name.encode(), versions[name]) for name in NAMES}


@pytest.mark.parametrize("name", ["", "/", "/a", "a/", "a//b", "A", "a_b", "a.b", "a b", "ä", "a\n", "a#", "x" * 401])
async def test_a_name_that_no_store_could_keep_is_a_mistake_of_ours(store: Store, name: str) -> None:
    for call in (store.document(name), store.write_document(name, b""), store.remove_document(name)):
        with pytest.raises(ValueError, match="names no document"):
            await call


@pytest.mark.parametrize("prefix", ["", "/", "holds", "holds//", "Holds/", "holds/_", "holds/~"])
async def test_a_list_is_of_one_collection(store: Store, prefix: str) -> None:
    with pytest.raises(ValueError, match="begins no names of a collection"):
        await store.documents(prefix)


async def test_documents_are_there_after_reopening(store: Store, kit: Kit) -> None:
    version = await store.write_document("orders", b"{}")
    await store.close()
    reopened = kit.open()
    assert await reopened.document("orders") == Document("orders", b"{}", version)
    await reopened.close()
