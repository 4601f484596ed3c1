"""No address from an event, an alert or an answer of Azure is ever fetched, but Azure's own on Azure's own host."""

import ast
import asyncio
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from shared.arm.pages import pages
from shared.errors import HoldfastError
from shared.settings import ROOT
from tests.alerts.shapes import CAPTURES as ALERTS
from tests.fuzz.doors import Doors
from tests.fuzz.test_arm_wire import CALL, Wire
from tests.shared.test_events import CAPTURES as EVENTS

NETWORK = {"aiohttp", "urllib.request", "http.client", "socket", "requests", "httpx", "psycopg", "apprise", "smtplib"}
# Who may open a connection, and where to: Azure's own hosts, or what an application setting names.
MAY_CONNECT = {
    "shared/arm/client.py": "HOLDFAST_ARM_ENDPOINT, and poll addresses on that host",
    "shared/notify/event_grid.py": "HOLDFAST_TOPIC_ENDPOINT",
    "shared/notify/people.py": "the URL in the application setting of a route",
    "shared/sql/driver.py": "a host of Azure's databases, where the policy opens them",
    "shared/store/azure_clients.py": "the storage account of the settings",
}
_TALKS: list[list[Any] | None] = [None]


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    heard = _TALKS[0]
    if heard is not None and event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname"):
        heard.append(arguments[1] if event == "socket.connect" else arguments[:2])


sys.addaudithook(_hear)


@contextmanager
def connections() -> Iterator[list[Any]]:
    """Every name that is looked up and every address that is connected to, by whatever library."""
    heard: list[Any] = []
    _TALKS[0] = heard
    try:
        yield heard
    finally:
        _TALKS[0] = None


def imported(path: Path) -> set[str]:
    found = set[str]()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def test_these_modules_and_no_others_can_open_a_connection() -> None:
    files = [*(ROOT / "shared").rglob("*.py"), *(ROOT / "remediators").rglob("*.py"), ROOT / "function_app.py"]
    able = {str(path.relative_to(ROOT)) for path in files if imported(path) & NETWORK}
    assert able == MAY_CONNECT.keys()


def full_of(url: str, document: Any) -> Any:
    """The document with the address wherever a text stands, and in members that would invite to fetch it."""
    if isinstance(document, dict):
        invites = dict.fromkeys(("url", "nextLink", "validationUrl", "dataschema", "@odata.id"), url)
        return invites | {name: full_of(url, value) for name, value in document.items()}
    if isinstance(document, list):
        return [full_of(url, value) for value in document]
    return url if isinstance(document, str) and ("/" in document or "." in document) else document


URLS = [
    "http://127.0.0.1:9/x",
    "http://169.254.169.254/metadata/identity/oauth2/token",
    "file:///etc/passwd",
    "//a.example",
]


@pytest.mark.parametrize("url", URLS)
def test_no_door_looks_anything_up_that_an_event_or_alert_names(url: str) -> None:
    doors = Doors()
    bodies = [json.dumps(full_of(url, one)).encode() for one in (*EVENTS.values(), *ALERTS.values())]
    whole = [json.dumps({**one, "validationUrl": url, "nextLink": url}).encode() for one in EVENTS.values()]
    with connections() as heard:
        for body in bodies + whole:
            doors.through(lambda app, body=body: app.receive_queued(body))  # type: ignore[misc]
            doors.through(lambda app, body=body: app.alerts.posted(body))  # type: ignore[misc]
            doors.through(lambda app, body=body: app.alerts.receive([body], "event hub"))  # type: ignore[misc]
    doors.close()
    assert heard == []


@pytest.mark.parametrize("header", ["Location", "Azure-AsyncOperation", "Refresh", "Link", "WWW-Authenticate"])
@pytest.mark.parametrize("status", [200, 202, 301, 302, 303, 307, 308, 401])
def test_an_answer_of_azure_leads_to_no_other_host(status: int, header: str) -> None:
    wire = Wire()
    value = 'Bearer authorization_uri="http://127.0.0.1:9/x"' if header.startswith("WWW") else "http://127.0.0.1:9/x"
    body = json.dumps({"value": [], "nextLink": "http://127.0.0.1:9/next"})
    lines = [
        f"HTTP/1.1 {status} X",
        f"{header}: {value}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    ]
    wire.sent = "\r\n".join([*lines, "Connection: close", "", body]).encode()

    async def run() -> None:
        async with wire.client() as client:
            with suppress(HoldfastError):
                assert [page async for page in pages(client, CALL)] == []

    with connections() as heard:
        asyncio.run(run())
    assert 9 not in {address[1] for address in heard if isinstance(address, tuple) and len(address) > 1}
    assert wire.asked >= 1
