"""`python -m bench.calls`: how many ARM calls a look costs, on each kind of server, counted at the emulated Azure.

A whole look reads what every control needs; a targeted one what the controls need that an operation can break. No
write is counted here: each resource that is mended is one more call, and its proof the same reads again.
"""

import asyncio
import os
from collections.abc import Iterable, Mapping, Sequence

from azure.identity.aio import ManagedIdentityCredential
from rich import box
from rich.console import Console
from rich.table import Table

from emulator.app import Emulator
from emulator.fleet import DEFAULT_FLEET, Fleet
from emulator.settings import Settings
from remediators import load_all
from shared.arm.azure import AzureArm
from shared.arm.client import Answer, ArmClient, Call
from shared.control import Control
from shared.journal import Trigger, now
from shared.memory import Memory
from shared.select import facets_of, facets_to_read
from shared.state import Facet
from shared.target import Kind, Target

# What hangs on a server without being its own: its events come with the server's.
_ATTACHED = {
    "microsoft.authorization/locks",
    "microsoft.authorization/roleassignments",
    "microsoft.insights/diagnosticsettings",
    "microsoft.security/advancedthreatprotectionsettings",
}
_SERVERS = {Kind.FLEXIBLE: "pg-ledger", Kind.SINGLE: "pg-reporting", Kind.CITUS: "pg-risk"}


class Counting:
    """A client that counts."""

    def __init__(self, client: ArmClient) -> None:
        self._client, self.calls = client, 0

    async def send(self, call: Call) -> Answer:
        """Send one request."""
        self.calls += 1
        return await self._client.send(call)

    async def follow(self, url: str, call: Call) -> Answer:
        """GET an address that ARM itself gave us."""
        self.calls += 1
        return await self._client.follow(url, call)

    async def identity(self) -> frozenset[str]:
        """Our own ids; no call to ARM."""
        return await self._client.identity()


def main() -> None:
    """Count and print."""
    asyncio.run(_main())


async def _main() -> None:
    async with Emulator(Fleet.load(DEFAULT_FLEET), Settings()).running() as azure:
        os.environ.update(azure.environment())
        client = ArmClient(azure.arm, "https://management.azure.com", ManagedIdentityCredential(), azure.tls())
        try:
            await _print(client)
        finally:
            await client.close()


async def _print(client: ArmClient) -> None:
    counting = Counting(client)
    arm = AzureArm(counting)  # type: ignore[arg-type]
    targets = [target async for target in arm.servers() if target.name == _SERVERS[target.kind]]
    cards = {kind: [one.control.on(kind) for one in load_all().values() if kind in one.control.kinds] for kind in Kind}
    unasked = {kind: [card for card in held if not card.optional] for kind, held in cards.items()}
    table = Table("a look at", *(_name(target) for target in targets), box=box.MARKDOWN)
    for name, chosen in (("what is held unasked", unasked), ("what every control needs", cards)):
        whole = [await _cost(counting, arm, target, facets_of(chosen[target.kind])) for target in targets]
        pairs = zip(targets, whole, strict=True)
        table.add_row(name, *(f"{calls} ({len(chosen[target.kind])} controls)" for target, calls in pairs))
    for operations, costs in (await _by_cost(counting, arm, targets, cards)).items():
        table.add_row(f"after `{operations}`", *costs)
    Console(highlight=False, width=160).print(table)


def _name(target: Target) -> str:
    return target.kind.name.lower()


async def _by_cost(
    counting: Counting, arm: AzureArm, targets: Sequence[Target], cards: Mapping[Kind, Sequence[Control]]
) -> dict[str, tuple[str, ...]]:
    """What each operation costs; those of one resource type that cost the same are one row."""
    found: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for operation in sorted({one for held in cards.values() for card in held for one in card.operations}):
        kind, _, verb = operation.rpartition("/")
        if "." in kind and kind not in _ATTACHED:
            continue
        costs = tuple([await _targeted(counting, arm, target, cards[target.kind], operation) for target in targets])
        if any(costs):
            found.setdefault((kind, costs), []).append(verb)
    return {f"{kind}/{','.join(verbs)}".lstrip("/"): costs for (kind, costs), verbs in found.items()}


async def _targeted(counting: Counting, arm: AzureArm, target: Target, cards: Sequence[Control], operation: str) -> str:
    kind = operation.rpartition("/")[0]
    name = "log_connections" if kind.endswith("configurations") else "one"
    child = f"{'providers/' if '.' in kind else ''}{kind}/{name}" if kind else ""
    trigger = Trigger("one", target.id, operation, child, now(), received_at=now())
    facets = facets_to_read(cards, [trigger], Memory(seen=("server",)))
    return str(await _cost(counting, arm, target, facets)) if facets else ""


async def _cost(counting: Counting, arm: AzureArm, target: Target, facets: Iterable[Facet]) -> int:
    counting.calls = 0
    await arm.observe(target, facets)
    return counting.calls


if __name__ == "__main__":
    main()
