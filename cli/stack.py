"""Everything on one machine: the emulated Azure, the local Functions host with the app, and the embedded store."""

import asyncio
import json
import os
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from cli.azure import Azure, Person
from cli.errors import CommandFailed
from cli.process import running
from shared.settings import ROOT
from shared.store.sqlite import SqliteStore
from shared.target import Target

DEMO_POLICY = Path(__file__).with_name("demo_policy.yaml")
_BASELINE_SECONDS = 60
# The settings with which the `holdfast` command reaches all of it (`--connect`).
_FOR_COMMANDS = (
    "HOLDFAST_STORE",
    "HOLDFAST_POLICY",
    "HOLDFAST_CONTROLS",
    "HOLDFAST_ARM_ENDPOINT",
    "HOLDFAST_SQL_ADDRESSES",
    "HOLDFAST_SQL_ROOT_CERTIFICATES",
    "IDENTITY_ENDPOINT",
    "IDENTITY_HEADER",
    "SSL_CERT_FILE",
)


@dataclass(frozen=True, slots=True)
class Stack:
    """What runs, and how to reach it."""

    azure: Azure
    host: Mapping[str, Any]
    store: SqliteStore
    database: Path
    environment: Mapping[str, str]
    log: Path | None

    def line(self) -> dict[str, Any]:
        """The JSON line: the emulator's own, and the host's doors."""
        return {
            **self.azure.address,
            "events": self.host["events"]["on_resource_change"],
            "alerts": {
                "event_hub": self.host["hubs"]["on_alert_batch"],
                "event_grid": self.host["events"]["on_alert"],
                "http": f"{self.host['http']}/api/alerts",
            },
            "http": self.host["http"],
            "pages": f"{self.host['http']}/api/overview",
            "function_key": self.host["function_key"],
            "master_key": self.host["master_key"],
            "store": f"sqlite:{self.database}",
            "environment": {name: self.environment[name] for name in _FOR_COMMANDS if name in self.environment},
        }

    async def sweep(self) -> None:
        """Run the hourly timer now."""
        url = f"{self.host['http']}/admin/functions/sweep"
        headers = {"x-functions-key": self.host["master_key"]}
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, json={"input": ""}, headers=headers) as answer,
        ):
            if answer.status != 202:
                raise CommandFailed(f"the sweep was not taken: {answer.status} {await answer.text()}")

    async def known(self, targets: list[Target]) -> None:
        """Wait until Holdfast has seen these servers once."""
        deadline = asyncio.get_running_loop().time() + _BASELINE_SECONDS
        waiting = list(targets)
        while waiting:
            waiting = [target for target in waiting if not (await self.store.load(target)).memory.seen]
            if asyncio.get_running_loop().time() > deadline:
                raise CommandFailed(f"not seen within {_BASELINE_SECONDS} s: {', '.join(t.name for t in waiting)}")
            await asyncio.sleep(0.02)


@asynccontextmanager
async def stack(
    *,
    policy: Path = DEMO_POLICY,
    fleet: Path | None = None,
    folder: Path | None = None,
    settings: Mapping[str, str] | None = None,
    exchange_log: Path | None = None,
    quiet: bool = False,
) -> AsyncIterator[Stack]:
    """Start everything, let Holdfast see the fleet once, and stop everything at the end.

    `settings` are further application settings; `quiet` keeps the host's log lines in a file.
    """
    async with AsyncExitStack() as held:
        place = folder or Path(held.enter_context(tempfile.TemporaryDirectory(prefix="holdfast-")))
        log = place / "host.log" if quiet else None
        options = [f"--fleet={fleet}"] if fleet else []
        options += [f"--exchange-log={exchange_log}"] if exchange_log else []
        emulated = await held.enter_async_context(
            running("emulator", *options, environment=os.environ, log=place / "emulator.log" if quiet else None)
        )
        azure = await held.enter_async_context(Azure(emulated).connected())
        database = place / "holdfast.db"
        people = place / "people.json"
        people.write_text(json.dumps(_people(emulated)))
        environment = _environment(emulated, database, policy, settings or {})
        host = await held.enter_async_context(
            running(
                "local_host",
                f"--app={ROOT}",
                f"--sqlite={database}",
                f"--sign-in={people}",
                environment=environment,
                log=log,
            )
        )
        store = SqliteStore(str(database))
        held.push_async_callback(store.close)
        made = Stack(azure, host, store, database, environment, log)
        await azure.subscribe(host["events"]["on_resource_change"])
        await azure.export_alerts(host["hubs"]["on_alert_batch"], host["function_key"])
        await made.sweep()
        await made.known(await azure.servers(Person("auditor")))
        yield made


def _people(emulated: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """The people of the fleet, as the local host signs them in."""
    return {
        key: {
            "name": one["user_principal_name"] or one["name"],
            "object_id": one["object_id"],
            "display_name": one["name"],
        }
        for key, one in emulated["principals"].items()
        if one["kind"] == "User"
    }


def _environment(
    emulated: Mapping[str, Any], database: Path, policy: Path, settings: Mapping[str, str]
) -> dict[str, str]:
    """The app's settings, as Azure would give them; nothing of the developer's own Azure sign-in comes along."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AZURE_", "HOLDFAST_"))}
    return {
        **inherited,
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")])),
        "PYTHONUNBUFFERED": "1",
        "SSL_CERT_FILE": emulated["ca"],
        "IDENTITY_ENDPOINT": emulated["identity_endpoint"],
        "IDENTITY_HEADER": emulated["identity_header"],
        "HOLDFAST_ARM_ENDPOINT": emulated["arm"],
        "HOLDFAST_TOPIC_ENDPOINT": emulated["topic_endpoint"],
        "HOLDFAST_TOPIC_KEY": emulated["topic_key"],
        "HOLDFAST_STORE": f"sqlite:{database}",
        "HOLDFAST_POLICY": str(policy.resolve()),
        # The emulated Azure has no limits to keep.
        "HOLDFAST_SWEEP_SPEED": "1000",
        **settings,
    }
