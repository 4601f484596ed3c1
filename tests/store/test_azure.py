"""What only the Azure store promises: how its messages look, answers that get lost, an account that is gone."""

import asyncio
import base64
import json
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Self

import pytest
from aiohttp import ClientSession, web
from azure.core.credentials import AccessToken
from azure.storage.queue.aio import QueueClient
from yarl import URL

from shared.errors import Conflict, StoreUnavailable
from shared.ports import RECONCILE_QUEUE, Commit, Document
from shared.store.azure import AzureStore
from shared.store.azure_clients import AccountUrls, AzureSettings
from tests.azurite import Azurite, start_azurite
from tests.store.things import a_letter, a_memory, a_notice, a_record, a_target, a_trigger, an_entry

pytestmark = pytest.mark.azurite
TARGET = a_target()


@pytest.fixture
def prefix() -> str:
    return f"t{secrets.token_hex(6)}"


@pytest.fixture
async def store(azurite: Azurite, prefix: str) -> AsyncIterator[AzureStore]:
    opened = AzureStore(AzureSettings(azurite.connection_string), prefix)
    yield opened
    await opened.close()


async def test_messages_are_what_the_functions_host_expects(store: AzureStore, azurite: Azurite, prefix: str) -> None:
    await store.wake(TARGET)
    async with QueueClient.from_connection_string(azurite.connection_string, f"{prefix}{RECONCILE_QUEUE}") as queue:
        (message,) = await queue.peek_messages()
    assert json.loads(base64.b64decode(message.content, validate=True)) == {"target": TARGET.id}


async def test_an_older_service_version_can_be_asked_for(azurite: Azurite, prefix: str) -> None:
    store = AzureStore(AzureSettings(azurite.connection_string, api_version="2025-11-05"), prefix)
    await store.ping()
    await store.close()


async def test_a_memory_too_large_for_a_row_is_refused_in_plain_words(store: AzureStore) -> None:
    with pytest.raises(StoreUnavailable, match=r"dossier.memory has 2000\d{3} bytes, too large for a table row"):
        await store.commit(TARGET, "", Commit(a_memory(secrets.token_urlsafe(1_500_000))))


async def test_a_document_too_large_for_a_row_is_refused_in_plain_words(store: AzureStore) -> None:
    with pytest.raises(StoreUnavailable, match="document orders has 1500000 bytes, too large for a table row"):
        await store.write_document("orders", secrets.token_bytes(1_500_000))
    assert await store.document("orders") is None


async def test_more_notices_than_a_transaction_takes_are_refused_in_plain_words(store: AzureStore) -> None:
    notices = tuple(a_notice(TARGET, str(number)) for number in range(100))
    with pytest.raises(StoreUnavailable, match="a commit of 100 entries and notices, at most 99 fit"):
        await store.commit(TARGET, "", Commit(a_memory(), notices=notices))


async def test_a_dead_letter_beyond_all_limits_is_cut_and_says_so(store: AzureStore) -> None:
    body = secrets.token_urlsafe(3_000_000)
    await store.bury(a_letter(body=body))
    (letter,) = await store.dead_letters()
    assert letter.body == body[:500_000]
    assert letter.reason == "not JSON (body cut from 4000000 to 500000 characters)"


async def test_a_commit_whose_answer_got_lost_is_recognised_as_our_own(azurite: Azurite, prefix: str) -> None:
    async with a_proxy_that_loses_the_first_answer(azurite, "POST", "$batch") as connection_string:
        store = AzureStore(AzureSettings(connection_string), prefix)
        entry = an_entry(TARGET, a_record())
        version = await store.commit(TARGET, "", Commit(a_memory(), (entry,), (a_notice(TARGET),)))
        dossier = await store.load(TARGET)
        assert (dossier.version, dossier.memory) == (version, a_memory())
        assert await store.history(TARGET) == [entry]
        await store.close()


@pytest.mark.parametrize(("method", "first_time"), [("POST", True), ("PUT", False)])
async def test_a_document_whose_answer_got_lost_is_recognised_as_our_own(
    azurite: Azurite, prefix: str, store: AzureStore, method: str, first_time: bool
) -> None:
    before = "" if first_time else await store.write_document("orders", b"before")
    async with a_proxy_that_loses_the_first_answer(azurite, method, "holdfast") as connection_string:
        unlucky = AzureStore(AzureSettings(connection_string), prefix)
        version = await unlucky.write_document("orders", b"mine", before)
        assert await unlucky.document("orders") == Document("orders", b"mine", version)
        await unlucky.close()


async def test_a_document_that_somebody_else_wrote_after_the_lost_answer_is_a_conflict(
    azurite: Azurite, prefix: str, store: AzureStore
) -> None:
    before = await store.write_document("orders", b"before")

    async def meanwhile() -> None:
        found = await store.document("orders")
        assert found is not None
        await store.write_document("orders", b"theirs", found.version)

    async with a_proxy_that_loses_the_first_answer(azurite, "PUT", "holdfast", meanwhile) as connection_string:
        unlucky = AzureStore(AzureSettings(connection_string), prefix)
        with pytest.raises(Conflict, match="orders was changed by somebody else"):
            await unlucky.write_document("orders", b"mine", before)
        await unlucky.close()


async def test_a_stopped_account_is_unavailable_within_ten_seconds(prefix: str) -> None:
    with start_azurite() as mortal:
        store = AzureStore(AzureSettings(mortal.connection_string), prefix)
        await store.ping()
        lease = await store.acquire("sweep", 15)
    assert lease is not None
    started = time.monotonic()
    calls = (
        store.load(TARGET), store.commit(TARGET, "", Commit(a_memory())), store.remember(a_trigger(TARGET)),
        store.wake(TARGET), store.acquire("x", 15), store.renew(lease), store.release(lease), store.history(),
        store.bury(a_letter()), store.dead_letters(), store.unbury("x"), store.ping(),
        store.update_notice(TARGET, a_notice(TARGET)),
        store.finish_notice(TARGET, a_notice(TARGET), an_entry(TARGET, a_record())),
        store.document("orders"), store.documents("holds/"), store.write_document("orders", b""),
        store.write_document("orders", b"", "read"), store.remove_document("orders"), store.record(a_record()),
    )  # fmt: skip
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [StoreUnavailable] * len(calls)
    assert time.monotonic() - started < 11
    await store.close()


async def test_an_identity_is_asked_for_a_token_and_an_account_that_is_not_there_is_unavailable() -> None:
    urls = AccountUrls(*(f"https://127.0.0.1:1/{service}" for service in ("table", "queue", "blob")))
    identity = AnIdentity()
    store = AzureStore(AzureSettings(account_urls=urls, credential=identity))
    with pytest.raises(StoreUnavailable, match="cannot be reached"):
        await store.ping()
    assert identity.scopes == {"https://storage.azure.com/.default"}
    await store.close()


class AnIdentity:
    """Gives a token to whoever asks, and notes for what."""

    def __init__(self) -> None:
        self.scopes: set[str] = set()

    async def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        self.scopes.update(scopes)
        return AccessToken("a-token", int(time.time()) + 3600)

    async def close(self) -> None:
        return None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None


@asynccontextmanager
async def a_proxy_that_loses_the_first_answer(
    azurite: Azurite, method: str, ending: str, meanwhile: Callable[[], Awaitable[None]] | None = None
) -> AsyncIterator[str]:
    """Stands before the table service, lets the first such request to the table through, and answers 500 in its stead:
    the path without keys ends so. `meanwhile` runs before that answer."""
    lost: list[str] = []

    async def forward(request: web.Request) -> web.Response:
        url = URL(f"http://127.0.0.1:{azurite.table_port}{request.raw_path}", encoded=True)
        headers = {name: value for name, value in request.headers.items() if name != "Host"}
        async with session.request(request.method, url, headers=headers, data=await request.read()) as answer:
            body = await answer.read()
        if request.method == method and request.path.partition("(")[0].endswith(ending) and not lost:
            lost.append(request.path)
            if meanwhile:
                await meanwhile()
            return web.Response(status=500)
        kept = {name: answer.headers[name] for name in ("Content-Type", "ETag") if name in answer.headers}
        return web.Response(status=answer.status, body=body, headers=kept)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", forward)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    async with ClientSession(auto_decompress=False, skip_auto_headers=("Content-Type",)) as session:
        yield azurite.connection_string.replace(f":{azurite.table_port}/", f":{port}/")
        assert lost
    await runner.cleanup()
