"""The doors of alerts: each takes an alert in once, one bad record costs no other, nothing is lost."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from local_host.sign_in import Somebody
from remediators import load_all
from shared.alert_telling import tell_of_deleted
from shared.alerts.address import addressed
from shared.alerts.known import forget_old, known_alert, known_alerts
from shared.journal import NoticeKind, Trigger, now
from shared.ports import Commit
from shared.runtime import Holdfast
from shared.settings import read_settings
from shared.target import FLEET, parse_target
from tests.alerts.shapes import CAPTURES, ID, SERVER, SHAPES, an_export, read
from tests.builders import NOON


@pytest.fixture
async def holdfast(tmp_path: Path) -> AsyncIterator[Holdfast]:
    opened = Holdfast(read_settings({"HOLDFAST_STORE": f"sqlite:{tmp_path / 'holdfast.db'}"}), load_all)
    yield opened
    await opened.close()


async def waiting(holdfast: Holdfast) -> list[Trigger]:
    return list((await holdfast.parts.store.load(parse_target(SERVER))).triggers)


async def reasons(holdfast: Holdfast) -> list[str]:
    return [letter.reason for letter in await holdfast.parts.store.dead_letters()]


def body(*documents: object) -> list[bytes]:
    return [json.dumps(document).encode() for document in documents]


def published(event: dict[str, Any]) -> SimpleNamespace:
    """The event as the worker library hands it over."""
    time = SimpleNamespace(isoformat=lambda: "2026-03-01T11:54:12+00:00")
    common = {"id": event["id"], "subject": event["subject"], "get_json": lambda: event["data"]}
    if "specversion" in event:
        return SimpleNamespace(**common, specversion="1.0", source=event["source"], type=event["type"], time=time)
    return SimpleNamespace(**common, topic=event["topic"], event_type=event["eventType"], event_time=time)


async def through(holdfast: Holdfast, shape: str) -> None:
    if shape in ("event-grid", "cloud-event"):
        await holdfast.alerts.receive_event(published(CAPTURES[shape]))
    elif shape in ("logic-app", "rest"):
        assert (await holdfast.alerts.posted(*body(CAPTURES[shape])))[0] == 202
    else:
        await holdfast.alerts.receive(body(CAPTURES[shape]), "event hub")


@pytest.mark.parametrize("shape", SHAPES)
async def test_each_door_makes_its_server_be_looked_at(holdfast: Holdfast, shape: str) -> None:
    await through(holdfast, shape)
    (trigger,) = await waiting(holdfast)
    assert trigger.alert == read(CAPTURES[shape])


async def test_the_same_alert_by_every_door_is_one_reason_to_look(holdfast: Holdfast) -> None:
    for shape in SHAPES:
        if shape != "resource-graph":
            await through(holdfast, shape)
    assert [trigger.id for trigger in await waiting(holdfast)] == [f"alert:{ID}:active"]


async def test_a_copy_that_comes_after_the_look_makes_nobody_look_again(holdfast: Holdfast) -> None:
    assert await holdfast.alerts.receive(body(CAPTURES["export"]), "event hub") == {"taken in": 1}
    store = holdfast.parts.store
    dossier = await store.load(parse_target(SERVER))
    done = Commit(dossier.memory, handled=(dossier.triggers[0].id,))
    await store.commit(parse_target(SERVER), dossier.version, done)
    assert await holdfast.alerts.receive(body(CAPTURES["rest"]), "http") == {"known already": 1}
    assert await waiting(holdfast) == []


async def test_each_status_of_an_alert_is_heard_once(holdfast: Holdfast) -> None:
    for status in ("New", "InProgress", "New", "Resolved", "Resolved"):
        await holdfast.alerts.receive(body(an_export(Status=status)), "event hub")
    statuses = ["active", "inprogress", "resolved"]
    assert sorted(trigger.id for trigger in await waiting(holdfast)) == [f"alert:{ID}:{one}" for one in statuses]
    known = await known_alert(holdfast.parts.store, ID)
    assert known is not None
    assert [heard.status for heard in known.heard] == statuses


async def test_one_bad_record_costs_no_other(holdfast: Holdfast) -> None:
    batch = [b"\xff", *body(7, [an_export(Entities="x"), CAPTURES["assessment"], CAPTURES["export"]]), b"{"]
    fates = await holdfast.alerts.receive(batch, "event hub")
    assert fates == {"could not be read": 4, "ignored": 1, "taken in": 1}
    assert len(await waiting(holdfast)) == 1
    assert len(await reasons(holdfast)) == 4
    letters = await holdfast.parts.store.dead_letters()
    assert any("SystemAlertId" in letter.body for letter in letters)
    assert {letter.source for letter in letters} == {"alert"}


async def test_a_post_says_what_became_of_it(holdfast: Holdfast) -> None:
    assert await holdfast.alerts.posted(b"nonsense") == (400, '{"could not be read": 1}')
    assert await holdfast.alerts.posted(b"[]") == (202, "{}")
    assert await holdfast.alerts.posted(*body([7, CAPTURES["rest"]])) == (
        202,
        '{"could not be read": 1, "taken in": 1}',
    )
    assert (await holdfast.alerts.posted(b" " * (4 * 1024 * 1024 + 1)))[0] == 413


async def test_an_alert_that_names_no_server_is_told_to_people_once(holdfast: Holdfast) -> None:
    lost = an_export(AzureResourceId="", ResourceIdentifiers=[])
    assert await holdfast.alerts.receive(body(lost, lost), "event hub") == {"told to people": 1, "known already": 1}
    (notice,) = (await holdfast.parts.store.load(FLEET)).outbox
    assert notice.kind is NoticeKind.ALERT_RECEIVED
    assert notice.report.severity == "high"
    assert notice.report.outcome == (
        "Suspected successful brute force attack (SQL.PostgreSQL_BruteForce, active) leads to no PostgreSQL server: "
        "found no resource id. Nothing was changed"
    )
    assert notice.report.trigger is not None
    assert notice.report.trigger.alert == read(lost)


async def test_an_alert_about_a_deleted_server_is_told_to_people_once(holdfast: Holdfast) -> None:
    trigger = addressed(read(CAPTURES["export"]), NOON)
    assert isinstance(trigger, Trigger)
    for _ in range(2):
        await tell_of_deleted(holdfast.parts.store, trigger, NOON)
    (notice,) = (await holdfast.parts.store.load(FLEET)).outbox
    assert f"{trigger.target} does not exist any more" in notice.report.outcome


async def test_what_defender_has_dropped_is_forgotten(holdfast: Holdfast) -> None:
    store = holdfast.parts.store
    await holdfast.alerts.receive(body(CAPTURES["export"], an_export(SystemAlertId="forged")), "event hub")
    assert {known.alert.id for known in await known_alerts(store)} == {ID, "forged"}
    await forget_old(store, now() + timedelta(days=89))
    assert len(await known_alerts(store)) == 2
    await forget_old(store, now() + timedelta(days=91))
    assert await known_alerts(store) == []


async def test_a_status_that_comes_back_later_is_news(holdfast: Holdfast) -> None:
    await holdfast.alerts.receive(body(an_export(Status="Active"), an_export(Status="Dismissed")), "event hub")
    known = await known_alert(holdfast.parts.store, ID)
    assert known is not None
    active, dismissed = (one.status for one in known.heard)
    soon, later = now(), now() + timedelta(hours=2)
    assert [known.is_copy(active, soon), known.is_copy(active, later)] == [True, False]
    assert known.is_copy(dismissed, later)


class Defender:
    """Lists one alert, and one that cannot be read, and counts how often it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def listed(self, subscription: str) -> AsyncIterator[dict[str, Any]]:
        self.asked.append(subscription)
        raised = f"{now():%Y-%m-%dT%H:%M:%SZ}"
        rest = CAPTURES["rest"]
        yield {**rest, "properties": {**rest["properties"], "timeGeneratedUtc": raised}}
        yield {**rest, "properties": {**rest["properties"], "entities": "x"}}


@pytest.mark.parametrize("setting", ["", "false", "no"])
async def test_unasked_nobody_polls(holdfast: Holdfast, setting: str) -> None:
    defender = Defender()
    vars(holdfast.parts)["alerts"] = defender
    settings = holdfast.parts.settings
    holdfast.parts.settings = settings.model_copy(update={"poll_alerts": setting, "subscriptions": "s"})
    await holdfast.poll_alerts()
    assert defender.asked == []


async def test_polling_takes_in_what_is_new_and_keeps_one_letter_of_what_it_cannot_read(holdfast: Holdfast) -> None:
    defender = Defender()
    vars(holdfast.parts)["alerts"] = defender
    settings = holdfast.parts.settings
    holdfast.parts.settings = settings.model_copy(update={"poll_alerts": "true", "subscriptions": "s,t"})
    await holdfast.poll_alerts()
    await holdfast.poll_alerts()
    assert defender.asked == ["s", "t", "s", "t"]
    assert [trigger.id for trigger in await waiting(holdfast)] == [f"alert:{ID}:active"]
    assert await reasons(holdfast) == ["entities: found text, wanted an array"]


SENDER = Somebody(name="logic-app", object_id="55555555-5555-4555-8555-555555555555", roles=("Alerts.Send",))


@pytest.mark.parametrize(
    ("signs_in", "senders", "status"),
    [
        ("true", SENDER.object_id, 202),
        ("true", f"somebody-else, {SENDER.roles[0]}", 202),
        ("true", "somebody-else", 403),
        ("true", "", 403),
        ("", SENDER.object_id, 401),
    ],
)
async def test_who_signs_in_and_is_named_may_post_without_a_key(
    holdfast: Holdfast, signs_in: str, senders: str, status: int
) -> None:
    given = {"authentication": signs_in, "alert_senders_text": senders}
    holdfast.parts.settings = holdfast.parts.settings.model_copy(update=given)
    headers = {name.lower(): text for name, text in SENDER.headers().items()}
    (sent,) = body(CAPTURES["logic-app"])
    assert (await holdfast.alerts.posted_signed(headers, sent))[0] == status
    assert len(await waiting(holdfast)) == (1 if status == 202 else 0)


async def test_a_sender_who_is_not_signed_in_is_nobody(holdfast: Holdfast) -> None:
    assert (await holdfast.alerts.posted_signed({}, b"{}"))[0] == 401
