"""Which management groups are above a subscription, as Resource Graph says it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.arm.azure import AzureArm
from shared.arm.management_groups import ManagementGroups
from shared.errors import Forbidden, Retry, Stop, Throttled, Unreachable
from tests.arm.azure_side import AzureSide
from tests.arm.conftest import PRODUCTION, STAGING
from tests.fakes.clock import FakeClock
from tests.fakes.pipeline import ScriptedArm

TENANT = "6b1f3c0e-52d4-4f6a-9b3e-6f0d9a7c2e51"
GRAPH = "Microsoft.ResourceGraph/resources/action"
JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=8) | st.dictionaries(
    st.sampled_from(["name", "displayName", "x"]), st.none() | st.text(max_size=3), max_size=2
)


def row(chain: Any) -> dict[str, Any]:
    return {"data": [{"id": f"/subscriptions/{PRODUCTION}", "subscriptionId": PRODUCTION, "chain": chain}]}


async def test_they_are_listed_nearest_first_up_to_the_root(arm: AzureArm) -> None:
    assert await arm.management_groups(PRODUCTION) == ("mg-production", "mg-contoso", TENANT)
    assert await arm.management_groups(STAGING.upper()) == ("mg-sandbox", "mg-contoso", TENANT)


async def test_one_query_serves_all_subscriptions_for_an_hour(arm: AzureArm, side: AzureSide, clock: FakeClock) -> None:
    await arm.management_groups(PRODUCTION)
    clock.advance(3599)
    await arm.management_groups(STAGING)
    assert await side.calls() == [GRAPH]
    clock.advance(1)
    await arm.management_groups(STAGING)
    assert await side.calls() == [GRAPH, GRAPH]


async def test_a_subscription_that_is_not_shown_is_an_error_and_asked_for_at_most_once_a_minute(
    arm: AzureArm, side: AzureSide, clock: FakeClock
) -> None:
    for _ in range(3):
        with pytest.raises(Forbidden) as caught:
            await arm.management_groups("11111111-1111-4111-8111-111111111111")
    assert caught.value.permission == "Microsoft.Resources/subscriptions/read"
    assert len(await side.calls()) == 1
    clock.advance(60)
    with pytest.raises(Forbidden):
        await arm.management_groups("11111111-1111-4111-8111-111111111111")
    assert len(await side.calls()) == 2


@pytest.mark.parametrize(
    ("rule", "error"),
    [
        ({"status": 429, "retry_after_seconds": 7}, Throttled),
        ({"status": 403}, Forbidden),
        ({"status": 500}, Unreachable),
        ({"drop": "before"}, Unreachable),
    ],
    ids=str,
)
async def test_a_failed_query_is_an_error_and_is_not_remembered(
    arm: AzureArm, side: AzureSide, rule: dict[str, Any], error: type[Exception]
) -> None:
    await side.fault("ResourceGraph", **{"times": 1, **rule})
    with pytest.raises(error):
        await arm.management_groups(PRODUCTION)
    assert await arm.management_groups(PRODUCTION)


async def test_what_was_known_is_not_used_when_asking_again_fails(
    arm: AzureArm, side: AzureSide, clock: FakeClock
) -> None:
    await arm.management_groups(PRODUCTION)
    clock.advance(3600)
    await side.fault("ResourceGraph", status=503, times=1)
    with pytest.raises(Unreachable):
        await arm.management_groups(PRODUCTION)


async def test_a_tenant_without_groups_has_none() -> None:
    groups = ManagementGroups(ScriptedArm(resources=row([])), FakeClock())
    assert await groups.above(PRODUCTION) == ()


@given(answer=st.one_of(JSON, st.fixed_dictionaries({"data": JSON}), JSON.map(row)))
async def test_an_answer_that_cannot_be_read_is_never_an_empty_one(answer: Any) -> None:
    groups = ManagementGroups(ScriptedArm(resources=answer), FakeClock())
    try:
        found = await groups.above(PRODUCTION)
    except (Retry, Stop):
        return
    assert isinstance(answer, dict)
    assert len(found) == len(answer["data"][0]["chain"])
    assert all(found)
