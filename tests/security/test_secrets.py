"""A secret of the settings stands in no log line, no record, no dead letter, no answer, however things fail."""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

import pytest

from remediators import load_all
from shared.arm.azure import AzureArm
from shared.errors import DeliveryFailed, HoldfastError
from shared.notify.people import People
from shared.policy import Route
from shared.runtime import Holdfast
from shared.settings import read_settings
from shared.web.http import Request
from tests.fuzz.log import nobody_forges_a_line
from tests.fuzz.test_arm_wire import Wire
from tests.notify.builders import a_notice
from tests.shared.test_events import CAPTURES

KEY = base64.b64encode(b"storage-account-key-0123456789abcdef").decode()
SECRETS = {
    "AzureWebJobsStorage": f"DefaultEndpointsProtocol=http;AccountName=a;AccountKey={KEY};"
    "TableEndpoint=http://127.0.0.1:9/a;QueueEndpoint=http://127.0.0.1:9/a;BlobEndpoint=http://127.0.0.1:9/a;",
    "HOLDFAST_TOPIC_KEY": "topic-key-0123456789abcdef",
    "HOLDFAST_SIGNING_KEYS": "signing-key-0123456789abcdef0123456789",
    "IDENTITY_HEADER": "identity-header-0123456789abcdef",
    "TEAM_URL": "json://user:url-password-0123456789@127.0.0.1:9/path-token-0123456789",
}
TELLING = (KEY, *(secret for name, secret in SECRETS.items() if name.startswith(("HOLDFAST", "IDENTITY"))))
TELLING += ("url-password-0123456789", "path-token-0123456789")


def must_tell_nothing(*texts: str) -> None:
    for text in texts:
        assert not [secret for secret in TELLING if secret in text]


ATTEMPTS: tuple[Callable[[Holdfast], Awaitable[object]], ...] = (
    lambda app: app.health(),
    lambda app: app.receive_queued(json.dumps(CAPTURES["eventgrid-firewall-rule-write"]).encode()),
    lambda app: app.receive_queued(b"no event"),
    lambda app: app.reconcile(b'{"target": "x"}'),
    lambda app: app.alerts.posted(b"no alert"),
    lambda app: app.page("holds", Request("GET", "https://h.example/api/holds")),
    lambda app: app.page("approve", Request("GET", "https://h.example/api/approve/x", values={"token": "x"})),
)


async def failing(app: Holdfast, attempts: Iterable[Callable[[Holdfast], Awaitable[object]]]) -> list[str]:
    """What the app says to each."""
    said: list[str] = []
    for attempt in attempts:
        try:
            said.append(repr(await attempt(app)))
        except HoldfastError as error:
            said.append(f"{error} {error.__cause__}")
    return said


# Azure's own client tries for ten seconds whether the account answers.
@pytest.mark.parametrize("store", [pytest.param("azure", marks=pytest.mark.e2e), "sqlite"])
def test_whatever_fails_no_secret_is_told(store: str, tmp_path: Path) -> None:
    kept = {"HOLDFAST_STORE": f"sqlite:{tmp_path / 'holdfast.db'}"} if store == "sqlite" else {}
    settings = read_settings({**SECRETS, **kept})

    async def run() -> list[str]:
        app = Holdfast(settings, load_all)
        said = await failing(app, ATTEMPTS[:1] if store == "azure" else ATTEMPTS)
        if store == "sqlite":
            said += [repr(letter) for letter in await app.parts.store.dead_letters()]
        await app.close()
        return said

    with nobody_forges_a_line() as log:
        said = asyncio.run(run())
    must_tell_nothing(*said, *log.lines, repr(settings), str(settings))


async def test_a_receiver_that_does_not_answer_is_not_named() -> None:
    with nobody_forges_a_line() as log, pytest.raises(DeliveryFailed) as caught:
        await People(Route(name="team", url_setting="TEAM_URL"), SECRETS).send(a_notice())
    must_tell_nothing(str(caught.value), repr(caught.value), *log.lines)


@pytest.mark.parametrize("status", [200, 302, 400, 401, 404, 429, 500])
def test_the_signed_address_of_an_operation_is_never_told(status: int) -> None:
    wire, signature = Wire(), "c2lnbmF0dXJl-0123456789"
    wire.sent = f"HTTP/1.1 {status} X\r\nContent-Length: 4\r\nConnection: close\r\n\r\nnull".encode()

    async def run() -> list[str]:
        async with wire.client() as client:
            said = []
            for host in (wire.address, "https://evil.example"):
                address = f"{host}/subscriptions/s/providers/p/locations/l/azureAsyncOperation/o?s={signature}"
                try:
                    said.append(repr(await AzureArm(client).progress(address)))
                except HoldfastError as error:
                    said.append(f"{error} {error.__cause__!r}")
            return said

    with nobody_forges_a_line() as log:
        said = asyncio.run(run())
    assert not [text for text in (*said, *log.lines) if signature in text or "secret-token" in text]
