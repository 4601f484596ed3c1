import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from azure.core.credentials import AccessToken, AzureKeyCredential
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import ClientAuthenticationError

from shared.errors import DeliveryFailed
from shared.journal import Actor, NoticeKind
from shared.notify.event import event_of
from shared.notify.event_grid import EventGridTopic
from tests.notify.builders import RECORD, SERVER, a_finding, a_notice, a_report, a_trigger
from tests.notify.examples import TAGS, an_example
from tests.notify.receivers import KEY, Topic, listening

PAGE = (Path(__file__).parents[2] / "docs" / "events.md").read_text()


@pytest.fixture
async def topic() -> AsyncIterator[Topic]:
    async with listening(Topic()) as found:
        yield found


@pytest.fixture
async def channel(topic: Topic) -> AsyncIterator[EventGridTopic]:
    made = EventGridTopic(topic.endpoint, lambda: AzureKeyCredential(KEY))
    yield made
    await made.close()


async def test_every_kind_is_taken_by_the_topic(topic: Topic, channel: EventGridTopic) -> None:
    notices = [an_example(kind) for kind in NoticeKind]
    for notice in notices:
        await channel.send(notice)
    assert topic.received == [event_of(notice) for notice in notices]


async def test_the_envelope_lets_receivers_filter_and_remove_duplicates(topic: Topic, channel: EventGridTopic) -> None:
    await channel.send(a_notice(3))
    (event,) = topic.received
    assert (event["id"], event["subject"]) == (f"{RECORD}.3", SERVER)
    assert (event["eventType"], event["dataVersion"]) == ("Holdfast.Remediated", "1")


@pytest.mark.parametrize("kind", NoticeKind)
def test_the_example_of_the_page_is_what_is_sent(kind: NoticeKind) -> None:
    found = re.search(rf"### {re.escape(kind)}\n.*?```json\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    assert json.loads(found[1]) == json.loads(json.dumps(event_of(an_example(kind))))


def test_the_page_explains_every_member() -> None:
    table = PAGE.partition("## The data")[2].partition("## The types")[0]
    for kind in NoticeKind:
        for name in _names(event_of(an_example(kind))["data"]) - {"startIpAddress", "endIpAddress", *TAGS}:
            assert re.search(rf"[`.]{name}`", table), name


def test_an_actor_is_five_tame_claims() -> None:
    hostile = Actor("<b>\u202e\n" + "x" * 10_000, "oid", "app", "user", "198.51.100.23")
    text = json.dumps(event_of(a_notice(report=a_report(trigger=a_trigger(actor=hostile)))))
    actor = json.loads(text)["data"]["trigger"]["actor"]
    assert set(actor) == {"name", "objectId", "appId", "kind", "ip"}
    assert len(actor["name"]) == 128
    assert actor["name"].startswith("‹b› x")


async def test_a_key_that_is_refused_is_not_repeated(topic: Topic) -> None:
    channel = EventGridTopic(topic.endpoint, lambda: AzureKeyCredential("c2VjcmV0"))
    with pytest.raises(DeliveryFailed, match="answered 401: it does not accept our identity or key") as caught:
        await channel.send(a_notice())
    await channel.close()
    assert "c2VjcmV0" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "words"),
    [(403, "EventGrid Data Sender"), (404, "no such topic"), (413, "too large"), (500, "Internal Server Error")],
)
async def test_an_answer_that_is_no_success_is_told(
    topic: Topic, channel: EventGridTopic, status: int, words: str
) -> None:
    topic.status = status
    with pytest.raises(DeliveryFailed, match=f"the topic answered {status}: .*{words}"):
        await channel.send(a_notice())
    assert topic.asked == 1


async def test_a_topic_that_is_down_is_told() -> None:
    channel = EventGridTopic("http://127.0.0.1:9/api/events", lambda: AzureKeyCredential(KEY))
    with pytest.raises(DeliveryFailed, match="the topic cannot be reached"):
        await channel.send(a_notice())
    await channel.close()


async def test_an_identity_without_a_token_is_told() -> None:
    channel = EventGridTopic("https://127.0.0.1:9/api/events", NoIdentity)
    with pytest.raises(DeliveryFailed, match="our identity gets no token for the topic: no managed identity here"):
        await channel.send(a_notice())
    await channel.close()


class NoIdentity(AsyncTokenCredential):
    """A machine without an identity."""

    async def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        raise ClientAuthenticationError("no managed\nidentity here")

    async def close(self) -> None:
        """Nothing is open."""

    async def __aexit__(self, *error: object) -> None:
        """Nothing is open."""


async def test_a_slow_topic_is_not_waited_for_without_end(topic: Topic) -> None:
    topic.delay_seconds = 0.5
    channel = EventGridTopic(topic.endpoint, lambda: AzureKeyCredential(KEY), timeout_seconds=0.2)
    with pytest.raises(DeliveryFailed, match=r"did not answer within 0\.2 s"):
        await channel.send(a_notice())
    await channel.close()


def test_machines_hear_what_is_quiet() -> None:
    channel = EventGridTopic("https://topic.example", lambda: AzureKeyCredential(KEY))
    assert channel.wants(replace(a_notice(), quiet=True))


def _names(value: object) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*map(_names, value.values()))
    return set().union(*map(_names, value)) if isinstance(value, list) else set()


def test_machines_hear_what_a_person_does_only_where_no_write_can_mend_it() -> None:
    by_hand = a_report(findings=(a_finding(), a_finding(person="ask the network team")))
    data = event_of(a_notice(report=by_hand))["data"]
    assert isinstance(data, dict)
    assert [finding.get("byHand") for finding in data["findings"]] == [None, "ask the network team"]
