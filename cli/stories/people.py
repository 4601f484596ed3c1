"""The acts in which people decide: a plan that waits for somebody, and a fix that is taken back."""

from rich.markup import escape

from cli.azure import Person
from cli.scene import Act, Scene, demand
from cli.show import steps
from shared import approvals
from shared.approvals import Verdict
from shared.control import Risk
from shared.errors import Refused
from shared.journal import Actor, Origin, Request, Stage, Trigger, Wish, new_id, now
from shared.policy import Policy
from shared.state import spoken
from shared.target import Target
from shared.web.shown import RISKS

_STAGING = "/subscriptions/2e7a9b10-6c3d-4e5f-b1a2-7d8c9e0f1a2b/resourceGroups/rg-staging"
_RISKY = Act(
    "What is risky waits for a person",
    Person("dana"),
    "Dana Fields switches Entra sign-in off on pg-crm-staging, passwords stay",
    f"{_STAGING}/providers/Microsoft.DBforPostgreSQL/flexibleServers/pg-crm-staging",
    "PATCH",
    "",
    {"properties": {"authConfig": {"activeDirectoryAuth": "Disabled", "passwordAuth": "Enabled"}}},
)
_EXEMPT_HOURS = 4


async def asked(scene: Scene, policy: Policy) -> None:
    """A fix that restarts the server is shown, and made once somebody else has agreed to exactly it."""
    scene.begin(_RISKY.title)
    target, before = _RISKY.target, await scene.shown(_RISKY)
    known, told = await scene.records(target), scene.told
    await scene.change(_RISKY)
    waits = await scene.entry(target, Stage.ASKED, known, "nobody was asked")
    await scene.message(told, "nobody was told that a plan waits")
    demand(await scene.shown(_RISKY) != before, "it was changed before anybody agreed")
    plan = [f"{spoken(change.setting)}, {change.source}: {RISKS[Risk(change.risk)]}" for change in waits.report.changes]
    scene.say(
        steps(
            ("[yellow]●[/] plan", escape("; ".join(plan))),
            ("[yellow]●[/] asked", escape(waits.report.findings[0].reason)),
            ("", f"[dim]{escape(waits.report.outcome)}[/]"),
        )
    )
    await _approve(scene, policy, waits.report.approval)
    done = await scene.entry(target, Stage.PROVEN, known, "what was approved was not done")
    demand(await scene.shown(_RISKY) == before, "what was approved is not what was done")
    await scene.message(told + 1, "nobody was told that it was done")
    scene.say(steps(("[green]●[/] [bold green]proven[/]", escape(done.report.outcome))))


async def _approve(scene: Scene, policy: Policy, approval_id: str) -> None:
    """Dana may not; Ada may. The page and `holdfast approvals approve` come through the same code."""
    found = await approvals.find(scene.store, approval_id)
    demand(found is not None, "the plan does not wait any more")
    digest = found.approval.digest if found else ""
    try:
        await approvals.decide(
            scene.store, policy, approval_id, digest, Verdict.APPROVE, actor(scene, "dana"), "", now()
        )
    except Refused as error:
        scene.say(steps(("[red]●[/] refused", escape(str(error)))))
    else:
        demand(False, "whoever made the change could approve what is done about it")
    ada = actor(scene, "ada")
    await approvals.decide(scene.store, policy, approval_id, digest, Verdict.APPROVE, ada, "CHG-1042", now())
    scene.say(steps(("[green]●[/] approved", f"by {escape(ada.name)}, exactly this plan and no other")))


async def taken_back(scene: Scene, act: Act, target: Target, record: str) -> None:
    """Somebody has a fix undone for a few hours, and it stays so although the fleet is looked at again."""
    scene.begin("A fix is taken back")
    ada, at, known, told = actor(scene, "ada"), now(), await scene.records(target), scene.told
    wish = Request(Wish.UNDO, ada, record=record, reason="an old client cannot encrypt yet", exempt_hours=_EXEMPT_HOURS)
    trigger = Trigger(f"undo-{new_id(at)}", target.id, "*", "", at, Origin.PERSON, ada, received_at=at, request=wish)
    await scene.store.remember(trigger)
    scene.say(f"[red]●[/] Ada Admin undoes act 3 for {_EXEMPT_HOURS} hours: {wish.reason}")
    await scene.entry(target, Stage.PROVEN, known, "it was not undone")
    message = await scene.message(told, "nobody was told of the undo")
    wanted = {name: value for name, value in act.body["properties"].items() if name != "source"}
    demand(await scene.shown(act) == wanted, "it is not as it was before the fix")
    scene.say(steps(("[yellow]●[/] undone", escape(message.title))))
    await scene.stack.sweep()
    exempt = await scene.entry(target, Stage.DETECTED, known, "the sweep did not look")
    demand(await scene.shown(act) == wanted, "the exempt server was put right")
    reason = exempt.report.findings[0].reason
    scene.say(steps(("[green]●[/] stays", f"the sweep looked again: {escape(reason)}")))


def actor(scene: Scene, key: str) -> Actor:
    """A person of the fleet as the platform signs them in."""
    one = scene.azure.address["principals"][key]
    return Actor(one["user_principal_name"], one["object_id"], kind="user")
