"""Laws over the whole way, from the request to the write: whatever the servers are, and whatever Azure answers."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.failover.book import Stage
from shared.failover.model import Option, blocking
from shared.failover.preflight import preflight, question_about
from shared.failover.survey import Surveyor
from shared.orders import Hold, Orders
from shared.ports import Lag
from shared.standing import change_orders
from tests.cli.terminal import Terminal
from tests.engine.world import World
from tests.examples import examples
from tests.failover.builders import VE, a_primary, a_replica
from tests.failover.test_promotion import A, B, ask, book, promotions, source
from tests.failover.world import a_world

_READS = {"document", "documents", "load", "history", "record"}
_STATES = st.sampled_from(["Ready", "Updating", "Stopped", "Inaccessible"])
_SERVERS = st.fixed_dictionaries(
    {"state": _STATES},
    optional={
        "facts": st.fixed_dictionaries(
            {},
            optional={
                "version": st.sampled_from(["15", "16"]),
                "sku.name": st.sampled_from(["Standard_D2ds_v5", "Standard_D4ds_v5"]),
                "replica.replicationState": st.sampled_from(["Active", "Broken"]),
            },
        ),
        "locks": st.dictionaries(st.just("keep"), st.sampled_from(["ReadOnly", "CanNotDelete"]), max_size=1),
        "parameters": st.dictionaries(st.just("max_connections"), st.sampled_from(["50", "859"]), max_size=1),
    },
)
_LAGS = st.sampled_from([Lag(0), Lag(40), Lag(4000), Lag(why="silence")])
_OPTIONS = st.sampled_from(list(Option))
_ENDPOINTS = st.sampled_from([VE, {}, {"ve-app": ("pg-a",)}])


def _world(primary: dict[str, Any], replica: dict[str, Any], lag: Lag, endpoints: Any) -> World:
    world = a_world(a_primary(endpoints=endpoints, **primary), a_replica(**replica))
    world.arm.lags[B] = lag
    return world


async def _is_forbidden(world: World, option: Option) -> bool:
    survey = await Surveyor(world.arm, world.store, world.policy).survey(A, B, world.clock(), "f-1")
    return bool(blocking(preflight(question_about(survey, survey.replicas[0], option))))


@settings(max_examples=examples(150))
@given(_SERVERS, _SERVERS, _LAGS, _ENDPOINTS, _OPTIONS, st.booleans())
async def test_nothing_is_promoted_while_a_check_forbids_it(
    primary: dict[str, Any], replica: dict[str, Any], lag: Lag, endpoints: Any, option: Option, held: bool
) -> None:
    world = _world(primary, replica, lag, endpoints)
    await ask(world, option)
    if held:
        hold = Hold("h", A.id.lower(), "not tonight", "Ivo", world.clock())
        await change_orders(world.store, lambda _: Orders((hold,)))
    forbidden = await _is_forbidden(world, option)
    await world.run_due()
    found = await book(world)
    assert promotions(world) == (0 if forbidden else 1)
    assert found.stage is (Stage.FAILED if forbidden else Stage.DONE)
    assert (source(world, B) == "") is not forbidden


@settings(max_examples=examples(60))
@given(_SERVERS, _SERVERS, _LAGS, _ENDPOINTS, _OPTIONS)
async def test_a_rehearsal_writes_nowhere_and_says_what_the_real_thing_would_do(
    primary: dict[str, Any], replica: dict[str, Any], lag: Lag, endpoints: Any, option: Option
) -> None:
    world = _world(primary, replica, lag, endpoints)
    before = dict(world.arm.states)
    forced = ["--forced"] if option is Option.FORCED else []
    printed = await Terminal(world).types("failover", "pg-a", "--rehearse", *forced)
    assert {call for call in world.store.calls if call not in _READS} == set()
    assert (world.arm.writes, world.arm.states) == ([], before)
    assert printed.code == (2 if await _is_forbidden(world, option) else 0)
