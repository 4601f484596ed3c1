"""Security alerts for engine tests: what Defender says, and a server that an attacker can reach."""

from dataclasses import replace
from typing import Any

from shared.alert import Alert, AlertStatus, Entity
from shared.control import Parameters
from shared.journal import NoticeKind, Origin, Trigger
from shared.memory import Memory
from shared.policy import AlertMatch, Mode, Playbook, Policy, Step
from shared.responses import RESPONSES
from shared.state import State
from tests.builders import a_parameter, a_policy, a_rule, a_server, a_state, a_target
from tests.engine.world import World

ATTACKER = "192.0.2.9"
SECOND = "192.0.2.77"
ALERT_ID = "2517184898549829577_cdcf9f94-ec53-47a6-ab87-76130f87218d"
OFFICE = a_rule("office", "192.0.2.0", "192.0.2.255")
PARTNER = a_rule("partner", "198.51.100.7")
BLOCK, CLOSE, LOG = "respond-block-address", "respond-close-public-access", "respond-raise-logging"
TAG, LOCK, BACKUP = "respond-tag-server", "respond-lock-server", "respond-take-backup"


def an_alert(**changes: Any) -> Alert:
    given: dict[str, Any] = {
        "id": ALERT_ID,
        "type": "SQL.PostgreSQL_BruteForce",
        "title": "Suspected brute force attack",
        "severity": "medium",
        "resource": a_target().id,
        "intent": "PreAttack",
        "link": "https://portal.azure.com/#blade/alert/1",
        "entities": (Entity("ip", ATTACKER, {"location": "Springfield, US", "asn": "64500"}), Entity("account", "app")),
        "facts": {"Client application": "psql"},
    }
    return Alert(**(given | changes))


def a_step(response: str, mode: Mode = Mode.ENFORCE, hours: float = 0, **parameters: Any) -> Step:
    given: Parameters = RESPONSES[response].remediator.control.parameters(**parameters)
    return Step(response, mode, hours, given, "policy.yaml:7")


def answering(*steps: Step, policy: Policy | None = None, match: AlertMatch | None = None) -> Policy:
    """A policy that only watches, but for what it does about alerts."""
    playbook = Playbook("mine", match or AlertMatch(), steps, "policy.yaml:5")
    return replace(policy or a_policy(Mode.AUDIT), playbooks=(playbook,), default_playbooks=Mode.OFF)


def an_open_server(**changes: Any) -> State:
    """A server that is reached from the office, a partner and a private endpoint."""
    given: dict[str, Any] = {
        "server": a_server(public_access=True),
        "firewall_rules": (OFFICE, PARTNER),
        "parameters": dict(a_state().parameters)
        | {"connection_throttle.enable": a_parameter("connection_throttle.enable", "off")},
    }
    return a_state(**(given | changes))


async def a_world(*steps: Step, state: State | None = None, policy: Policy | None = None) -> World:
    world = World(state or an_open_server(), policy=answering(*steps, policy=policy))
    await world.baseline()
    return world


def a_trigger_of(world: World, alert: Alert) -> Trigger:
    at = world.clock()
    id_ = f"alert:{alert.id}:{alert.status}"
    return Trigger(id_, world.target.id, "", "", at, Origin.ALERT, received_at=at, alert=alert)


async def alarm(world: World, alert: Alert | None = None, run: bool = True, **changes: Any) -> Trigger:
    """Defender raises an alert, or says that its status is another."""
    trigger = a_trigger_of(world, alert or an_alert(**changes))
    await world.store.remember(trigger)
    if run:
        await world.run_due()
    return trigger


async def dismissed(world: World, status: AlertStatus = AlertStatus.DISMISSED) -> None:
    await alarm(world, status=status)


async def memory(world: World) -> Memory:
    return (await world.store.load(world.target)).memory


async def courses(world: World) -> dict[str, str]:
    """How far each measure is, as the last of what was told says."""
    told = [one for one in await world.notices(loud=False) if one.report.answers]
    return {line.response: line.course for line in told[-1].report.answers} if told else {}


async def statuses(world: World) -> list[str]:
    """What Defender is told, in order."""
    notices = (await world.store.load(world.target)).outbox
    return [one.defender.status.value for one in notices if one.kind is NoticeKind.ALERT_STATUS and one.defender]
