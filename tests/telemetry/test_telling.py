"""What Holdfast tells of its own work while it does the main job, and while it fails."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.errors import DeliveryFailed, DeliveryRefused, Throttled
from shared.journal import Notice
from shared.notify.deliver import Delivery
from shared.policy import Mode
from shared.settings import read_settings
from shared.state import Facet
from shared.target import Target
from shared.telemetry import names, record
from tests.builders import a_policy, a_server, a_state, a_trigger
from tests.engine.world import INTERNET, RULE, World
from tests.fakes.listener import StrictListener

ROOT = Path(__file__).resolve().parents[2]
WHO = "0b7a2c1e-6f0e-4b6a-9c0e-3f5a0d9f1c11"


@pytest.fixture
def heard() -> Iterator[StrictListener]:
    listener = StrictListener()
    record.listen(listener)
    yield listener
    record.listen(None)


@pytest.fixture
def world() -> World:
    """One that is open to the public, as its policy wants it; its firewall is what counts."""
    policy = a_policy(public_network_access_disabled=Mode.OFF)
    return World(a_state(server=a_server(public_access=True)), policy=policy)


class _Chat:
    name = "chat"

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    def wants(self, notice: Notice) -> bool:
        return not notice.quiet

    async def send(self, notice: Notice) -> None:
        if self.error is not None:
            raise self.error

    async def close(self) -> None:
        """Nothing is open."""


async def opened(world: World) -> None:
    """Somebody opens a server to the internet, and it is closed again."""
    world.arm.set(world.target, RULE, INTERNET)
    await world.event("firewallrules/write", "firewallrules/app", correlation_id=WHO)


def test_every_metric_and_every_span_of_the_table_is_told_by_the_code() -> None:
    """And nothing tells of one that the table does not have: types see to that."""
    used = set()
    for path in (ROOT / "shared").rglob("*.py"):
        if path.name == "names.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute):
                used.add(node.attr)
            elif isinstance(node, ast.Name):
                used.add(node.id)
    listed = {name for name, value in vars(names).items() if isinstance(value, names.Metric | names.Span)}
    assert listed - used == set()


async def test_a_fix_is_one_trace_from_the_look_to_who_was_told(world: World, heard: StrictListener) -> None:
    await world.baseline()
    heard.spans.clear()
    await opened(world)
    await Delivery(world.store, [_Chat()], world.clock).deliver(world.target)
    look, *inside = [span for span in heard.spans if span.name != names.TELL.name]
    assert (look.name, look.trace) == (names.RECONCILE.name, WHO)
    assert [span.name for span in inside] == [
        one.name for one in (names.OBSERVE, names.DECIDE, names.APPLY, names.PROVE, names.OBSERVE, names.DELIVER)
    ]
    assert {span.trace for span in heard.spans if span.name == names.TELL.name} == {WHO}


async def test_events_that_waited_together_are_linked(world: World, heard: StrictListener) -> None:
    await world.baseline()
    for number in (1, 2, 3):
        trigger = await _waits(world, f"event-{number}")
    await world.run_due()
    look = next(span for span in heard.spans if span.name == names.RECONCILE.name and span.links)
    assert (look.trace, look.links) == (
        trigger,
        ("event-1 " + world.target.id, "event-2 " + world.target.id),
    )


async def _waits(world: World, id_: str) -> str:
    trigger = a_trigger(
        world.target, "firewallrules/write", "firewallrules/app", id=id_, correlation_id="", received_at=world.clock()
    )
    await world.store.remember(trigger)
    return trigger.trace


async def test_a_fix_counts_as_drift_as_fix_and_with_the_time_it_took(world: World, heard: StrictListener) -> None:
    await world.baseline()
    heard.values.clear()
    await opened(world)
    drifts = heard.of(names.DRIFT)
    controls = [drift["control"] for drift in drifts]
    assert "firewall-no-any-any" in controls
    assert len(controls) == len(set(controls))
    assert {drift["verb"] for drift in drifts} == {"act"}
    assert heard.of(names.FIXES) == [{"purpose": "fix", "outcome": "proven"}]
    assert heard.of(names.TIME_TO_REVERT) == [{"severity": "critical"}]
    assert heard.of(names.LOOKS) == [{"origin": "event", "outcome": "ok"}]
    assert heard.of(names.QUEUE_AGE) == [{"queue": "reconcile"}]


async def test_a_second_look_counts_no_drift_again(world: World, heard: StrictListener) -> None:
    await world.baseline()
    await opened(world)
    heard.values.clear()
    await world.event("*")
    assert heard.of(names.DRIFT) == []
    assert heard.of(names.FIXES) == []


async def test_a_look_that_azure_turns_away_is_no_failure(world: World, heard: StrictListener) -> None:
    def refuse(target: Target, facet: Facet) -> None:
        raise Throttled("429", 20)

    world.arm.on_read = refuse
    await world.event("*")
    assert heard.of(names.LOOKS)[0] == {"origin": "event", "outcome": "ok"}


@pytest.mark.parametrize(
    ("error", "outcome"), [(DeliveryFailed("down"), "failed"), (DeliveryRefused("too long"), "refused")]
)
async def test_a_message_that_is_not_taken_is_counted(
    world: World, heard: StrictListener, error: Exception, outcome: str
) -> None:
    await world.baseline()
    await opened(world)
    await Delivery(world.store, [_Chat(error)], world.clock).deliver(world.target)
    assert heard.of(names.DELIVERY_FAILURES)[0] == {"channel": "chat", "outcome": outcome}
    assert heard.of(names.DELIVERIES) == []


async def test_with_nobody_listening_nothing_is_told(world: World) -> None:
    listener = StrictListener()
    record.listen(listener)
    record.listen(None)
    await world.baseline()
    await opened(world)
    assert (listener.values, listener.spans, record.is_heard()) == ([], [], False)


@pytest.mark.parametrize(("text", "path"), [("console", "-"), ("file:/tmp/told.jsonl", "/tmp/told.jsonl"), ("", "")])
def test_the_setting_says_where_telemetry_goes(text: str, path: str) -> None:
    settings = read_settings({"HOLDFAST_STORE": "sqlite:x", "HOLDFAST_TELEMETRY": text})
    assert settings.telemetry_file == path
