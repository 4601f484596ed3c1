"""What no write can mend: told once, with what a person does, and never written, whatever the policy says."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from remediators.attestations import Attestation
from shared.journal import NoticeKind
from shared.notify.message import compose
from shared.policy import ControlPolicy, Mode, Policy
from tests.builders import CATALOGUE, NOON, a_parameter, a_server, a_state
from tests.engine.world import World

HYOK, REGION, PARAMETER = "hyok-posture", "deployment-region-allowed", "require_secure_transport"
ABROAD = a_state(server=a_server(facts={"location": "East US"}), at=NOON)


def a_policy_about(control: str, mode: Mode, **parameters: Any) -> Policy:
    wish = CATALOGUE[control].control.parameters.model_validate(parameters)
    return Policy(controls={control: ControlPolicy(mode=mode, parameters=wish)})


async def told_in(mode: Mode) -> World:
    world = World(ABROAD, policy=a_policy_about(REGION, mode, regions=["westeurope"]))
    await world.event("*")
    return world


@pytest.mark.parametrize("mode", [Mode.NOTIFY, Mode.APPROVE, Mode.ENFORCE])
async def test_it_is_told_once_and_nothing_is_written(mode: Mode) -> None:
    world = await told_in(mode)
    assert await world.told() == [NoticeKind.DRIFT_DETECTED]
    for _ in range(3):
        await world.later(3600)
        await world.event("*")
    assert await world.told() == [NoticeKind.DRIFT_DETECTED]
    assert world.arm.writes == []
    assert (await world.store.load(world.target)).memory.approvals == ()


@pytest.mark.parametrize("mode", [Mode.NOTIFY, Mode.ENFORCE])
async def test_the_message_says_what_a_person_does(mode: Mode) -> None:
    (notice,) = await (await told_in(mode)).notices()
    message = compose(notice)
    assert "nothing was changed: property location is East US, wanted westeurope" in message.title
    assert "By hand: Azure moves no server to another region: create a read replica in westeurope" in message.text
    assert "Mend it:" not in message.text


async def test_a_policy_that_audits_records_it_and_tells_nobody() -> None:
    world = await told_in(Mode.AUDIT)
    assert await world.told() == []
    assert "Azure moves no server" in (await world.entries())[0].report.findings[0].person


async def test_a_value_that_waits_for_a_restart_is_told_and_not_written_again() -> None:
    stored = a_parameter(PARAMETER, "on", dynamic=False, pending_restart=True)
    policy = Policy(mode=Mode.ENFORCE)
    world = World(a_state(parameters={PARAMETER: stored}), policy=policy)
    await world.event("*")
    (notice,) = await world.notices()
    assert "Holdfast restarts no server unasked" in compose(notice).text
    assert world.arm.writes == []


async def test_an_attestation_is_asked_for_and_asked_for_again_when_it_has_ended() -> None:
    world = World(a_state(at=NOON), policy=a_policy_about(HYOK, Mode.NOTIFY))
    await world.event("*")
    assert await world.told() == [NoticeKind.DRIFT_DETECTED]
    given = Attestation(attested_by="dana", evidence="AUDIT-7", until=date(2026, 3, 31))
    world.with_policy(Policy(controls={HYOK: ControlPolicy(mode=Mode.NOTIFY, parameters=given)}))
    await world.event("*")
    assert [notice.kind for notice in await world.notices(loud=False)][-1] is NoticeKind.DRIFT_RESOLVED
    world.arm.states[world.target] = replace(world.state, at=NOON.replace(month=4))
    await world.event("*")
    assert (await world.notices())[-1].report.findings[0].found == "over since 2026-03-31, by dana"


@pytest.mark.parametrize("operation", ["firewallrules/write", "write"])
async def test_nobody_is_blamed_for_the_end_of_an_attestation(operation: str) -> None:
    world = World(a_state(at=NOON), policy=a_policy_about(HYOK, Mode.NOTIFY))
    await world.event(operation, "firewallrules/app" if "/" in operation else "")
    (notice,) = await world.notices()
    message = compose(notice)
    assert "dana.fields" not in message.title + message.text
    assert "Who: not known" in message.text


async def test_who_wrote_to_a_server_is_named_with_what_the_write_can_have_done() -> None:
    (notice,) = await (await told_in(Mode.NOTIFY)).notices()
    assert "Who: dana.fields" in compose(notice).text
