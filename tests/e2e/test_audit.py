"""An audit of the emulator's own fleet, from the terminal to the auditor's page: it reads, and changes nothing."""

import json
import shlex
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import pytest_asyncio
from ruamel.yaml import YAML

from cli.azure import Azure
from emulator.fleet import DEFAULT_FLEET
from shared.store.sqlite import SqliteStore
from tests.e2e.browser import DESKTOP, PHONE, Browser, a_browser
from tests.e2e.exchanges import Exchanges
from tests.e2e.processes import HOLDFAST, Process, ended
from tests.e2e.world import policy

_DOOR, _TLS, _INTERNET = "public-network-access-disabled", "tls-required", "firewall-no-any-any"
_CONFIGURATIONS = "Microsoft.DBforPostgreSQL/flexibleServers/configurations/read"
_HALF = {
    "name": "Half a Reader",
    "actions": [
        "Microsoft.DBforPostgreSQL/flexibleServers/read",
        "Microsoft.DBforPostgreSQL/flexibleServers/firewallRules/read",
    ],
}
_TRAINEE = {
    "kind": "User",
    "display_name": "Tim Trainee",
    "user_principal_name": "tim.trainee@contoso.example",
    "ip": "198.51.100.99",
    "assignments": [{"role": "Half a Reader", "scope": "/"}],
}


@dataclass(frozen=True, slots=True)
class Bank:
    """The small bank in its Azure, and no app: an audit needs none."""

    azure: Azure
    up: Path
    folder: Path

    async def audit(self, person: str, *words: str) -> tuple[int, str]:
        """The exit code, and what is printed."""
        environment = {"HOLDFAST_CONNECT": str(self.up), "HOLDFAST_AS": person}
        return await ended(HOLDFAST, "audit", *words, environment=environment)

    async def json(self, person: str, *words: str) -> Any:
        """What programs get."""
        path = self.folder / "audit.json"
        _, printed = await self.audit(person, *words, "--format", "json", "--output", str(path))
        assert path.exists(), printed
        return json.loads(path.read_text())

    async def calls(self) -> list[str]:
        """The calls since they were last forgotten, less those of the test."""
        return [f"{one['method']} {one['path']}" for one in (await self.azure.control("GET", "/calls"))["last"]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def bank(exchanges: Exchanges, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bank]:
    folder = tmp_path_factory.mktemp("audit")
    fleet: dict[str, Any] = YAML(typ="safe").load(DEFAULT_FLEET)
    fleet["roles"].append(_HALF)
    fleet["principals"]["trainee"] = _TRAINEE
    (folder / "fleet.json").write_text(json.dumps(fleet, default=str))
    options = [f"--fleet={folder / 'fleet.json'}", f"--exchange-log={exchanges.log()}"]
    async with AsyncExitStack() as held:
        emulator = Process([sys.executable, "-m", "emulator", *options], folder / "emulator.log")
        held.push_async_callback(emulator.stop)
        line = await emulator.start()
        azure = await held.enter_async_context(Azure(line).connected())
        store = SqliteStore(str(folder / "holdfast.db"))
        await store.ping()
        await store.close()
        up = folder / "up.json"
        up.write_text(json.dumps({**line, "environment": _environment(line, folder)}))
        yield Bank(azure, up, folder)


def _environment(line: Mapping[str, Any], folder: Path) -> dict[str, str]:
    return {
        "HOLDFAST_STORE": f"sqlite:{folder / 'holdfast.db'}",
        "HOLDFAST_POLICY": str(policy()),
        "HOLDFAST_ARM_ENDPOINT": line["arm"],
        "IDENTITY_ENDPOINT": line["identity_endpoint"],
        "IDENTITY_HEADER": line["identity_header"],
        "SSL_CERT_FILE": line["ca"],
    }


def _by_server(found: Any, control: str) -> dict[str, str]:
    return {
        server["name"]: one["status"]
        for server in found["servers"]
        for one in server["findings"]
        if one["control"] == control
    }


async def test_every_server_of_the_bank_is_judged_and_nothing_is_written(bank: Bank) -> None:
    await bank.azure.control("DELETE", "/calls")
    found = await bank.json("auditor")
    names = {server["name"] for server in found["servers"]}
    assert names >= {"pg-payments", "pg-ledger", "pg-partners", "pg-archive", "pg-analytics", "pg-crm-staging"}
    assert _by_server(found, _DOOR).items() >= {"pg-archive": "FAIL", "pg-payments": "PASS"}.items()
    assert found["summary"]["statuses"]["ERROR"] == 0, [
        one for server in found["servers"] for one in server["findings"] if one["status"] == "ERROR"
    ]
    calls = await bank.calls()
    assert [call for call in calls if not call.startswith("GET ") and "Microsoft.ResourceGraph" not in call] == []


async def test_an_answer_names_the_requests_that_were_made(bank: Bank) -> None:
    await bank.azure.control("DELETE", "/calls")
    found = await bank.json("auditor")
    made = {call.split(" ", 1)[1].lower() for call in await bank.calls()}
    answers = [one for server in found["servers"] for one in server["findings"]]
    named = {call.split("?")[0].removeprefix("GET ").lower() for one in answers for call in one["calls"]}
    assert named
    assert {name for name in named if name not in made and quote(name) not in made} == set()


async def test_who_may_read_half_gets_half_and_is_told_what_is_missing(bank: Bank) -> None:
    found = await bank.json("trainee", "pg-partners", "--control", _TLS, "--control", _INTERNET)
    (server,) = found["servers"]
    answers = {one["control"]: (one["status"], one["missing_permission"]) for one in server["findings"]}
    assert answers == {_TLS: ("ERROR", _CONFIGURATIONS), _INTERNET: ("PASS", "")}


async def test_the_table_says_it_in_one_screen_and_the_exit_code_in_one_number(bank: Bank) -> None:
    code, printed = await bank.audit("auditor", "--severity", "high", "--domain", "endpoint")
    assert code == 3
    assert "Public network access is disabled" in printed
    assert "pg-archive" in printed
    code, printed = await bank.audit("auditor", "pg-payments", "--control", _DOOR)
    assert (code, "✓ nothing fails" in printed) == (0, True)


@pytest.fixture(scope="module", params=[DESKTOP, PHONE])
def window(request: pytest.FixtureRequest) -> Iterator[Browser]:
    with a_browser(request.param) as opened:
        yield opened


@pytest.mark.browser
async def test_the_auditors_page_can_be_used_by_everybody(bank: Bank, window: Browser) -> None:
    path = bank.folder / "audit.html"
    await bank.audit("auditor", "--format", "html", "--output", str(path))
    window.open(path.as_uri())
    window.has_no_fault()
    assert window.complaints() == []
    assert "Public network access is disabled" in window.text
    assert "GET {server}?api-version=" in window.text


async def test_whoever_stops_reading_ends_the_audit_in_silence(bank: Bank) -> None:
    environment = {"HOLDFAST_CONNECT": str(bank.up), "HOLDFAST_AS": "auditor"}
    command = f"{shlex.quote(str(HOLDFAST))} audit --format json | head -c 1"
    assert await ended("bash", "-c", command, environment=environment) == (0, "{")
