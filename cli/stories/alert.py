"""The story of an alert: somebody guesses a password, is kept out within a second, and what kept them out ends by
itself."""

import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from cli.receiver import Receiver
from cli.scene import AUDITOR, Scene, demand
from cli.show import message_panel, steps
from cli.stack import stack
from cli.stories.drift import PARTNERS
from shared.journal import AnswerLine, Report, Stage
from shared.target import parse_target

POLICY = Path(__file__).with_name("alert_policy.yaml")
_SERVER = parse_target(PARTNERS)
_ATTACKER = "192.0.2.12"
_KIND = "SuccessfulBruteForce"
_ALERTS = "2022-01-01"


async def tell(console: Console) -> None:
    """Tell the story. Raises CommandFailed at the first step that did not happen."""
    began = time.perf_counter()
    console.print("\n[bold]Holdfast[/] answers a security alert by a playbook of its owner's policy.")
    console.print("[dim]Starting: an emulated Azure, the Functions app on a local host, an embedded store …[/]")
    async with Receiver().listening() as receiver:
        settings = {"HOLDFAST_ONCALL_URL": receiver.apprise_url}
        async with stack(policy=POLICY, settings=settings, quiet=True) as running:
            await _play(Scene(console, running, receiver))
    console.print(f"\n[bold green]✓ Every step happened[/] [dim]({time.perf_counter() - began:.1f} s in all)[/]\n")


async def _play(scene: Scene) -> None:
    before = await _rules(scene)
    await _sample(scene, before)
    alert = await _kept_out(scene, before)
    await _once(scene, alert)
    await _lifted(scene, before)


async def _sample(scene: Scene, before: dict[str, str]) -> None:
    """A sample alert walks the whole path and changes nothing."""
    scene.begin("A sample alert, made for trying")
    told = scene.told
    await scene.azure.raise_alert(_SERVER, _KIND, address=_ATTACKER, sample=True)
    message = await scene.message(told, "nobody was told of the sample")
    demand(await _rules(scene) == before, "a sample alert changed the firewall")
    scene.say(steps(("[green]●[/] told", escape(message.title))))


async def _kept_out(scene: Scene, before: dict[str, str]) -> dict[str, Any]:
    """The attacker is cut out of the one rule that lets them in, and nobody else is."""
    scene.begin("Somebody guesses a password, from an address that a firewall rule lets in")
    known, told = await scene.records(_SERVER), scene.told
    began = time.perf_counter()
    alert = await scene.azure.raise_alert(_SERVER, _KIND, address=_ATTACKER, account="app_reports")
    scene.say(f"[red]●[/] Defender: {escape(alert['properties']['alertDisplayName'])}, from {_ATTACKER}")
    done = await scene.entry(_SERVER, Stage.INTENDED, known, "nothing was done")
    after = await scene.until(lambda: _cut(scene, before), "the attacker was not kept out") or {}
    seconds = time.perf_counter() - began
    scene.say(steps(*((f"[green]●[/] {name}", f"{was} → {after.get(name, 'gone')}") for name, was in before.items())))
    new = {name: value for name, value in after.items() if name not in before}
    scene.say(steps(*((f"[green]●[/] {name}", f"new: {value}") for name, value in new.items())))
    scene.say(f"[dim]{seconds:.2f} s from the alert until nobody comes in from {_ATTACKER}[/]")
    scene.say(message_panel(await scene.message(told, "nobody was told")))
    scene.say(steps(*map(_line, (await _answered(scene, done.record)).answers)))
    await scene.until(lambda: _status(scene, alert, "Resolved"), "Defender was not told")
    scene.say("[green]●[/] In Defender the alert was in progress, and is resolved now that all of it is proven")
    return alert


async def _once(scene: Scene, alert: dict[str, Any]) -> None:
    """Defender tells of the alert again, as it does with every change of its status: there is no second answer."""
    scene.begin("The same alert comes again")
    written = len([call for call in await scene.calls() if not call.startswith("GET ")])
    answers = (await scene.store.load(_SERVER)).memory.answers
    demand(len([one for one in answers if one.alert.id == alert["name"]]) == 1, "the alert is answered twice")
    scene.say(f"[green]●[/] one answer to it, and {written} writes in all")


async def _lifted(scene: Scene, before: dict[str, str]) -> None:
    """What was changed for a while goes back by itself, to exactly what it was."""
    scene.begin("Its time is over")

    async def over() -> bool:
        memory = (await scene.store.load(_SERVER)).memory
        return not memory.answers and not memory.held

    await scene.until(over, "the answer does not end")
    demand(await _rules(scene) == before, "the firewall is not as it was before")
    scene.say(
        "[green]●[/] The firewall is exactly as it was before the alert; the tag stays until somebody takes it away"
    )


async def _answered(scene: Scene, record: str) -> Report:
    async def look() -> list[Report]:
        entries = await scene.store.record(record)
        return [entry.report for entry in entries if entry.stage is Stage.PROVEN]

    return (await scene.until(look, "it was not proven"))[0]


def _line(line: AnswerLine) -> tuple[str, str]:
    until = f" [dim]until {line.until:%H:%M:%S} UTC[/]" if line.until else ""
    return f"[green]●[/] {line.course}", f"{escape(line.does)}{until}"


async def _cut(scene: Scene, before: dict[str, str]) -> dict[str, str] | None:
    now = await _rules(scene)
    return now if now != before and not any(_lets_in(value) for value in now.values()) else None


def _lets_in(value: str) -> bool:
    first, last = (int(end.rpartition(".")[2]) for end in value.split("-"))
    return value.startswith("192.0.2.") and first <= int(_ATTACKER.rpartition(".")[2]) <= last


async def _rules(scene: Scene) -> dict[str, str]:
    found = (await scene.azure.call(AUDITOR, "GET", f"{PARTNERS}/firewallRules"))["value"]
    pairs = ((rule["name"], rule["properties"]) for rule in found)
    return {name: f"{held['startIpAddress']}-{held['endIpAddress']}" for name, held in pairs}


async def _status(scene: Scene, alert: dict[str, Any], wanted: str) -> bool:
    found = await scene.azure.call(AUDITOR, "GET", alert["id"], api_version=_ALERTS)
    return bool(found["properties"]["status"] == wanted)
