"""Puts the parts together and runs them: HTTPS for ARM and topics, plain HTTP for identity and control."""

import contextlib
import ssl
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import trustme
from aiohttp import web

from emulator import metadata
from emulator.access import Access
from emulator.activity import ActivityLog
from emulator.address import Address
from emulator.arm.door import Door
from emulator.arm.exchange_log import ExchangeLog
from emulator.arm.faults import Faults
from emulator.arm.operations import Operations
from emulator.arm.registry import Registry, ResourceType
from emulator.arm.store import Store
from emulator.clock import Clock
from emulator.control import Control
from emulator.defender.export import Export
from emulator.fleet import Fleet, default_fleet
from emulator.grid.courier import Courier
from emulator.grid.happenings import Happening, notification_event, resource_event
from emulator.grid.subscriptions import SubscriptionSpec
from emulator.grid.topics import Topics
from emulator.identity import IdentityEndpoint
from emulator.ids import subscription_of
from emulator.resources import all_types
from emulator.resources.around.vault_keys import newest_keys
from emulator.seed import seed
from emulator.settings import Settings
from emulator.tokens import Tokens
from emulator.tree import Tree
from emulator.vaults.door import VaultDoor, is_for_a_vault
from emulator.vaults.news import News
from emulator.world import World

_PATIENCE_SECONDS = 1.0  # with requests that are being answered when it stops


class Emulator:
    """An Azure for one test or one demo; `async with emulator.running() as address` starts and stops it."""

    def __init__(
        self,
        fleet: Fleet | None = None,
        settings: Settings | None = None,
        subscriptions: Sequence[SubscriptionSpec] = (),
        more_types: Sequence[ResourceType] = (),
    ) -> None:
        self.fleet = fleet or default_fleet()
        self.settings = settings or Settings()
        self._given = tuple(subscriptions)
        registry = Registry([*all_types(), *more_types])
        self.clock = Clock()
        self.world = self._new_world(registry)
        self.tokens = Tokens(self.world.access, self.clock, self.fleet.tenant_id, self.settings.token_seconds)
        self.courier = Courier(self.clock, self.settings)
        self.topics = Topics(self.fleet.topics, self.tokens)
        self.faults = Faults()
        self._log = ExchangeLog(self.settings.exchange_log)
        self.door = Door(self.world, registry, self.tokens, self.faults, self._log, self._happened)
        self._vaults = VaultDoor(self.world, self.tokens, self.faults, self.door.calls, self._log)
        self.control = Control(self.world, self.door, self.faults, self.courier, self.topics, self.reset)
        self._identity = IdentityEndpoint(self.world.access, self.tokens, self.fleet.site)

    def _new_world(self, registry: Registry) -> World:
        tree = Tree(self.fleet)
        operations = Operations(self.clock, self.settings.retry_after_seconds)
        world = World(
            self.fleet,
            self.settings,
            self.clock,
            Store(),
            tree,
            Access(self.fleet, tree),
            operations,
            ActivityLog(self.clock, self.fleet.tenant_id, self.settings.activity_log_lag_seconds),
            registry.in_graph(),
            Export(self.settings.time_scale),
            News(self.clock),
            self.settings.operation_seconds,
        )
        seed(world)
        return world

    def reset(self) -> None:
        """Bring back the fleet as it was given; forget calls, events and faults. Subscriptions and tokens stay."""
        self.clock.stop()
        self.world.store = Store()
        self.world.access.reset()
        self.world.operations.clear()
        self.world.metrics.clear()
        self.world.standings.clear()
        self.world.news.close()
        self.world.activity.clear()
        self.world.activity.lag_seconds = self.settings.activity_log_lag_seconds
        self.world.operation_seconds = self.settings.operation_seconds
        seed(self.world)
        self.faults.clear()
        self.courier.clear()
        self.world.news.open(self.courier.publish, newest_keys(self.world))
        self.topics.clear()
        self.world.export.clear()
        self.door.calls.clear()

    def _happened(self, happening: Happening) -> None:
        now = self.clock.now()
        self.world.activity.add(happening, "Failed" if happening.failed else "Succeeded")
        if not subscription_of(happening.resource_id):
            return  # what is above subscriptions raises no events of theirs
        event = resource_event(happening, now, self.fleet.tenant_id)
        self.courier.publish(event)
        if self.settings.resource_notifications and not happening.failed:
            self._notify(happening)

    def _notify(self, happening: Happening) -> None:
        resource = self.world.store.get(happening.resource_id)
        row_of = self.world.graph.get(resource.type.lower()) if resource else None
        if resource is not None and row_of is not None:
            self.courier.publish(notification_event(row_of(self.world, resource), self.clock.now()))

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Address]:
        """Serve until the block ends."""
        with tempfile.TemporaryDirectory(prefix="emulator-") as folder:
            ca_file = self.settings.ca_file or Path(folder) / "ca.pem"
            async with contextlib.AsyncExitStack() as stack:
                stack.callback(self._log.close)
                await self.courier.start()
                stack.push_async_callback(self.courier.stop)
                self.world.news.open(self.courier.publish, newest_keys(self.world))
                stack.push_async_callback(self.world.export.stop)
                stack.callback(self.clock.stop)
                address = await self._serve(stack, ca_file)
                for spec in self._given:
                    self.courier.subscribe_when_ready(spec)
                yield address

    async def _serve(self, stack: contextlib.AsyncExitStack, ca_file: Path) -> Address:
        settings = self.settings
        tls = _tls(settings.host, ca_file)
        safe = await _listen(stack, self._safe_routes(), settings.host, settings.port, tls)
        plain = await _listen(stack, self._plain_routes(), settings.host, settings.plain_port, None)
        arm, http = f"https://{settings.host}:{safe}", f"http://{settings.host}:{plain}"
        # SDKs ask for a token for the address they speak to
        self.tokens.audiences |= {arm, f"https://localhost:{safe}"}
        return self._address(arm, http, ca_file)

    def _address(self, arm: str, http: str, ca_file: Path) -> Address:
        callers = self.world.access.callers
        return Address(
            arm=arm,
            ca=str(ca_file),
            identity_endpoint=f"{http}/msi/token",
            identity_header=self.world.access.app.identity_header,
            control=f"{http}/_control",
            control_secret=self.control.secret,
            topic_endpoint=f"{arm}/topics/{self.fleet.topics[0]}/api/events",
            topic_key=self.topics.key,
            principals={
                key: {
                    "identity_header": one.identity_header,
                    "object_id": one.principal.object_id,
                    "name": one.principal.display_name,
                    "kind": one.principal.kind,
                    "user_principal_name": one.principal.user_principal_name,
                }
                for key, one in callers.items()
            },
        )

    def _safe_routes(self) -> list[web.RouteDef]:
        return [
            web.get("/metadata/endpoints", metadata.endpoints),
            web.post("/topics/{name}/api/events", self.topics.answer),
            web.route("*", "/vaults/{path:.*}", self._vaults.answer),
            web.route("*", "/{path:.*}", self._by_host),
        ]

    async def _by_host(self, request: web.Request) -> web.StreamResponse:
        return await (self._vaults if is_for_a_vault(request) else self.door).answer(request)

    def _plain_routes(self) -> list[web.RouteDef]:
        return [web.get("/msi/token", self._identity.answer), *self.control.routes()]


async def _listen(
    stack: contextlib.AsyncExitStack, routes: list[web.RouteDef], host: str, port: int, tls: ssl.SSLContext | None
) -> int:
    application = web.Application()
    application.router.add_routes(routes)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=_PATIENCE_SECONDS)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, host, port, ssl_context=tls).start()
    taken: int = runner.addresses[0][1]
    return taken


def _tls(host: str, ca_file: Path) -> ssl.SSLContext:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(ca_file))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(host, "127.0.0.1", "localhost", "*.vault.azure.net").configure_cert(context)
    return context
