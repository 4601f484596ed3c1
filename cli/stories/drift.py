"""The demo's story: people change servers, Holdfast answers, and each step is checked. A step that did not happen ends
the demo with a non-zero exit code."""

import time

from rich.console import Console
from rich.markup import escape

from cli.azure import Person
from cli.receiver import Receiver
from cli.scene import AUDITOR, Act, Scene, demand
from cli.show import FleetRow, fleet_table, message_panel, steps, timeline
from cli.stack import DEMO_POLICY, stack
from cli.stories.people import asked, taken_back
from remediators import load_all
from shared.arm.servers import rule_from, server_from
from shared.journal import Entry, Stage
from shared.policy_file import load_policy_file
from shared.state import Server
from shared.target import Kind, Target, parse_target

_PRODUCTION = "/subscriptions/9c1d7e42-0b5f-4d38-8a66-1f2e3d4c5b6a/resourceGroups"
_TYPE = "providers/Microsoft.DBforPostgreSQL/flexibleServers"
PARTNERS = f"{_PRODUCTION}/rg-partners/{_TYPE}/pg-partners"
PAYMENTS = f"{_PRODUCTION}/rg-payments/{_TYPE}/pg-payments"

ACTS = (
    Act(
        "A firewall rule is widened to the whole internet",
        Person("dana"),
        "Dana Fields widens the rule partner-gateway on pg-partners to 0.0.0.0 – 255.255.255.255",
        PARTNERS,
        "PUT",
        "/firewallRules/partner-gateway",
        {"properties": {"startIpAddress": "0.0.0.0", "endIpAddress": "255.255.255.255"}},  # noqa: S104 - a rule
    ),
    Act(
        "A private server is opened",
        Person("ada"),
        "Ada Admin switches public network access on for pg-payments",
        PAYMENTS,
        "PATCH",
        "",
        {"properties": {"network": {"publicNetworkAccess": "Enabled"}}},
    ),
    Act(
        "Encryption is switched off",
        Person("pipeline"),
        "the release pipeline sets require_secure_transport to off on pg-payments",
        PAYMENTS,
        "PUT",
        "/configurations/require_secure_transport",
        {"properties": {"value": "off", "source": "user-override"}},
    ),
)
# One message is shown whole, of the others only the title: the story is to be read.
_SHOWN_WHOLE = ACTS[1]
_WRITTEN = "Microsoft.Resources.ResourceWriteSuccess"
_FORGED = {
    "resourceUri": PAYMENTS,
    "operationName": "Microsoft.DBforPostgreSQL/flexibleServers/write",
    "claims": {"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn": "nobody@contoso.example"},
}


async def tell(console: Console) -> None:
    """Tell the story. Raises CommandFailed at the first step that did not happen."""
    began = time.perf_counter()
    console.print("\n[bold]Holdfast[/] holds Azure Database for PostgreSQL to its owner's policy.")
    console.print("[dim]Starting: an emulated Azure, the Functions app on a local host, an embedded store …[/]")
    async with Receiver().listening() as receiver:
        settings = {"HOLDFAST_ONCALL_URL": receiver.apprise_url}
        async with stack(settings=settings, quiet=True) as running:
            await _play(Scene(console, running, receiver))
    console.print(f"\n[bold green]✓ Every step happened[/] [dim]({time.perf_counter() - began:.1f} s in all)[/]\n")


async def _play(scene: Scene) -> None:
    scene.say(fleet_table([await _facts(scene, target) for target in await scene.azure.servers(AUDITOR)]))
    scene.say("Holdfast has read every server once and remembers what was good.")
    proven = [await _put_back(scene, act) for act in ACTS]
    await asked(scene, load_policy_file(DEMO_POLICY, load_all()))
    await taken_back(scene, ACTS[-1], ACTS[-1].target, proven[-1].record)
    await _forged(scene)


async def _put_back(scene: Scene, act: Act) -> Entry:
    """Somebody drifts a server, and finds it as it was."""
    scene.begin(act.title)
    target, before = act.target, await scene.shown(act)
    known, told = await scene.records(target), scene.told
    began = time.perf_counter()
    await scene.change(act)
    proven = await scene.entry(target, Stage.PROVEN, known, f"{act.title}: it was not put back")
    message = await scene.message(told, f"{act.title}: nobody was told")
    seconds = time.perf_counter() - began
    after = await scene.shown(act)
    demand(after == before, f"{act.title}: found {after} afterwards, wanted {before}")
    demand(message.mentions(target.name), f"{act.title}: the message does not name the server")
    scene.say(timeline(proven.report, seconds, len(await scene.calls())))
    whole = act is _SHOWN_WHOLE
    scene.say(message_panel(message) if whole else steps(("[green]●[/] told", escape(message.title))))
    return proven


async def _forged(scene: Scene) -> None:
    """Somebody who stole the webhook key says that a server was opened. It was not."""
    scene.begin("A forged event")
    target = parse_target(PAYMENTS)
    known = await scene.records(target)
    await scene.azure.control("DELETE", "/calls")
    await scene.azure.control("POST", "/events", {"eventType": _WRITTEN, "subject": PAYMENTS, "data": _FORGED})
    scene.say("[red]●[/] an event claims that pg-payments was changed; nothing was")

    async def looked() -> list[str]:
        return [] if (await scene.store.load(target)).triggers else await scene.calls()

    calls = await scene.until(looked, "the forged event: nobody looked")
    written = [call for call in calls if not call.startswith("GET ")]
    demand(not written, f"the forged event: Holdfast wrote {written}")
    demand(await scene.records(target) == known, "the forged event: it made a record")
    scene.say(f"[green]●[/] Holdfast looked, {len(calls)} read, and did nothing: the live state decides")


async def _facts(scene: Scene, target: Target) -> FleetRow:
    server = server_from(target.kind, await scene.azure.call(AUDITOR, "GET", target.id))
    rules = (await scene.azure.call(AUDITOR, "GET", f"{target.id}/firewallRules"))["value"]
    return FleetRow(target, server, tuple(map(rule_from, rules)), await _tls(scene, target, server))


async def _tls(scene: Scene, target: Target, server: Server) -> str:
    """Whether clients have to encrypt; every kind of server has that somewhere else."""
    match target.kind:
        case Kind.FLEXIBLE:
            found = await scene.azure.call(AUDITOR, "GET", f"{target.id}/configurations/require_secure_transport")
            return str(found["properties"]["value"])
        case Kind.SINGLE:
            return "on" if server.facts["tls.enforcement"] == "Enabled" else "off"
        case Kind.CITUS:
            return "always"
