"""The kill switch: who sees it, who may use it, and that every use is recorded and told."""

from collections.abc import Mapping

import pytest

from shared.journal import NoticeKind, Stage
from shared.orders import Hold
from shared.policy import Policy
from shared.standing import change_orders, orders_of
from shared.target import FLEET
from tests.builders import NOON, SUBSCRIPTION, a_target
from tests.web.test_approve import contents
from tests.web.world import ADA, DANA, Pages, seal_of, text_of

OPERATORS = Policy(operators=("dba-operators",))
NEW = 'id="new"'
EMPTY: Mapping[str, str] = {}
OPERATOR = ADA.model_copy(update={"roles": ("DBA-Operators",)})


def a_page(**changes: object) -> Pages:
    return Pages(**({"signed_in": OPERATOR, "policy": OPERATORS} | changes))  # type: ignore[arg-type]


async def held(pages: Pages, *holds: Hold) -> None:
    """Have these holds in force."""
    await change_orders(pages.store, lambda orders: type(orders)(holds=(*orders.holds, *holds)))


async def in_force(pages: Pages) -> tuple[Hold, ...]:
    return (await orders_of(pages.store)).holds


async def send(pages: Pages, form: Mapping[str, str] = EMPTY, **headers: str) -> int:
    """Send the form for a new hold; the status of the answer."""
    given = {"action": "hold", "seal": seal_of(await pages.get("holds"), NEW), "reason": "a migration"}
    return (await pages.post("holds", given | dict(form), **headers)).status


A_HOLD = Hold("0198-hold", "", "something fights back", "Holdfast", NOON, automatic=True)


async def test_everything_can_be_held_and_the_page_says_so() -> None:
    pages = a_page()
    assert "Nothing is held" in text_of(await pages.get("holds"))
    assert await send(pages) == 303
    (order,) = await in_force(pages)
    assert (order.scope, order.control, order.reason, order.by) == ("", "", "a migration", OPERATOR.name)
    shown = text_of(await pages.get("holds"))
    assert "Everything is held." in shown
    assert "Why a migration By ada.admin@contoso.example Since 2026-03-01 12:00:00 UTC" in shown


async def test_one_place_and_one_control_can_be_held() -> None:
    pages = a_page()
    await send(pages, {"scope": f" {a_target().id}/ ", "control": "tls-required"})
    (order,) = await in_force(pages)
    assert (order.scope, order.control) == (a_target().id.lower(), "tls-required")


@pytest.mark.parametrize(
    "form",
    [
        {"scope": "pg-payments"},
        {"scope": "/subscriptions/x"},
        {"control": "tls-requird"},
        {"reason": "  "},
        {"action": "destroy"},
        {"action": ""},
    ],
)
async def test_what_is_no_hold_is_refused_with_the_reason(form: dict[str, str]) -> None:
    pages = a_page()
    assert await send(pages, form) == 409
    assert await in_force(pages) == ()


async def test_a_hold_is_released_and_its_server_looked_at() -> None:
    pages = a_page()
    await held(pages, Hold("h1", a_target().id.lower(), "r", "ada", NOON), Hold("h2", "", "r", "ada", NOON))
    seal = seal_of(await pages.get("holds"), a_target().id.lower())
    answer = await pages.post("holds", {"action": "release", "seal": seal, "reason": "done"})
    assert answer.status == 303
    assert [order.id for order in await in_force(pages)] == ["h2"]
    assert len(await pages.triggers()) == 1


async def test_what_is_released_already_says_so() -> None:
    pages = a_page()
    await held(pages, A_HOLD)
    seal = seal_of(await pages.get("holds"))
    for status in (303, 409):
        assert (await pages.post("holds", {"action": "release", "seal": seal})).status == status


async def test_a_seal_for_a_hold_releases_nothing() -> None:
    pages = a_page()
    await held(pages, A_HOLD)
    seal = seal_of(await pages.get("holds"), NEW)
    assert (await pages.post("holds", {"action": "release", "seal": seal})).status == 403
    assert await in_force(pages) == (A_HOLD,)


async def test_every_use_is_recorded_and_told() -> None:
    pages = a_page()
    await send(pages)
    (entry,) = await pages.store.history(FLEET)
    assert (entry.stage, OPERATOR.name in entry.detail, "a migration" in entry.detail) == (Stage.ORDERED, True, True)
    (notice,) = (await pages.store.load(FLEET)).outbox
    assert notice.kind is NoticeKind.ORDERS_CHANGED


async def test_who_is_not_signed_in_sees_nothing() -> None:
    pages = a_page(signed_in=None)
    await held(pages, A_HOLD)
    shown = await pages.get("holds")
    assert (shown.status, "fights back" in shown.body) == (401, False)
    assert (await pages.post("holds", {"action": "hold", "reason": "r"})).status == 401


@pytest.mark.parametrize("policy", [Policy(), OPERATORS])
async def test_others_look_and_do_not_touch(policy: Policy) -> None:
    pages = a_page(policy=policy, signed_in=DANA)
    await held(pages, A_HOLD)
    shown = await pages.get("holds")
    assert "something fights back" in text_of(shown)
    assert "holdfast hold --everything --reason TEXT" in text_of(shown)
    assert "<form" not in shown.body
    operators_seal = seal_of(await a_page().get("holds"))
    assert (await pages.post("holds", {"action": "hold", "seal": operators_seal, "reason": "r"})).status == 409
    assert await in_force(pages) == (A_HOLD,)


async def test_looking_changes_nothing() -> None:
    pages = a_page()
    await held(pages, A_HOLD)
    before = contents(pages)
    await pages.get("holds")
    assert contents(pages) == before


@pytest.mark.parametrize("headers", [{"origin": "https://evil.example"}, {"sec_fetch_site": "cross-site"}])
async def test_a_form_sent_by_another_site_holds_nothing(headers: dict[str, str]) -> None:
    pages = a_page()
    assert await send(pages, EMPTY, **headers) == 403
    assert await in_force(pages) == ()


@pytest.mark.parametrize(
    ("scope", "words"),
    [
        (
            f"/subscriptions/{SUBSCRIPTION}/resourcegroups/rg-payments",
            "Resource group rg-payments",
        ),
        (f"/subscriptions/{SUBSCRIPTION}", f"Subscription {SUBSCRIPTION}"),
        ("/providers/microsoft.management/managementgroups/production", "Management group production"),
        (a_target().id.lower(), "Server pg-payments"),
    ],
)
async def test_a_place_is_named_in_words_and_by_its_id(scope: str, words: str) -> None:
    pages = a_page()
    await held(pages, Hold("h1", scope, "r", "ada", NOON))
    assert f"{words} Id {scope}" in text_of(await pages.get("holds"))


async def test_a_hold_that_came_by_itself_is_called_so() -> None:
    pages = a_page()
    await held(pages, A_HOLD)
    assert "By Holdfast (by itself)" in text_of(await pages.get("holds"))
