"""The parts of the application, each made when it is first needed: cold start pays for what it uses."""

from collections.abc import Callable
from functools import cached_property, partial
from typing import TYPE_CHECKING

from shared.errors import BadSettings
from shared.settings import Settings

if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncTokenCredential

    from shared.arm.azure import AzureArm
    from shared.arm.client import ArmClient
    from shared.arm.security_alerts import SecurityAlerts
    from shared.control import Catalogue
    from shared.engine import Engine
    from shared.notify.deliver import Delivery
    from shared.policy import Policy
    from shared.policy_keeper import PolicyKeeper, Source
    from shared.ports import Arm, Store
    from shared.store.azure_clients import AzureSettings
    from shared.sweeping import Sweeping
    from shared.web.app import Web


class Parts:
    """What the doors work with. `controls` loads the catalogue when it is first needed.

    Who does not `adopt` (a person's terminal) goes by the policy that the app has in force, and never changes which.
    """

    def __init__(self, settings: Settings, controls: Callable[[], "Catalogue"], *, adopts: bool = True) -> None:
        self.settings = settings
        self._controls, self._adopts = controls, adopts
        self._delivery: tuple[Policy, Delivery] | None = None

    @cached_property
    def store(self) -> "Store":
        """The store the settings name."""
        if self.settings.sqlite_path:
            from shared.store.sqlite import SqliteStore

            return SqliteStore(self.settings.sqlite_path)
        from shared.store.azure import AzureStore

        return AzureStore(self._account())

    @cached_property
    def credential(self) -> "AsyncTokenCredential":
        """Managed identity where the platform offers one, a developer's sign-in elsewhere."""
        from azure.identity import aio

        client_id = self.settings.client_id or None
        if self.settings.identity_endpoint:
            return aio.ManagedIdentityCredential(client_id=client_id)
        return aio.DefaultAzureCredential(managed_identity_client_id=client_id)

    def listen(self) -> None:
        """Tell how Holdfast itself fares, where the settings want it."""
        given = self.settings
        if not (given.insights or given.telemetry):
            return
        from shared.telemetry import record, start

        signs_in = self._insights_credential if given.identity_endpoint else None
        where = start.to_file(given.telemetry_file) if given.telemetry else start.to_azure(given.insights, signs_in)
        record.listen(start.listener(where, given.instance))

    @cached_property
    def client(self) -> "ArmClient":
        """The connection to Azure Resource Manager."""
        from shared.arm.client import ArmClient

        return ArmClient(self.settings.arm_endpoint, self.settings.arm_audience, self.credential)

    @cached_property
    def azure(self) -> "AzureArm":
        """Azure Resource Manager alone."""
        from shared.arm.azure import AzureArm

        return AzureArm(self.client, self.settings.subscription_ids)

    @cached_property
    def alerts(self) -> "SecurityAlerts":
        """Defender's alerts."""
        from shared.arm.security_alerts import SecurityAlerts

        return SecurityAlerts(self.client)

    async def subscriptions(self) -> tuple[str, ...]:
        """The subscriptions of the fleet: those of the settings, else those in which there are servers."""
        if self.settings.subscription_ids:
            return self.settings.subscription_ids
        return tuple(sorted({target.subscription async for target in self.arm.servers()}))

    @cached_property
    def arm(self) -> "Arm":
        """Azure Resource Manager, and the databases that the policy opens."""
        from shared.sql.databases import Databases
        from shared.sql.door import Addresses
        from shared.sql.routed import Routed

        given = self.settings
        addresses = Addresses.read(given.sql_addresses, given.sql_roots)
        return Routed(self.azure, Databases(self._database_token), addresses, self._policy, given.sql_user)

    @cached_property
    def catalogue(self) -> "Catalogue":
        """Every control, the owner's own among them. Raises BadControls: with half of them nothing is looked at."""
        shipped, folder = self._controls(), self.settings.controls_path
        if folder is None:
            return shipped
        from shared.own_controls import with_own

        return with_own(shipped, folder)

    @cached_property
    def policies(self) -> "PolicyKeeper":
        """Which policy is in force."""
        from shared.policy_file import load_policy_texts, require_current
        from shared.policy_keeper import PolicyKeeper

        load = partial(load_policy_texts, catalogue=self.catalogue)
        return PolicyKeeper(self._source(), self.store, load, require_current, adopts=self._adopts)

    @cached_property
    def engine(self) -> "Engine":
        """What looks at servers."""
        from shared.engine import Engine

        return Engine(self.store, self.arm, self.catalogue, self.policies.current)

    @cached_property
    def sweeping(self) -> "Sweeping":
        """What gives each server its turn."""
        from shared.journal import now
        from shared.pace import PACE
        from shared.sweeping import Sweeping

        return Sweeping(self.store, self.arm.servers, now, PACE.times(self.settings.sweep_speed))

    @cached_property
    def web(self) -> "Web":
        """What people see."""
        from shared.web.app import Web

        return Web(self.settings, lambda: self.store, lambda: self.catalogue, self.policies.current)

    async def delivery(self) -> "Delivery":
        """What tells people and machines, by the routes of the policy in force."""
        policy = await self.policies.current()
        if self._delivery is None or self._delivery[0] is not policy:
            from shared.notify.build import build_delivery

            # The one before is not closed: another delivery may be under way on it.
            links = await self.web.links()
            made = build_delivery(
                self.settings, policy, self.store, lambda: self.credential, links, lambda: self.alerts
            )
            self._delivery = policy, made
        return self._delivery[1]

    async def close(self) -> None:
        """Let go of everything that was opened."""
        if self._delivery is not None:
            await self._delivery[1].close()
        for name in ("azure" if "azure" in self.__dict__ else "client", "policies", "store"):
            if name in self.__dict__:
                await self.__dict__[name].close()

    def _source(self) -> "Source":
        from shared.policy_file import DEFAULT_POLICY, policy_texts
        from shared.policy_sources import Files

        blob = self.settings.policy_blob
        if blob is not None:
            from shared.store.policy_blobs import PolicyBlobs

            return PolicyBlobs(self._account(), *blob)
        return Files(self.settings.policy_path or DEFAULT_POLICY, policy_texts)

    async def _policy(self) -> "Policy":
        return await self.policies.current()

    def _insights_credential(self) -> object:
        """The exporters of telemetry work on threads of their own, and take none that is made for an event loop."""
        from azure import identity

        return identity.ManagedIdentityCredential(client_id=self.settings.client_id or None)

    async def _database_token(self) -> str:
        """What is shown to a database as the password. Raises Forbidden where there is none."""
        from shared.sql.token import token_for

        return await token_for(self.credential, self.settings.sql_audience)

    def _account(self) -> "AzureSettings":
        """The storage account. Raises BadSettings where there is none."""
        from shared.store.azure_clients import AccountUrls, AzureSettings

        if self.settings.storage_connection:
            return AzureSettings(self.settings.storage_connection)
        urls = [self.settings.service(name) for name in ("table", "queue", "blob")]
        if not all(urls):
            raise BadSettings("HOLDFAST_POLICY names a blob, and AzureWebJobsStorage names no storage account")
        return AzureSettings(account_urls=AccountUrls(*urls), credential=self.credential)
