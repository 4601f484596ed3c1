"""Puts the parts together, once per process, and each only when it is first needed: cold start pays for what it uses.

This is the one place that turns a failure into a record: whatever goes wrong while a message is handled is kept as a
dead letter that an operator can see, and the message goes back to its queue.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from functools import cache, cached_property
from itertools import batched
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from shared.envelopes import envelopes
from shared.errors import BadPolicy, HoldfastError, LeaseLost, MalformedEvent, StoreUnavailable
from shared.events import Ignored, dead_letter_body, read_event
from shared.journal import DeadLetter, Origin, Trigger, now
from shared.settings import Settings, read_settings
from shared.target import Subject, Target, parse_subject, parse_target

if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncTokenCredential

    from shared.arm.azure import AzureArm
    from shared.control import Catalogue
    from shared.engine import Engine
    from shared.notify.deliver import Delivery
    from shared.notify.links import Links
    from shared.policy import Policy
    from shared.ports import Store
    from shared.web.app import Web
    from shared.web.http import Request, Response

log = logging.getLogger("holdfast")
_AT_ONCE = 32
_AFTER_POISON_SECONDS = 600
_NOT_A_MESSAGE = (ValueError, TypeError, KeyError, RecursionError, MalformedEvent)


@cache
def instance(controls: Callable[[], "Catalogue"]) -> "Holdfast":
    """The process's one instance, from the environment."""
    return Holdfast(read_settings(), controls)


class Holdfast:
    """The application: what each door does. `controls` loads the catalogue when it is first needed."""

    def __init__(self, settings: Settings, controls: Callable[[], "Catalogue"]) -> None:
        self._settings = settings
        self._controls = controls
        self._links: Links | None = None

    # -- doors ----------------------------------------------------------------------------------------------------

    async def receive(self, event: object) -> None:
        """Take one event in. What is not ours is ignored; what is malformed is kept as a dead letter."""
        await self._take_in(envelope_of(event), authentic=False)

    async def receive_queued(self, body: bytes) -> None:
        """Take in what Event Grid wrote into our own queue, where its identity alone may write: the claims are true."""
        try:
            found = envelopes(body)
        except MalformedEvent as error:
            await self._bury("event", str(error), body.decode("utf-8", "replace"))
            return
        for envelope in found:
            await self._take_in(envelope, authentic=True)

    async def reconcile(self, body: bytes) -> None:
        """Look at the server that a queue message names."""
        target = await self._subject("reconcile", body, parse_target)
        if target is not None:
            await self._recorded("reconcile", target, lambda: self.engine.reconcile(target))

    async def deliver(self, body: bytes) -> None:
        """Empty the outbox of the server, or of the fleet, that a queue message names."""
        target = await self._subject("deliver", body, parse_subject)
        if target is not None:
            await self._recorded("deliver", target, lambda: self._deliver(target))

    async def sweep(self) -> None:
        """Have every server of the fleet looked at."""
        at = now()
        found = [target async for target in self.arm.servers()]
        for some in batched(found, _AT_ONCE, strict=False):
            await asyncio.gather(*(self.store.remember(_swept(target, at)) for target in some))
        log.info("sweep: %d servers are looked at", len(found))

    async def bury(self, queue: str, body: bytes) -> None:
        """Keep a poison message as a dead letter, and have its server looked at again in a while: what killed five
        workers in a row may be over by then."""
        text = body.decode("utf-8", "replace")
        await self._bury(queue, "failed again and again; the letter before this one says why", text)
        try:
            waking = self._waking(queue, text)
        except _NOT_A_MESSAGE:
            return
        await waking

    async def health(self) -> tuple[int, str]:
        """HTTP status and JSON: whether settings, policy and store are usable."""
        checks: dict[str, str] = {}
        for name, check in (("policy", self._check_policy), ("store", self._check_store)):
            try:
                checks[name] = await check()
            except HoldfastError as error:
                checks[name] = f"failed: {error}"
        healthy = not any(text.startswith("failed") for text in checks.values())
        return (200 if healthy else 503), json.dumps({"healthy": healthy, **checks})

    async def page(self, name: str, request: "Request") -> "Response":
        """Answer a person's browser."""
        return await self.web.answer(name, request)

    async def close(self) -> None:
        """Let go of everything that was opened."""
        for name in ("arm", "store", "delivery"):
            if name in self.__dict__:
                await self.__dict__[name].close()

    # -- parts ----------------------------------------------------------------------------------------------------

    @cached_property
    def store(self) -> "Store":
        """The store the settings name."""
        if self._settings.sqlite_path:
            from shared.store.sqlite import SqliteStore

            return SqliteStore(self._settings.sqlite_path)
        from shared.store.azure import AzureStore
        from shared.store.azure_clients import AccountUrls, AzureSettings

        if self._settings.storage_connection:
            return AzureStore(AzureSettings(self._settings.storage_connection))
        urls = AccountUrls(*(self._settings.service(name) for name in ("table", "queue", "blob")))
        return AzureStore(AzureSettings(account_urls=urls, credential=self.credential))

    @cached_property
    def credential(self) -> "AsyncTokenCredential":
        """Managed identity where the platform offers one, a developer's sign-in elsewhere."""
        from azure.identity import aio

        client_id = self._settings.client_id or None
        if self._settings.identity_endpoint:
            return aio.ManagedIdentityCredential(client_id=client_id)
        return aio.DefaultAzureCredential(managed_identity_client_id=client_id)

    @cached_property
    def arm(self) -> "AzureArm":
        """Azure Resource Manager."""
        from shared.arm.azure import AzureArm
        from shared.arm.client import ArmClient

        client = ArmClient(self._settings.arm_endpoint, self._settings.arm_audience, self.credential)
        return AzureArm(client, self._settings.subscription_ids)

    @cached_property
    def catalogue(self) -> "Catalogue":
        """Every control."""
        return self._controls()

    @cached_property
    def policy(self) -> "Policy":
        """The owner's policy. Raises BadPolicy."""
        from shared.policy_file import default_policy, load_policy_file

        path = self._settings.policy_path
        return load_policy_file(path, self.catalogue) if path else default_policy(self.catalogue)

    @cached_property
    def engine(self) -> "Engine":
        """What looks at servers."""
        from shared.engine import Engine

        return Engine(self.store, self.arm, self.catalogue, self._policy_in_force)

    @cached_property
    def delivery(self) -> "Delivery":
        """What tells people and machines."""
        from shared.notify.build import build_delivery

        return build_delivery(self._settings, self.policy, self.store, lambda: self.credential, self._links)

    async def _policy_in_force(self) -> "Policy":
        return self.policy

    @cached_property
    def web(self) -> "Web":
        """What people see."""
        from shared.web.app import Web

        return Web(self._settings, lambda: self.store, lambda: self.catalogue, self._policy_in_force)

    async def _deliver(self, target: Subject) -> None:
        if self._links is None:
            self._links = await self.web.links()
        await self.delivery.deliver(target)

    # -- events ---------------------------------------------------------------------------------------------------

    async def _take_in(self, envelope: Any, *, authentic: bool) -> None:
        try:
            read = read_event(envelope, authentic=authentic)
        except MalformedEvent as error:
            id_ = envelope.get("id") if isinstance(envelope, Mapping) else None
            await self._bury("event", str(error), dead_letter_body(envelope), str(id_ or ""))
            return
        if isinstance(read, Ignored):
            log.debug("ignored: %s", read.reason)
            return
        await self.store.remember(read)
        log.info("event %s on %s", read.operation, read.target)

    # -- failures -------------------------------------------------------------------------------------------------

    def _waking(self, queue: str, text: str) -> Awaitable[None]:
        if queue == "reconcile":
            return self.store.wake(_named(text, parse_target), _AFTER_POISON_SECONDS)
        return self.store.wake_delivery(_named(text, parse_subject), _AFTER_POISON_SECONDS)

    async def _subject[S: Subject](self, queue: str, body: bytes, parse: Callable[[str], S]) -> S | None:
        text = body.decode("utf-8", "replace")
        try:
            return _named(text, parse)
        except _NOT_A_MESSAGE as error:
            await self._bury(queue, f"not a work message: {error}", text)
            return None

    async def _recorded(self, queue: str, target: Subject, work: Callable[[], Awaitable[None]]) -> None:
        """Do the work; a failure is kept where an operator sees it, and the host gives the message back."""
        try:
            await work()
        except (LeaseLost, StoreUnavailable) as error:
            log.warning("%s of %s starts over: %s", queue, target, error)
            raise
        except Exception as error:
            reason = str(error) if isinstance(error, HoldfastError) else f"{type(error).__name__}: {error}"
            log.exception("%s of %s failed", queue, target)
            letter = DeadLetter(f"{queue}:{target.id}", queue, reason, json.dumps({"target": target.id}), now())
            await self.store.bury(letter)
            raise

    async def _bury(self, source: str, reason: str, body: str, id_: str = "") -> None:
        log.warning("dead letter from %s: %s", source, reason)
        await self.store.bury(DeadLetter(id_ or str(uuid4()), source, reason, body, now()))

    async def _check_policy(self) -> str:
        try:
            return f"version {self.policy.version}, mode {self.policy.mode}"
        except OSError as error:
            raise BadPolicy(f"{self._settings.policy_path}: {error.strerror}") from error

    async def _check_store(self) -> str:
        await self.store.ping()
        return "reachable"


def _named[S: Subject](text: str, parse: Callable[[str], S]) -> S:
    """What a queue message names. Raises one of _NOT_A_MESSAGE."""
    return parse(str(json.loads(text)["target"]))


def _swept(target: Target, at: datetime) -> Trigger:
    return Trigger(f"sweep-{at:%Y%m%dT%H%M}", target.id, "*", "", at, Origin.SWEEP)


def envelope_of(event: Any) -> Mapping[str, Any]:
    """The event as it came over the wire, whichever class the worker library made of it."""
    common = {"id": event.id, "subject": event.subject, "data": event.get_json()}
    if hasattr(event, "specversion"):
        time = event.time.isoformat() if event.time else None
        return {**common, "specversion": event.specversion, "source": event.source, "type": event.type, "time": time}
    time = event.event_time.isoformat() if event.event_time else None
    return {**common, "topic": event.topic, "eventType": event.event_type, "eventTime": time}
