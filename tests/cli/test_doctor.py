"""`holdfast doctor`: each planted fault is found, named, and has a command that mends it; a healthy one has none."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from cli.checkup.model import Finding, Patient
from cli.checkup.round import make_round
from remediators import load_all
from shared.arm.client import Answer, Call
from shared.errors import BadControls, BadPolicy, Forbidden, Gone, StoreUnavailable
from shared.journal import DeadLetter, Notice, NoticeKind, Report, encode
from shared.memory import Memory, Trouble
from shared.orders import Hold, Orders
from shared.policy import Mode
from shared.policy.routes import Route
from shared.ports import Commit
from shared.settings import read_settings
from shared.standing import change_orders
from shared.sweeping import DOCUMENT, Sweep
from tests.builders import a_trigger
from tests.cli.terminal import Terminal
from tests.engine.world import World, steadily

ROUTE = Route(name="ops", url_setting="OPS_URL")
ENVIRONMENT = {
    "HOLDFAST_STORE": "sqlite:x.db",
    "OPS_URL": "json://localhost",
    "HOLDFAST_PUBLIC_URL": "https://holdfast.example",
    "WEBSITE_AUTH_ENABLED": "true",
}
US = "app-identity"
PASSES = {"key": "data.operationName", "values": ["Microsoft.DBforPostgreSQL"]}


@dataclass
class Azure:
    """The parts of Azure that the doctor asks: tokens, subscriptions, roles, system topics."""

    world: World
    token: bool = True
    skew_seconds: float = 0
    visible: bool = True
    actions: list[str] = field(default_factory=lambda: ["*"])
    not_actions: list[str] = field(default_factory=list)
    topic: str = "microsoft.resources.subscriptions"
    filter: dict[str, Any] = field(default_factory=lambda: {"advancedFilters": [PASSES]})
    state: str = "Succeeded"
    destination: object = "a queue"
    readable: bool = True
    methods: set[str] = field(default_factory=set)

    async def claims(self) -> dict[str, Any]:
        if not self.token:
            raise Forbidden("no token for us", "", "")
        return {"oid": US}

    async def send(self, call: Call) -> Answer:
        self.methods.add(call.method)
        date = format_datetime(self.world.clock() + timedelta(seconds=self.skew_seconds))
        return Answer(200, {"date": date}, self._body(call))

    async def follow(self, url: str, call: Call) -> Answer:
        raise AssertionError(url)

    def _body(self, call: Call) -> dict[str, Any]:
        kind = call.path.rpartition("/")[2]
        if kind == "roleAssignments":
            if not self.readable:
                raise Forbidden("may not read roles", call.permission, call.scope)
            return {"value": [{"properties": {"roleDefinitionId": "/roles/holdfast"}}]}
        if kind == "holdfast":
            return {"properties": {"permissions": [{"actions": self.actions, "notActions": self.not_actions}]}}
        if kind == "systemTopics":
            return {"value": [{"id": "/topic", "properties": {"topicType": self.topic}}]}
        if kind == "eventSubscriptions":
            one = {"filter": self.filter, "provisioningState": self.state, "destination": self.destination}
            return {"value": [{"properties": one}]}
        if not self.visible:
            raise Gone("the subscription does not exist")
        return {}


@dataclass
class Case:
    """A Holdfast that is well until somebody plants a fault."""

    world: World
    azure: Azure
    patient: Patient

    async def remembers(self, **changes: Any) -> None:
        dossier = await self.world.store.load(self.world.target)
        memory: Memory = replace(dossier.memory, **changes)
        await self.world.store.commit(self.world.target, dossier.version, Commit(memory))

    def setting(self, name: str, text: str) -> None:
        settings = read_settings({**self.patient.settings.environment, name: text})
        self.patient = replace(self.patient, settings=settings)

    def fails(self, error: Exception) -> Callable[[], Awaitable[Any]]:
        async def failing() -> Any:
            raise error

        return failing


async def swept(world: World, began_at: datetime, for_: timedelta) -> None:
    """The last sweep was this one."""
    found = await world.store.document(DOCUMENT)
    sweep = Sweep(began_at, began_at + for_, servers=1, placed=True)
    await world.store.write_document(DOCUMENT, encode(sweep), found.version if found else "")


async def a_case() -> Case:
    world = World()
    world.with_policy(replace(world.policy, routes=(ROUTE,)))
    await world.baseline()
    await swept(world, world.clock(), timedelta())
    azure = Azure(world)
    environment = {**ENVIRONMENT, "HOLDFAST_SUBSCRIPTIONS": world.target.subscription}
    patient = Patient(
        read_settings(environment),
        world.store,
        steadily(world.policy),
        load_all,
        lambda: world.arm.servers(),
        lambda: azure,
        world.clock(),
    )
    return Case(world, azure, patient)


async def store_down(case: Case) -> None:
    case.world.store.down = True


async def newer_store(case: Case) -> None:
    error = StoreUnavailable("holdfast.db has schema version 9, this Holdfast knows up to 2")
    case.patient = replace(case.patient, policy=case.fails(error))


async def bad_policy(case: Case) -> None:
    case.patient = replace(case.patient, policy=case.fails(BadPolicy("policy.yaml:3:1: no such control")))


async def bad_controls(case: Case) -> None:
    def broken() -> Any:
        raise BadControls("rules.py:1:1: cannot be imported")

    case.patient = replace(case.patient, catalogue=broken)


async def no_route(case: Case) -> None:
    case.patient = replace(case.patient, policy=steadily(replace(case.world.policy, routes=())))


async def route_unset(case: Case) -> None:
    case.setting("OPS_URL", "")


async def route_unresolved(case: Case) -> None:
    case.setting("OPS_URL", "@Microsoft.KeyVault(SecretUri=https://vault/secrets/x)")


async def no_address(case: Case) -> None:
    case.setting("HOLDFAST_PUBLIC_URL", "")


async def no_sign_in(case: Case) -> None:
    case.setting("WEBSITE_AUTH_ENABLED", "false")


async def held(case: Case) -> None:
    hold = Hold("h", "", "release freeze", "ada", case.world.clock())
    await change_orders(case.world.store, lambda orders: replace(orders or Orders(), holds=(hold,)))


async def dead_letter(case: Case) -> None:
    await case.world.store.bury(DeadLetter("l", "event", "no target", "{}", case.world.clock()))


async def sweep_stopped(case: Case) -> None:
    case.patient = replace(case.patient, at=case.patient.at + timedelta(hours=3))


async def never_seen(case: Case) -> None:
    await case.remembers(summary=None)


async def never_swept(case: Case) -> None:
    await case.world.store.remove_document(DOCUMENT)


async def sweep_died(case: Case) -> None:
    """It began long ago, and nobody is at it."""
    await swept(case.world, case.world.clock() - timedelta(hours=5), timedelta(hours=1))


async def work_waits(case: Case) -> None:
    at = case.patient.at - timedelta(hours=1)
    await case.world.store.remember(a_trigger(case.world.target, id="late", at=at, received_at=at))


async def looks_fail(case: Case) -> None:
    await case.remembers(trouble=Trouble("403 from Azure", case.world.clock(), 3))


async def message_waits(case: Case) -> None:
    at = case.patient.at - timedelta(hours=2)
    report = Report("r", case.world.target.id, "low", at, None)
    notice = Notice("r.0", NoticeKind.ORDERS_CHANGED, report, at, 0, last_error="410 Gone")
    dossier = await case.world.store.load(case.world.target)
    await case.world.store.commit(case.world.target, dossier.version, Commit(dossier.memory, notices=(notice,)))


async def no_servers(case: Case) -> None:
    case.world.arm.states.clear()


def azure(**changes: Any) -> Callable[[Case], Awaitable[None]]:
    async def plant(case: Case) -> None:
        for name, value in changes.items():
            setattr(case.azure, name, value)

    return plant


FAULTS: dict[str, tuple[Callable[[Case], Awaitable[None]], str]] = {
    "the store is down": (store_down, "store"),
    "the store is of a newer Holdfast": (newer_store, "schema version 9"),
    "the policy cannot be used": (bad_policy, "no such control"),
    "the owner's controls cannot be used": (bad_controls, "rules.py:1:1"),
    "nobody is told": (no_route, "no route and no topic"),
    "a route has no address": (route_unset, "OPS_URL is not set"),
    "a route's secret was not resolved": (route_unresolved, "Key Vault reference"),
    "links lead nowhere": (no_address, "no address"),
    "nobody can sign in": (no_sign_in, "nobody can approve"),
    "the fleet is held": (held, "release freeze"),
    "something could not be handled": (dead_letter, "no target"),
    "the sweep has stopped": (sweep_stopped, "the last one began at"),
    "no server is looked at any more": (sweep_stopped, "last at"),
    "no sweep ever began": (never_swept, "none ever began"),
    "a sweep died": (sweep_died, "the last one began at"),
    "a server was never seen": (never_seen, "never"),
    "work waits": (work_waits, "waits since"),
    "looks fail": (looks_fail, "403 from Azure"),
    "messages wait": (message_waits, "410 Gone"),
    "no server is seen": (no_servers, "none"),
    "there is no token": (azure(token=False), "no token"),
    "a subscription is not seen": (azure(visible=False), "does not exist"),
    "the clock is wrong": (azure(skew_seconds=300), "300 s apart"),
    "a permission is missing": (azure(actions=["*/read"]), f"{US} lacks"),
    "a permission is taken away": (azure(not_actions=["*/write"]), f"{US} lacks"),
    "roles cannot be seen": (azure(readable=False), "may not read roles"),
    "there is no system topic": (azure(topic="other"), "no system topic"),
    "the filter lacks our events": (azure(filter={"includedEventTypes": ["x"]}), "lacks"),
    "the filter is too long": (azure(filter={"advancedFilters": [{"key": "x", "values": ["v"] * 26}]}), "more than 25"),
    "the filter keeps us out": (
        azure(filter={"advancedFilters": [{**PASSES, "values": ["Microsoft.Sql"]}]}),
        "lets no PostgreSQL pass",
    ),
    "the event subscription has failed": (azure(state="Failed"), "is Failed"),
    "the event subscription leads nowhere": (azure(destination=None), "leads nowhere"),
}


async def ill(case: Case) -> list[Finding]:
    return [one for one in await make_round(case.patient, in_azure=True) if not one.well]


async def test_a_healthy_one_has_nothing_to_mend() -> None:
    case = await a_case()
    assert await ill(case) == []
    assert case.azure.methods == {"GET"}


@pytest.mark.parametrize("fault", FAULTS)
async def test_it_finds_the_planted_fault(fault: str) -> None:
    case = await a_case()
    plant, word = FAULTS[fault]
    await plant(case)
    findings = await ill(case)
    assert any(word in f"{one.check} {one.found}" for one in findings), findings
    assert all(one.wanted and one.mend for one in findings)


async def test_an_audit_needs_no_people() -> None:
    case = await a_case()
    await no_sign_in(case)
    quiet = replace(case.world.policy, mode=Mode.AUDIT, controls={})
    case.patient = replace(case.patient, policy=steadily(quiet))
    assert [one.check for one in await ill(case) if one.check == "sign-in"] == []


async def test_a_test_message_is_sent_only_when_it_is_asked_for() -> None:
    case = await a_case()
    case.setting("OPS_URL", "json://127.0.0.1:9")
    assert await ill(case) == []
    (found,) = [one for one in await make_round(case.patient, test_message=True) if not one.well]
    assert found.check == "message to ops"


async def test_the_command_says_each_fault_in_one_line_and_ends_with_1() -> None:
    world = World()
    printed = await Terminal(world, width=60).types("doctor")
    assert printed.code == 1
    assert printed.lacks("✗ routes: found no route and no topic; wanted: somebody is told", "mend:") == []
    told = await Terminal(world).types("doctor", "--format", "json")
    assert {"check", "well", "found", "wanted", "mend"} == set(told.json[0])


async def test_a_fleet_whose_sweep_takes_long_is_given_its_time() -> None:
    """Ten thousand servers of one subscription take seven hours."""
    case = await a_case()
    await swept(case.world, case.world.clock(), timedelta(hours=7))
    later = replace(case.patient, at=case.patient.at + timedelta(hours=6))
    assert [one for one in await make_round(later) if not one.well] == []
