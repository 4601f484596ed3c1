"""What arrives at the door becomes a reason to look, or nothing of ours, or a dead letter; nothing else gets out."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.errors import MalformedEvent
from shared.events import Ignored, dead_letter_body, read_event
from shared.journal import Actor, DeadLetter, Trigger, decode, encode
from shared.target import PROVIDER, Kind
from tests.builders import NOON, a_target
from tests.examples import examples

_FOLDER = Path(__file__).parents[1] / "captures"
CAPTURES = {path.stem: json.loads(path.read_text()) for path in sorted(_FOLDER.glob("*.json"))}
SCHEMAS = pytest.mark.parametrize("schema", ["eventgrid", "cloudevents"])
DANA = Actor(
    "dana.fields@contoso.example",
    "aaaaaaaa-0000-4000-8000-00000000da7a",
    "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
    "user",
    "198.51.100.23",
)
PIPELINE = Actor(
    "bbbbbbbb-0000-4000-8000-0000000000a1",
    "bbbbbbbb-0000-4000-8000-0000000000b2",
    "bbbbbbbb-0000-4000-8000-0000000000a1",
    "application",
    "203.0.113.77",
)
UPN = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn"
NAME = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name"
OBJECT_ID = "http://schemas.microsoft.com/identity/claims/objectidentifier"
NOTHING_OF_OURS = "neither an Azure Database for PostgreSQL server nor anything that one uses"
FIREWALL_URI = CAPTURES["eventgrid-firewall-rule-write"]["data"]["resourceUri"]


def an_event(capture: str = "eventgrid-server-patch", **data: Any) -> dict[str, Any]:
    """A captured event with some of its data replaced."""
    event: dict[str, Any] = deepcopy(CAPTURES[capture])
    event["data"] |= data
    return event


def trigger_of(event: Mapping[str, Any]) -> Trigger:
    read = read_event(event)
    assert isinstance(read, Trigger)
    return read


def actor_of(**data: Any) -> Actor | None:
    """The actor of an event with nothing about its actor but this."""
    return trigger_of(an_event(**({"claims": {}, "authorization": {}, "httpRequest": {}} | data))).actor


# What arrives


@SCHEMAS
@pytest.mark.parametrize(
    ("name", "operation", "child", "actor"),
    [
        ("firewall-rule-write", "firewallrules/write", "firewallrules/office", DANA),
        ("parameter-write", "configurations/write", "configurations/require_secure_transport", DANA),
        ("server-patch", "write", "", DANA),
        (
            "administrator-delete",
            "administrators/delete",
            "administrators/33333333-3333-4333-8333-333333333333",
            DANA,
        ),
        (
            "lock-write",
            "microsoft.authorization/locks/write",
            "providers/microsoft.authorization/locks/keep (prod)",
            DANA,
        ),
        (
            "role-assignment-write",
            "microsoft.authorization/roleassignments/write",
            "providers/microsoft.authorization/roleassignments/f0000000-0000-4000-8000-000000000001",
            DANA,
        ),
        ("server-delete", "delete", "", DANA),
        ("server-restart", "restart/action", "", PIPELINE),
        ("notification-created-or-updated", "write", "", None),
        ("notification-deleted", "delete", "", None),
    ],
)
def test_an_event_says_where_to_look_and_who_it_was(
    schema: str, name: str, operation: str, child: str, actor: Actor | None
) -> None:
    trigger = trigger_of(CAPTURES[f"{schema}-{name}"])
    assert (trigger.target, trigger.operation, trigger.child) == (a_target().id, operation, child)
    assert trigger.actor == actor


def test_every_capture_is_read() -> None:
    assert len(CAPTURES) == 20
    assert all(isinstance(read_event(event), Trigger) for event in CAPTURES.values())


def test_a_trigger_keeps_the_id_time_and_correlation_of_its_event() -> None:
    trigger = trigger_of(an_event())
    assert trigger.id == "0e000000-0000-4000-8000-000000000003"
    assert trigger.at == datetime(2026, 3, 1, 12, 0, 3, 611735, UTC)
    assert trigger.correlation_id == "d0000000-0000-4000-8000-000000000003"


@pytest.mark.parametrize("outcome", ["Success", "Failure", "Cancel"])
@pytest.mark.parametrize("verb", ["Write", "Delete", "Action"])
def test_an_operation_that_failed_is_looked_at_as_well(verb: str, outcome: str) -> None:
    event = an_event() | {"eventType": f"Microsoft.Resources.Resource{verb}{outcome}"}
    assert trigger_of(event).outcome == outcome.lower()


def test_the_resource_uri_is_believed_before_the_subject() -> None:
    event = an_event(resourceUri=FIREWALL_URI) | {"subject": "/subscriptions/other"}
    assert trigger_of(event).child == "firewallrules/office"


def test_the_subject_is_used_where_there_is_no_resource_uri() -> None:
    event = an_event(resourceUri="") | {"subject": FIREWALL_URI}
    assert trigger_of(event).child == "firewallrules/office"


@pytest.mark.parametrize(
    ("uri", "expected"),
    [(FIREWALL_URI, "firewallrules/write"), (a_target().id, "write")],
)
@pytest.mark.parametrize("named", ["", None, "Create or Update"])
def test_an_operation_without_a_name_follows_from_the_resource(uri: str, expected: str, named: str | None) -> None:
    assert trigger_of(an_event(resourceUri=uri, operationName=named)).operation == expected


@pytest.mark.parametrize(
    ("kind", "child", "operation"),
    [
        (Kind.SINGLE, "", "write"),
        (Kind.SINGLE, "administrators/activeDirectory", "administrators/delete"),
        (Kind.SINGLE, "updateConfigurations", "updateconfigurations/action"),
        (Kind.CITUS, "", "write"),
        (Kind.CITUS, "roles/sg-dba", "roles/write"),
        (Kind.CITUS, "nodeConfigurations/log_connections", "nodeconfigurations/write"),
    ],
)
def test_an_event_of_every_kind_of_server_says_where_to_look(kind: Kind, child: str, operation: str) -> None:
    target = a_target(kind=kind)
    named = f"{PROVIDER}/{kind.type_name}/{operation}"
    found = trigger_of(an_event(resourceUri=f"{target.id}/{child}".rstrip("/"), operationName=named))
    assert (found.target, found.child, found.operation) == (target.id, child.lower(), operation)


def test_a_time_in_another_zone_is_kept_in_utc() -> None:
    event = an_event() | {"eventTime": "2026-03-01T14:00:00+02:00"}
    assert trigger_of(event).at == NOON
    assert trigger_of(event).at.tzinfo is UTC


def test_a_notification_about_a_child_names_its_operation() -> None:
    event = deepcopy(CAPTURES["eventgrid-notification-deleted"])
    event["data"]["resourceInfo"]["id"] = FIREWALL_URI
    assert trigger_of(event).operation == "firewallrules/delete"


# Who it was


def test_a_user_is_named_by_the_sign_in_name() -> None:
    actor = actor_of(claims={UPN: "dana@contoso.example", NAME: "live.com#dana", "name": "Dana Fields", "appid": "a"})
    assert actor == Actor("dana@contoso.example", "", "a", "user", "")


def test_a_guest_without_a_sign_in_name_is_named_by_the_account() -> None:
    actor = actor_of(claims={NAME: "live.com#dana", "name": "Dana Fields"})
    assert actor == Actor("live.com#dana", "", "", "user", "")


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"name": "Deploy", "appid": "app-1", OBJECT_ID: "OBJ-1"}, "Deploy"),
        ({"appid": "APP-1", OBJECT_ID: "OBJ-1"}, "APP-1"),
        ({OBJECT_ID: "OBJ-1"}, "OBJ-1"),
    ],
)
def test_an_application_is_named_by_the_best_there_is(claims: dict[str, str], name: str) -> None:
    actor = actor_of(claims=claims)
    assert actor is not None
    assert (actor.name, actor.object_id, actor.kind) == (name, "obj-1", "application")


def test_the_evidence_speaks_where_the_claims_are_silent() -> None:
    evidence = {"principalId": "0B-1", "principalType": "User"}
    assert actor_of(authorization={"evidence": evidence}) == Actor("0B-1", "0b-1", "", "user", "")


def test_an_address_comes_from_the_claims_first_and_then_from_the_request() -> None:
    request = {"clientIpAddress": "192.0.2.1"}
    first, second = actor_of(claims={UPN: "d", "ipaddr": "192.0.2.9"}), actor_of(claims={UPN: "d"}, httpRequest=request)
    assert first is not None
    assert second is not None
    assert (first.ip, second.ip) == ("192.0.2.9", "192.0.2.1")


@pytest.mark.parametrize("nobody", [{}, None, "", " ", "no json", "[", {"ipaddr": "192.0.2.9"}, {UPN: None}, {UPN: ""}])
def test_an_event_that_names_nobody_is_still_a_reason_to_look(nobody: object) -> None:
    assert actor_of(claims=nobody) is None


@pytest.mark.parametrize("principal", [None, {}, [], 7, {"principalId": None}, {"principalId": ["x"]}])
def test_evidence_of_another_shape_names_nobody(principal: object) -> None:
    assert actor_of(authorization={"evidence": principal}) is None


@pytest.mark.parametrize("odd", [[], {}, 7, True, ["dana"]])
def test_a_claim_that_is_no_text_names_nobody(odd: object) -> None:
    assert actor_of(claims={UPN: odd}) is None


def test_claims_authorization_and_request_may_be_json_in_a_text() -> None:
    event = an_event()
    for key in ("claims", "authorization", "httpRequest"):
        event["data"][key] = json.dumps(event["data"][key])
    assert trigger_of(event).actor == DANA


def test_a_text_nested_too_deep_names_nobody() -> None:
    assert actor_of(claims="[" * 200_000) is None


def test_names_are_cut_and_lose_what_cannot_be_printed() -> None:
    actor = actor_of(claims={UPN: "dana\n\r\x1b[31m\x00\u202e@contoso\ud800.example" + "x" * 5000, "ipaddr": "1\n2"})
    assert actor is not None
    assert actor.name.startswith("dana[31m@contoso.examplexx")
    assert len(actor.name) <= 256
    assert actor.ip == "12"


def test_a_name_in_any_script_stays() -> None:
    actor = actor_of(claims={UPN: "Zoë Ångström 王小明"})
    assert actor is not None
    assert actor.name == "Zoë Ångström 王小明"


# What is not ours


@pytest.mark.parametrize(
    "kind",
    ["Microsoft.Storage.BlobCreated", "Microsoft.Resources.ResourceReadSuccess", "x", "Microsoft.Resources"],
)
def test_an_event_of_another_type_is_ignored(kind: str) -> None:
    assert read_event(an_event() | {"eventType": kind}) == Ignored(
        f"event type {kind} is not about a resource write",
    )


@pytest.mark.parametrize(
    "uri",
    ["/subscriptions/x/resourceGroups/y/providers/Microsoft.Storage/storageAccounts/z", "/subscriptions/x", "anything"],
)
def test_an_event_about_another_provider_is_ignored(uri: str) -> None:
    assert read_event(an_event(resourceUri=uri)) == Ignored(NOTHING_OF_OURS)


def test_a_notification_about_another_provider_is_ignored() -> None:
    event = an_event("eventgrid-notification-deleted", resourceInfo={"id": "/subscriptions/x"})
    assert read_event(event) == Ignored(NOTHING_OF_OURS)


# What cannot be understood


@pytest.mark.parametrize("envelope", [None, [], "text", 7, True, [CAPTURES["eventgrid-server-patch"]]])
def test_what_is_no_object_is_malformed(envelope: Any) -> None:
    with pytest.raises(MalformedEvent, match="an event is a JSON object, found "):
        read_event(envelope)


@pytest.mark.parametrize(
    ("key", "field"),
    [("id", "id"), ("eventType", "type"), ("eventTime", "time"), ("data", "data")],
)
def test_a_missing_field_is_named(key: str, field: str) -> None:
    event = an_event()
    del event[key]
    with pytest.raises(MalformedEvent, match=f"^{field}: "):
        read_event(event)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"id": 7}, "id"),
        ({"id": ""}, "id"),
        ({"id": "x" * 513}, "id"),
        ({"id": "\ud800"}, "id"),
        ({"eventType": ["a"]}, "type"),
        ({"eventType": "x" * 257}, "type"),
        ({"subject": None}, "subject"),
        ({"data": []}, "data"),
        ({"data": "text"}, "data"),
        ({"eventTime": "yesterday"}, "time"),
        ({"eventTime": None}, "time"),
        ({"eventTime": {}}, "time"),
        ({"eventTime": 1e300}, "time"),
        ({"eventTime": "0001-01-01T00:00:00+14:00"}, "time"),
    ],
    ids=str,
)
def test_a_field_of_the_wrong_kind_is_named(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(MalformedEvent, match=f"^{field}: "):
        read_event(an_event() | changes)


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"resourceUri": None}, "resourceUri"),
        ({"resourceUri": 7}, "resourceUri"),
        ({"operationName": {}}, "operationName"),
        ({"correlationId": 7}, "correlationId"),
        ({"claims": []}, "claims"),
        ({"claims": "[]"}, "claims"),
        ({"authorization": 7}, "authorization"),
        ({"httpRequest": []}, "httpRequest"),
        ({"httpRequest": {"clientIpAddress": 7}}, "httpRequest.clientIpAddress"),
    ],
    ids=str,
)
def test_data_of_the_wrong_kind_is_named(data: dict[str, Any], field: str) -> None:
    with pytest.raises(MalformedEvent, match=f"^{field}: "):
        read_event(an_event(**data))


@pytest.mark.parametrize("info", [None, [], {}, {"id": None}, {"id": 7}])
def test_a_notification_without_its_resource_is_malformed(info: object) -> None:
    with pytest.raises(MalformedEvent, match=r"^resourceInfo(\.id)?: "):
        read_event(an_event("cloudevents-notification-deleted", resourceInfo=info))


@SCHEMAS
def test_a_time_without_a_zone_is_malformed(schema: str) -> None:
    key = "eventTime" if schema == "eventgrid" else "time"
    with pytest.raises(MalformedEvent, match=r"^time: Input should have timezone info"):
        read_event(CAPTURES[f"{schema}-server-patch"] | {key: "2026-03-01T12:00:00"})


@pytest.mark.parametrize("name", ["..", "pg'", "pg%20", "p" * 10_000, "evil.example", "pg\n"])
def test_an_id_that_cannot_be_one_is_malformed(name: str) -> None:
    with pytest.raises(MalformedEvent, match="resource id"):
        read_event(an_event(resourceUri=a_target().id.replace("pg-payments", name)))


# Dead letters


@pytest.mark.parametrize(
    ("envelope", "body"),
    [({"id": "ä"}, '{"id": "ä"}'), (NOON, '"2026-03-01 12:00:00+00:00"'), ({NOON: 1}, repr({NOON: 1}))],
)
def test_a_dead_letter_keeps_the_event_as_text(envelope: object, body: str) -> None:
    assert dead_letter_body(envelope) == body


@pytest.mark.parametrize("odd", ["\ud800", {"a": "\udfff"}, {"\ud800": 1}])
def test_a_dead_letter_can_be_stored_whatever_it_holds(odd: object) -> None:
    letter = DeadLetter("id", "event", "reason", dead_letter_body(odd), NOON)
    assert decode(DeadLetter, encode(letter)) == letter


def test_a_dead_letter_of_something_endless_is_text_as_well() -> None:
    endless: list[Any] = []
    endless.append(endless)
    assert dead_letter_body(endless) == "[[...]]"


def test_a_dead_letter_of_something_bottomless_is_text_as_well() -> None:
    deep: list[Any] = []
    for _ in range(200_000):
        deep = [deep]
    assert "nested" in dead_letter_body(deep)


# Anything at all

texts = st.text(st.characters(exclude_categories=()), max_size=20)
leaves = st.none() | st.booleans() | st.integers() | st.floats() | texts
anything = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3), max_leaves=8
)


def places(value: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of everything inside an event."""
    if path:
        yield path
    for key, inner in value.items() if isinstance(value, dict) else ():
        yield from places(inner, (*path, key))


PLACES = [(name, path) for name, event in CAPTURES.items() for path in places(event)]


# Reading costs a millisecond or so of this thread's own processor time, which no neighbour can take. What runs away
# (a pattern that goes back and forth over a megabyte) costs minutes: there is no doubt between the two.
RUNS_AWAY_SECONDS = 2.0


def reading_seconds(event: Any) -> float:
    started = time.thread_time()
    judge_reading(event)
    return time.thread_time() - started


def judge_reading(event: Any) -> None:
    with suppress(MalformedEvent):
        read = read_event(event)
        assert isinstance(read, Ignored) or decode(Trigger, encode(read)) == read


@settings(deadline=None)
@given(anything)
def test_any_json_is_a_trigger_or_ignored_or_malformed(event: Any) -> None:
    assert reading_seconds(event) < RUNS_AWAY_SECONDS


@settings(deadline=None, max_examples=examples(400))
@given(st.sampled_from(PLACES), anything)
def test_an_event_with_anything_anywhere_is_a_trigger_or_ignored_or_malformed(
    place: tuple[str, tuple[Any, ...]], value: Any
) -> None:
    name, (*above, key) = place
    event: dict[str, Any] = deepcopy(CAPTURES[name])
    inner: Any = event
    for part in above:
        inner = inner[part]
    inner[key] = value
    assert reading_seconds(event) < RUNS_AWAY_SECONDS


@pytest.mark.parametrize("character", ["x", "\n", "/", "\u202e"])
@pytest.mark.parametrize("key", ["resourceUri", "operationName", "correlationId", "claims"])
def test_a_megabyte_anywhere_does_not_run_away(key: str, character: str) -> None:
    assert reading_seconds(an_event(**{key: character * 1_000_000})) < RUNS_AWAY_SECONDS
    assert reading_seconds(an_event(claims={UPN: character * 1_000_000})) < RUNS_AWAY_SECONDS
