"""The story about keys: somebody takes a server's right to its key away, once in each of a vault's two models.

Without its key the server would refuse every connection within the hour; how long it is without is measured here.
"""

import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from cli.azure import Person
from cli.receiver import Receiver
from cli.scene import AUDITOR, Scene, demand
from cli.show import message_panel, steps
from cli.stack import stack
from shared.journal import Stage
from shared.target import Target, parse_target

_POLICY = Path(__file__).with_name("key_policy.yaml")
_PRODUCTION = "/subscriptions/9c1d7e42-0b5f-4d38-8a66-1f2e3d4c5b6a/resourceGroups"
LEDGER = f"{_PRODUCTION}/rg-payments/providers/Microsoft.DBforPostgreSQL/flexibleServers/pg-ledger"
_VAULT = f"{_PRODUCTION}/rg-platform/providers/Microsoft.KeyVault/vaults/kv-contoso-pg"
_IDENTITY = f"{_PRODUCTION}/rg-platform/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-postgres-keys"
_LOCK = f"{_VAULT}/providers/Microsoft.Authorization/locks/keep"
_ROLES, _VAULTS, _IDENTITIES = "2022-04-01", "2023-07-01", "2023-01-31"
_NEEDED = {"get", "wrapkey", "unwrapkey"}
_ADA = Person("ada")


async def tell(console: Console) -> None:
    """Tell the story. Raises CommandFailed at the first step that did not happen."""
    began = time.perf_counter()
    console.print("\n[bold]Holdfast[/] gives a server the right to its key back.")
    console.print("[dim]Starting: an emulated Azure, the Functions app on a local host, an embedded store …[/]")
    async with Receiver().listening() as receiver:
        settings = {"HOLDFAST_ONCALL_URL": receiver.apprise_url}
        async with stack(policy=_POLICY, settings=settings, quiet=True) as running:
            await _play(Scene(console, running, receiver))
    console.print(f"\n[bold green]✓ Every step happened[/] [dim]({time.perf_counter() - began:.1f} s in all)[/]\n")


async def _play(scene: Scene) -> None:
    target = parse_target(LEDGER)
    found = await scene.azure.call(AUDITOR, "GET", _IDENTITY, api_version=_IDENTITIES)
    principal = found["properties"]["principalId"]
    # Under a lock nobody takes a role away, not even its owner.
    await scene.azure.call(_ADA, "DELETE", _LOCK, api_version="2020-05-01")
    scene.begin("A role is taken away")
    scene.say("pg-ledger reaches its key in kv-contoso-pg as id-postgres-keys.")
    (role,) = await _roles(scene, principal)

    async def take_role() -> None:
        await scene.azure.call(_ADA, "DELETE", role, api_version=_ROLES)

    await _restored(scene, target, "Ada Admin deletes the role assignment of the identity at the vault", take_role)
    demand(await _roles(scene, principal) == [role], "the role assignment is not as it was")
    await _to_policies(scene, target)
    scene.begin("An access policy is taken away")

    async def take_policy() -> None:
        entries = [one for one in await _policies(scene) if one["objectId"] == principal]
        body = {"properties": {"accessPolicies": entries}}
        await scene.azure.call(_ADA, "PUT", f"{_VAULT}/accessPolicies/remove", body, _VAULTS)

    await _restored(scene, target, "Ada Admin removes the identity from the vault's access policies", take_policy)
    (entry,) = [one for one in await _policies(scene) if one["objectId"] == principal]
    demand({word.lower() for word in entry["permissions"]["keys"]} >= _NEEDED, "the access policy gives too little")


async def _to_policies(scene: Scene, target: Target) -> None:
    scene.begin("The vault goes over to access policies")

    async def switch() -> None:
        body = {"properties": {"enableRbacAuthorization": False}}
        await scene.azure.call(_ADA, "PATCH", _VAULT, body, _VAULTS)

    await _restored(scene, target, "Ada Admin switches the vault's permission model: no role counts any more", switch)


async def _restored(scene: Scene, target: Target, told: str, take: Callable[[], Awaitable[None]]) -> None:
    known, heard = await scene.records(target), scene.told
    await scene.azure.control("DELETE", "/calls")
    await take()
    began = time.perf_counter()
    scene.say(f"[red]●[/] {escape(told)}")
    proven = await scene.entry(target, Stage.PROVEN, known, "the right did not come back")
    seconds, calls = time.perf_counter() - began, await scene.calls()
    scene.say(
        steps(
            (
                "[green]●[/] [bold green]restored[/]",
                f"{seconds:.2f} s from removal to proof, {len(calls)} calls to Azure",
            ),
            ("", f"[dim]{escape(proven.report.outcome)}[/]"),
        )
    )
    scene.say(message_panel(await scene.message(heard, "nobody was told")))


async def _roles(scene: Scene, principal: str) -> list[str]:
    path = f"{_VAULT}/providers/Microsoft.Authorization/roleAssignments"
    found = await scene.azure.call(AUDITOR, "GET", path, api_version=_ROLES)
    return [one["id"] for one in found["value"] if one["properties"]["principalId"] == principal]


async def _policies(scene: Scene) -> list[dict[str, Any]]:
    found = await scene.azure.call(AUDITOR, "GET", _VAULT, api_version=_VAULTS)
    return list(found["properties"]["accessPolicies"])
