"""The story about logins: somebody makes a login with a password in a database, and makes it an administrator.

No event tells of it and Azure Resource Manager does not show it. A real PostgreSQL plays the server.
"""

import time
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from cli.postgres import Bouncer, Postgres, started
from cli.postgres.entra import claims_in, tokens_of
from cli.receiver import Receiver
from cli.scene import Scene, demand
from cli.show import message_panel, steps
from cli.stack import stack
from cli.stories.drift import PAYMENTS
from cli.stories.people import actor
from remediators import load_all
from shared import approvals
from shared.approvals import Verdict
from shared.journal import Entry, Origin, Request, Stage, Trigger, Wish, new_id, now
from shared.policy_file import load_policy_file
from shared.state import spoken
from shared.target import parse_target

POLICY = Path(__file__).with_name("login_policy.yaml")
_SERVER = parse_target(PAYMENTS)
_HOST = "pg-payments.postgres.database.azure.com"
_PEOPLE = """
create role holdfast login createrole in role pg_signal_backend;
grant azure_pg_admin to holdfast;
create role legacy_batch login password 'an old application';
create role dba nologin in role azure_pg_admin;
"""
_MADE = "create role night_shift login password 'known to many'; grant azure_pg_admin to night_shift;"
_MAY = """
select rolcanlogin, pg_has_role(rolname, 'azure_pg_admin', 'member') from pg_roles where rolname = 'night_shift'
"""


async def tell(console: Console) -> None:
    """Tell the story. Raises NoPostgres where there is none, CommandFailed at the first step that did not happen."""
    began = time.perf_counter()
    console.print("\n[bold]Holdfast[/] looks into a database, where the policy opens it.")
    console.print("[dim]Starting: a real PostgreSQL, an emulated Azure, the Functions app, an embedded store …[/]")
    # Whose token opens the door is known when the emulated Azure runs; until then any token for databases does.
    with Bouncer(lambda _role, token: bool(claims_in(token))).listening() as bouncer, started(bouncer) as server:
        server.run(_PEOPLE)
        async with Receiver().listening() as receiver:
            settings = {
                "HOLDFAST_ONCALL_URL": receiver.apprise_url,
                "HOLDFAST_SQL_ADDRESSES": server.address(_HOST),
                "HOLDFAST_SQL_ROOT_CERTIFICATES": str(server.roots),
            }
            async with stack(policy=POLICY, settings=settings, quiet=True) as running:
                identity = running.azure.address["principals"]["holdfast"]["object_id"]
                bouncer.accepts = tokens_of({"holdfast": identity})
                server.principal("holdfast", "service", identity)
                await _play(Scene(console, running, receiver), server)
    console.print(f"\n[bold green]✓ Every step happened[/] [dim]({time.perf_counter() - began:.1f} s in all)[/]\n")


async def _play(scene: Scene, server: Postgres) -> None:
    scene.say("Holdfast signs in to pg-payments as its Entra identity: TLS, the server's name checked, reading only.")
    # The first look came before the server knew Holdfast's identity for one of Entra's.
    await scene.stack.sweep()
    waits = await _found(scene, server)
    done = await _agreed(scene, server, waits)
    await _back(scene, server, done)


async def _found(scene: Scene, server: Postgres) -> Entry:
    """Nobody tells of it; the sweep finds it, and a person is asked."""
    scene.begin("A login with a password appears")
    known, told = await scene.records(_SERVER), scene.told
    server.run(_MADE)
    scene.say("[red]●[/] somebody makes the login night_shift, with a password, and makes it an administrator")
    scene.say("[dim]● no event tells of it; the hourly sweep looks[/]")
    await scene.stack.sweep()
    waits = await scene.entry(_SERVER, Stage.ASKED, known, "nobody was asked about the login")
    controls = {line.control for line in waits.report.findings}
    demand("db-login-entra-only" in controls, f"found {sorted(controls)}, and not the login")
    demand(server.run(_MAY) == "t|t", "the login was changed before anybody agreed")
    scene.say(message_panel(await scene.message(told, "nobody was told that a plan waits")))
    return waits


async def _agreed(scene: Scene, server: Postgres, waits: Entry) -> Entry:
    """Ada agrees to exactly what was shown."""
    scene.begin("Somebody agrees")
    policy, ada = load_policy_file(POLICY, load_all()), actor(scene, "ada")
    known = await scene.records(_SERVER) - {waits.record}
    for entry in await _asked(scene, known):
        found = await approvals.find(scene.store, entry.report.approval)
        if found is not None:
            digest = found.approval.digest
            await approvals.decide(
                scene.store, policy, entry.report.approval, digest, Verdict.APPROVE, ada, "CHG-1043", now()
            )
    scene.say(steps(("[green]●[/] approved", f"by {escape(ada.name)}, exactly this plan and no other")))
    done = await scene.entry(_SERVER, Stage.PROVEN, known, "what was approved was not done")
    may = server.run(_MAY)
    demand(may.startswith("f|"), f"the login can still sign in: {may}")
    changed = "; ".join(spoken(line.setting) for line in done.report.changes)
    scene.say(steps(("[green]●[/] [bold green]proven[/]", escape(done.report.outcome)), ("", f"[dim]{changed}[/]")))
    return done


async def _asked(scene: Scene, known: set[str]) -> list[Entry]:
    entries = await scene.store.history(_SERVER)
    return [entry for entry in entries if entry.stage is Stage.ASKED and entry.record not in known]


async def _back(scene: Scene, server: Postgres, done: Entry) -> None:
    """The login turns out to be needed for a night."""
    scene.begin("It is taken back")
    ada, at, known = actor(scene, "ada"), now(), await scene.records(_SERVER)
    wish = Request(Wish.UNDO, ada, record=done.record, reason="the night shift needs it until noon", exempt_hours=4)
    trigger = Trigger(f"undo-{new_id(at)}", _SERVER.id, "*", "", at, Origin.PERSON, ada, received_at=at, request=wish)
    await scene.store.remember(trigger)
    undone = await scene.entry(_SERVER, Stage.PROVEN, known, "it was not undone")
    demand(server.run(_MAY).startswith("t|"), "the login is not as it was")
    scene.say(steps(("[yellow]●[/] undone", escape(undone.report.outcome))))
