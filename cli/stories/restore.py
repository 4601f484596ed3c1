"""The story of a restore: the copy of a server appears naked, gets what protects its source, and a person is asked for
what lets somebody in."""

import time
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cli.azure import Person
from cli.receiver import Receiver
from cli.scene import AUDITOR, Scene, demand
from cli.show import message_panel, steps
from cli.stack import stack
from cli.stories.drift import PARTNERS
from remediators import load_all
from shared import approvals
from shared.approvals import Verdict
from shared.journal import Actor, Entry, Stage, now
from shared.notify.wording import setting_words, way_words
from shared.policy_file import load_policy_file
from shared.target import parse_target

POLICY = Path(__file__).with_name("restore_policy.yaml")
_SOURCE, _COPY = parse_target(PARTNERS), parse_target(f"{PARTNERS}-restored")
_LOCK = "/providers/Microsoft.Authorization/locks/keep"
_RULES = "/firewallRules"


async def tell(console: Console) -> None:
    """Tell the story. Raises CommandFailed at the first step that did not happen."""
    began = time.perf_counter()
    console.print("\n[bold]Holdfast[/] gives a restored server what protects the server it was made from.")
    console.print("[dim]Starting: an emulated Azure, the Functions app on a local host, an embedded store …[/]")
    async with Receiver().listening() as receiver:
        settings = {"HOLDFAST_ONCALL_URL": receiver.apprise_url}
        async with stack(policy=POLICY, settings=settings, quiet=True) as running:
            await _play(Scene(console, running, receiver))
    console.print(f"\n[bold green]✓ Every step happened[/] [dim]({time.perf_counter() - began:.1f} s in all)[/]\n")


async def _play(scene: Scene) -> None:
    await _source_is_well_kept(scene)
    before = await _everything(scene, _SOURCE.id)
    waits = await _restored(scene)
    await _allowed(scene, waits)
    demand(await _everything(scene, _SOURCE.id) == before, "the source was changed")
    scene.say(f"[green]●[/] {_SOURCE.name} was only read; the copy goes its own way from now on")


async def _source_is_well_kept(scene: Scene) -> None:
    """The source has a lock, and a standby, which costs as much as the server."""
    standby = {"properties": {"highAvailability": {"mode": "ZoneRedundant"}}}
    await scene.azure.call(Person("ada"), "PATCH", PARTNERS, standby)
    lock = {"properties": {"level": "CanNotDelete", "notes": "ask the platform team"}}
    await scene.azure.call(Person("ada"), "PUT", f"{PARTNERS}{_LOCK}", lock, "2020-05-01")


async def _restored(scene: Scene) -> Entry:
    """Somebody restores the server; what is safe is copied at once, with one message that says everything."""
    scene.begin("A server is restored to yesterday, and appears naked")
    known, told = await scene.records(_COPY), scene.told
    made = {"createMode": "PointInTimeRestore", "sourceServerResourceId": PARTNERS}
    await scene.azure.control("DELETE", "/calls")
    await scene.azure.call(Person("dana"), "PUT", _COPY.id, {"location": "northeurope", "properties": made})
    scene.say(
        f"[red]●[/] Dana Fields restores {_SOURCE.name} as {_COPY.name}: all of its data, little of its protection"
    )
    done = await scene.entry(_COPY, Stage.PROVEN, known, "nothing was copied")
    waits = await scene.entry(_COPY, Stage.ASKED, known, "nobody was asked")
    scene.say(_table(done))
    await scene.message(told + 1, "nobody was told")
    messages = [await scene.message(told + number, "nobody was told") for number in (0, 1)]
    mirrored = [message for message in messages if "was put right" in message.title]
    demand(len(mirrored) == 1, f"people were told {[message.title for message in messages]}")
    scene.say(message_panel(mirrored[0]))
    demand("costs as much as the server" in mirrored[0].text, "it was not said what is not copied")
    demand(not await _rules(scene, _COPY.id), "somebody was let in unasked")
    locked = await scene.azure.call(AUDITOR, "GET", f"{_COPY.id}{_LOCK}", api_version="2020-05-01")
    demand(locked["properties"]["level"] == "CanNotDelete", "the lock was not copied")
    return waits


async def _allowed(scene: Scene, waits: Entry) -> None:
    """What lets somebody in waits for a person, who is not the one that made the copy."""
    scene.begin("Who may come in, a person decides")
    known = await scene.records(_COPY)
    asked = [f"{setting_words(one.setting)} {way_words(one.before, one.after)[1]}" for one in waits.report.changes]
    scene.say(steps(("[yellow]●[/] asked", escape("; ".join(asked)))))
    ada = scene.azure.address["principals"]["ada"]
    actor = Actor(ada["user_principal_name"], ada["object_id"], kind="user")
    policy, approval = load_policy_file(POLICY, load_all()), waits.report.approval
    found = await approvals.find(scene.store, approval)
    demand(found is not None, "the plan does not wait any more")
    digest = found.approval.digest if found else ""
    await approvals.decide(scene.store, policy, approval, digest, Verdict.APPROVE, actor, "the test team", now())
    scene.say(steps(("[green]●[/] approved", f"by {escape(actor.name)}, exactly these")))
    done = await scene.entry(_COPY, Stage.PROVEN, known, "what was approved was not done")
    scene.say(steps(("[green]●[/] [bold green]proven[/]", escape(done.report.outcome))))
    demand(await _rules(scene, _COPY.id) == await _rules(scene, PARTNERS), "the rules are not those of the source")


def _table(done: Entry) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("copied", "before", "now"):
        table.add_column(column)
    for change in done.report.changes:
        was, becomes = way_words(change.before, change.after)
        table.add_row(escape(setting_words(change.setting)), escape(was), escape(becomes))
    return table


async def _rules(scene: Scene, server: str) -> dict[str, Any]:
    found = (await scene.azure.call(AUDITOR, "GET", f"{server}{_RULES}"))["value"]
    return {rule["name"]: rule["properties"] for rule in found}


async def _everything(scene: Scene, server: str) -> dict[str, Any]:
    """What the emulated Azure holds of a server and below it."""
    found = (await scene.azure.control("GET", "/state"))["resources"]
    mine = server.lower()
    return {one: body for one, body in _by_id(found) if one == mine or one.startswith(f"{mine}/")}


def _by_id(resources: Any) -> list[tuple[str, Any]]:
    pairs = resources.items() if isinstance(resources, dict) else ((one["id"], one) for one in resources)
    return [(str(resource_id).lower(), body) for resource_id, body in pairs]
