"""What stands outside a server and cannot be seen: told once, neither good nor bad, and it hides nothing else."""

from collections.abc import Mapping

import pytest

from shared.approvals import Verdict
from shared.errors import Forbidden
from shared.journal import NoticeKind, Stage
from shared.policy import Mode
from shared.state import Facet, FacetKind, Setting
from shared.target import Target
from tests.builders import a_policy, a_state
from tests.engine.people import decide, undo, waiting
from tests.engine.world import PUBLIC_ACCESS, World
from tests.good_neighbours import PLAN, VAULT

LOCK = f"{VAULT}/providers/Microsoft.Authorization/locks/keep"
BYPASS = Setting.outside(FacetKind.VAULTS, VAULT, "networkAcls.bypass")
KEPT = Setting.outside(FacetKind.VAULT_LOCKS, LOCK)
TIER = Setting.outside(FacetKind.PLANS, PLAN, "pricingTier")
_CHILDREN: Mapping[FacetKind, Mapping[str, Mapping[str, str]]] = {
    FacetKind.VAULTS: {VAULT: {"networkAcls.defaultAction": "Deny", "networkAcls.bypass": "AzureServices"}},
    FacetKind.VAULT_LOCKS: {LOCK: {"level": "CanNotDelete"}},
    FacetKind.PLANS: {PLAN: {"pricingTier": "Standard"}},
}
_MISSING = "Microsoft.KeyVault/vaults/read is missing on key vault kv-payments"


def hide(world: World, *facets: FacetKind, why: str = _MISSING) -> None:
    """From now on these facets, and no others, are not shown to us."""

    def on_read(_: Target, facet: Facet) -> None:
        if facet.kind in facets:
            raise Forbidden(why, "Microsoft.KeyVault/vaults/read", VAULT)

    world.arm.on_read = on_read


def a_world(mode: Mode = Mode.ENFORCE) -> World:
    policy = a_policy(
        Mode.OFF,
        public_network_access_disabled=mode,
        keyvault_network_trusted_services=mode,
        keyvault_delete_lock=mode,
        defender_plan_oss_databases=mode,
    )
    return World(a_state(children=_CHILDREN), policy=policy)


async def a_seen_world(mode: Mode = Mode.ENFORCE) -> World:
    world = a_world(mode)
    await world.baseline()
    return world


async def blind(world: World) -> list[str]:
    """What people were told that cannot be seen."""
    return [one.report.error for one in await world.notices() if one.kind is NoticeKind.CANNOT_OBSERVE]


async def test_what_stands_outside_is_put_back_by_the_sweep() -> None:
    world = await a_seen_world()
    for setting, value in ((BYPASS, "None"), (KEPT, None), (TIER, "Free")):
        world.arm.set(world.target, setting, value)
    await world.event("*")
    assert [world.state.value(one) for one in (BYPASS, TIER)] == ["AzureServices", "Standard"]
    assert world.state.value(KEPT) == {"level": "CanNotDelete"}
    assert await world.told() == [NoticeKind.REMEDIATED]


async def test_what_cannot_be_seen_is_told_once() -> None:
    world = await a_seen_world()
    hide(world, FacetKind.VAULTS)
    for _ in range(3):
        await world.event("*")
    assert await blind(world) == [_MISSING]


async def test_what_is_hidden_for_one_reason_is_told_in_one_message() -> None:
    world = await a_seen_world()
    hide(world, FacetKind.VAULTS, FacetKind.VAULT_LOCKS)
    await world.event("*")
    assert await blind(world) == [_MISSING]


async def test_another_facet_that_cannot_be_seen_either_is_told_by_itself() -> None:
    world = await a_seen_world()
    hide(world, FacetKind.VAULTS)
    await world.event("*")
    hide(world, FacetKind.VAULTS, FacetKind.PLANS, why="the subscription is disabled")
    await world.event("*")
    assert await blind(world) == [_MISSING, "the subscription is disabled"]


async def test_what_could_be_seen_in_between_is_told_again() -> None:
    world = await a_seen_world()
    for _ in range(2):
        hide(world, FacetKind.VAULTS)
        await world.event("*")
        hide(world)
        await world.event("*")
    assert await blind(world) == [_MISSING, _MISSING]


async def test_a_look_at_something_else_is_no_reason_to_tell_again() -> None:
    world = await a_seen_world()
    hide(world, FacetKind.VAULTS)
    await world.event("*")
    await world.event("microsoft.dbforpostgresql/flexibleservers/write")
    await world.event("*")
    assert await blind(world) == [_MISSING]


@pytest.mark.parametrize(
    ("setting", "wrong", "good"), [(PUBLIC_ACCESS, "Enabled", "Disabled"), (TIER, "Free", "Standard")]
)
async def test_what_can_be_seen_is_still_mended(setting: Setting, wrong: str, good: str) -> None:
    world = await a_seen_world()
    hide(world, FacetKind.VAULTS)
    world.arm.set(world.target, setting, wrong)
    await world.event("*")
    assert world.state.value(setting) == good
    assert await world.told() == [NoticeKind.CANNOT_OBSERVE, NoticeKind.REMEDIATED]


async def test_what_cannot_be_seen_is_no_drift_and_keeps_its_good_value() -> None:
    world = await a_seen_world()
    hide(world, FacetKind.VAULTS, FacetKind.VAULT_LOCKS)
    world.arm.set(world.target, BYPASS, "None")
    world.arm.set(world.target, KEPT, None)
    await world.event("*")
    assert world.arm.writes == []
    hide(world)
    await world.event("*")
    assert world.state.value(BYPASS) == "AzureServices"
    assert world.state.value(KEPT) == {"level": "CanNotDelete"}


async def test_what_was_never_seen_is_not_learned_as_good() -> None:
    world = a_world()
    hide(world, FacetKind.VAULTS)
    await world.baseline()
    memory = (await world.store.load(world.target)).memory
    assert str(BYPASS) not in memory.values
    assert str(Facet(FacetKind.VAULTS)) not in memory.seen
    assert str(TIER) in memory.values


async def test_a_drift_that_cannot_be_seen_any_more_is_not_told_as_resolved() -> None:
    world = await a_seen_world(Mode.NOTIFY)
    world.arm.set(world.target, BYPASS, "None")
    await world.event("*")
    hide(world, FacetKind.VAULTS)
    await world.event("*")
    assert await world.told() == [NoticeKind.DRIFT_DETECTED, NoticeKind.CANNOT_OBSERVE]


async def test_a_fix_that_cannot_be_read_back_is_not_called_proven() -> None:
    world = await a_seen_world()
    world.arm.set(world.target, BYPASS, "None")
    world.arm.after_write = lambda: hide(world, FacetKind.VAULTS)
    await world.event("*")
    errors = {entry.stage: entry.report.error for entry in await world.entries() if entry.report.changes}
    assert errors == {Stage.INTENDED: "", Stage.FAILED: f"no proof: {_MISSING}"}


async def test_an_undo_of_what_cannot_be_seen_is_not_done_and_says_why() -> None:
    world = await a_seen_world()
    world.arm.set(world.target, BYPASS, "None")
    await world.event("*")
    (record,) = {entry.record for entry in await world.entries() if entry.stage is Stage.PROVEN}
    hide(world, FacetKind.VAULTS)
    await undo(world, record)
    refused = (await world.entries())[0].report
    assert world.state.value(BYPASS) == "AzureServices"
    assert refused.error == f"key vault kv-payments: networkAcls.bypass cannot be seen now: {_MISSING}"


async def test_what_waits_for_a_person_waits_while_it_cannot_be_seen() -> None:
    world = await a_seen_world(Mode.APPROVE)
    world.arm.set(world.target, BYPASS, "None")
    await world.event("*")
    (before,) = await waiting(world)
    hide(world, FacetKind.VAULTS)
    await world.event("*")
    assert await waiting(world) == [before]
    assert await world.told() == [NoticeKind.APPROVAL_NEEDED, NoticeKind.CANNOT_OBSERVE]


async def test_what_was_denied_is_not_asked_again_after_it_could_not_be_seen() -> None:
    world = await a_seen_world(Mode.APPROVE)
    world.arm.set(world.target, BYPASS, "None")
    await world.event("*")
    await decide(world, Verdict.DENY)
    for facets in ((FacetKind.VAULTS,), ()):
        hide(world, *facets)
        await world.event("*")
    assert (await world.told()).count(NoticeKind.APPROVAL_NEEDED) == 1


async def test_what_was_agreed_to_is_not_done_while_it_cannot_be_seen() -> None:
    world = await a_seen_world(Mode.APPROVE)
    world.arm.set(world.target, BYPASS, "None")
    await world.event("*")
    hide(world, FacetKind.VAULTS)
    await decide(world, Verdict.APPROVE)
    assert world.arm.writes == []
    (answer,) = [entry.detail for entry in await world.entries() if entry.stage is Stage.DECIDED]
    assert answer.startswith("approved by bob@contoso.example (for good reason), and not carried out")
