"""Ways to start everything: as `holdfast up` does, or piece by piece, so that pieces can be killed or doubled."""

import os
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Any

from cli.azure import Azure
from shared.ports import Store
from shared.store.azure import AzureStore
from shared.store.azure_clients import AzureSettings
from shared.store.sqlite import SqliteStore
from tests.e2e.exchanges import Exchanges
from tests.e2e.fleet import SMALL, Fleet, Sort
from tests.e2e.inbox import Inbox
from tests.e2e.processes import HOLDFAST, ROOT, Process
from tests.e2e.server import AUDITOR
from tests.e2e.world import World, policy, seen

# The same after a host was started again.
_KEYS = {"master_key": "the-master-key-of-these-tests", "function_key": "the-function-key-of-these-tests"}
# Event Grid waits 10 s before it tries again, then ever longer; these tests have less time.
_TIME_SCALE = 0.002
_LOCAL_HOST = (sys.executable, "-m", "local_host")


@contextmanager
def an_inbox() -> Iterator[Inbox]:
    """An open inbox, closed at the end."""
    inbox = Inbox()
    inbox.open()
    try:
        yield inbox
    finally:
        inbox.close()


@asynccontextmanager
async def holdfast_up(
    folder: Path, exchanges: Exchanges, rules: Path | None = None, fleet: Fleet | None = None
) -> AsyncIterator[World]:
    """`holdfast up` as a user types it."""
    fleet = fleet or Fleet(folder / "fleet.json")
    options = [f"--policy={rules or policy()}", f"--fleet={fleet.path}", f"--exchange-log={exchanges.log()}"]
    async with AsyncExitStack() as held:
        inbox = held.enter_context(an_inbox())
        process = Process([HOLDFAST, "up", *options], folder / "up.log", {"ONCALL_URL": inbox.url})
        held.push_async_callback(process.stop)
        line = await process.start()
        azure = await held.enter_async_context(Azure(line).connected())
        store = SqliteStore(line["store"].removeprefix("sqlite:"))
        held.push_async_callback(store.close)
        await seen(store, await azure.servers(AUDITOR))
        world = World(line, azure, store, fleet, inbox)
        yield world
        await world.nobody_saw_a_stack_trace()
        assert await process.stop() == 0


@asynccontextmanager
async def pieces(
    folder: Path,
    exchanges: Exchanges,
    *,
    storage: str = "",
    hosts: int = 1,
    rules: Path | None = None,
    how_many: Mapping[Sort, int] = SMALL,
    command: Callable[[int], Sequence[str | Path]] = lambda _number: _LOCAL_HOST,
) -> AsyncIterator[World]:
    """An emulator, and hosts on one store: a SQLite file, or the storage account of a connection string.

    `command` says how the host of a number is started.
    """
    fleet = Fleet(folder / "fleet.json", how_many)
    options = [f"--fleet={fleet.path}", f"--exchange-log={exchanges.log()}", f"--time-scale={_TIME_SCALE}"]
    async with AsyncExitStack() as held:
        inbox = held.enter_context(an_inbox())
        emulator = Process([sys.executable, "-m", "emulator", *options], folder / "emulator.log")
        held.push_async_callback(emulator.stop)
        address = await emulator.start()
        azure = await held.enter_async_context(Azure(address).connected())
        database = folder / "holdfast.db"
        settings = _settings(address, inbox, rules or policy(), storage, database)
        started = [_host(command(number), folder, number, storage, database, settings) for number in range(hosts)]
        lines = []
        for number, host in enumerate(started):
            held.push_async_callback(host.stop)
            lines.append(await host.start())
            host.always(f"--port={lines[-1]['http'].rpartition(':')[2]}")
            await azure.control("POST", "/subscriptions", _subscription(number, lines[-1]))
        await azure.export_alerts(lines[0]["hubs"]["on_alert_batch"], _KEYS["function_key"])
        store = _store(storage, database)
        held.push_async_callback(store.close)
        line = {**address, "http": lines[0]["http"], "events": lines[0]["events"]["on_resource_change"]}
        line |= {**_KEYS, "store": f"sqlite:{database}", "storage": storage}
        world = World(line, azure, store, fleet, inbox, started)
        await world.sweep()
        await seen(store, await azure.servers(AUDITOR))
        yield world
        await world.nobody_saw_a_stack_trace()


def let_time_pass(database: Path, seconds: float) -> None:
    """What waiting does to a store that nobody uses: leases end, and hidden messages come back."""
    with closing(sqlite3.connect(database, timeout=5)) as connection, connection:
        connection.execute("UPDATE leases SET expires_at = expires_at - ?", (seconds,))
        connection.execute("UPDATE queue_messages SET visible_at = visible_at - ?", (seconds,))


def _host(
    command: Sequence[str | Path],
    folder: Path,
    number: int,
    storage: str,
    database: Path,
    settings: Mapping[str, str],
) -> Process:
    store = ["--storage", storage] if storage else ["--sqlite", database]
    # A killed host's messages come back after a lease, in Azure after ten minutes.
    keys = [f"--{name.replace('_', '-')}={key}" for name, key in _KEYS.items()]
    options = ["--app", ROOT, *store, *keys, "--lease-seconds=2", "--no-timers"]
    return Process([*command, *options], folder / f"host-{number}.log", settings)


def _settings(address: Mapping[str, Any], inbox: Inbox, rules: Path, storage: str, database: Path) -> dict[str, str]:
    """The app's settings, as a Function App has them."""
    where = {"AzureWebJobsStorage": storage} if storage else {"HOLDFAST_STORE": f"sqlite:{database}"}
    return where | {
        "SSL_CERT_FILE": address["ca"],
        "IDENTITY_ENDPOINT": address["identity_endpoint"],
        "IDENTITY_HEADER": address["identity_header"],
        "HOLDFAST_ARM_ENDPOINT": address["arm"],
        "HOLDFAST_TOPIC_ENDPOINT": address["topic_endpoint"],
        "HOLDFAST_TOPIC_KEY": address["topic_key"],
        "HOLDFAST_POLICY": os.fspath(rules),
        "HOLDFAST_POLL_ALERTS": "true",
        "HOLDFAST_SWEEP_SPEED": "1000",
        "ONCALL_URL": inbox.url,
    }


def _store(storage: str, database: Path) -> Store:
    return AzureStore(AzureSettings(storage)) if storage else SqliteStore(database)


def _subscription(number: int, line: Mapping[str, Any]) -> dict[str, str]:
    return {"name": f"holdfast-{number}", "endpoint": line["events"]["on_resource_change"]}
