"""The same alert in every shape is the same alert; what is odd is passed over, what is broken is said in a sentence."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.alert import Alert, AlertStatus, Entity
from shared.alerts.reading import Ignored, read_alert
from shared.alerts.unpack import records, records_of
from shared.errors import MalformedEvent
from shared.journal import Origin, Trigger, decode, encode
from tests.alerts.shapes import CAPTURES, ID, NO_ALERTS, SERVER, SHAPES, an_export, read
from tests.builders import NOON

HOSTILE = "<script>alert(1)</script>\u202e\u200f\x00\x1b[31m\r\nBcc: all@example.com " + "A" * 30_000
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
NAMES = sorted({*CAPTURES["export"], *CAPTURES["rest"]["properties"], "id", "name", "type", "properties"})


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_is_read_alike(shape: str) -> None:
    alert = read(CAPTURES[shape])
    assert (alert.id, alert.type, alert.severity) == (ID, "SQL.PostgreSQL_BruteForce", "high")
    assert alert.title == "Suspected successful brute force attack"
    assert alert.resource.lower() == SERVER.lower()
    assert alert.status is (AlertStatus.IN_PROGRESS if shape == "resource-graph" else AlertStatus.ACTIVE)
    assert alert.intent == "PreAttack"
    assert alert.named("ip") == ("81.2.69.142",)
    assert alert.named("account") == ("app_reports",)
    assert alert.named("azureresource") == (SERVER,)
    assert alert.facts["Client application"] == "psql"
    assert alert.facts["Investigation steps"] == "How to investigate this alert"
    assert alert.started_at == datetime(2026, 3, 1, 11, 41, 8, 17042, UTC)
    assert alert.raised_at == datetime(2026, 3, 1, 11, 54, 9, 17042, UTC)
    assert (alert.location, alert.group) == ("westeurope", "rg-payments")
    assert alert.subscription == "11111111-1111-4111-8111-111111111111"
    assert not alert.sample
    assert not alert.incident


@pytest.mark.parametrize("shape", SHAPES)
def test_what_was_read_is_kept_without_loss(shape: str) -> None:
    trigger = Trigger(
        "alert:x:active", SERVER, "", "", NOON, Origin.ALERT, received_at=NOON, alert=read(CAPTURES[shape])
    )
    assert decode(Trigger, encode(trigger)) == trigger


@pytest.mark.parametrize("name", NO_ALERTS)
def test_what_else_the_hub_carries_is_told_apart(name: str) -> None:
    found = read_alert(CAPTURES[name])
    assert isinstance(found, Ignored)
    assert found.reason.endswith("is no alert")


@pytest.mark.parametrize(
    ("document", "count"),
    [
        ([CAPTURES["rest"], CAPTURES["export"]], 2),
        ({"value": [CAPTURES["rest"], CAPTURES["rest"]], "nextLink": ""}, 2),
        ({"data": [CAPTURES["resource-graph"]], "count": 1}, 1),
        ({"records": [CAPTURES["export"]]}, 1),
        ([CAPTURES["event-grid"], CAPTURES["cloud-event"]], 2),
        (CAPTURES["event-grid"] | {"data": json.dumps(CAPTURES["export"])}, 1),
        (CAPTURES["event-grid"] | {"data": {"value": [CAPTURES["rest"]] * 3}}, 3),
        ([], 0),
    ],
)
def test_lists_batches_and_events_are_opened(document: object, count: int) -> None:
    assert [read(one).id for one in records(document)] == [ID] * count


def test_a_record_of_log_analytics_has_json_in_texts() -> None:
    packed = {name: json.dumps(CAPTURES["export"][name]) for name in ("Entities", "ExtendedProperties")}
    assert read(an_export(**packed)) == read(CAPTURES["export"])


def test_members_are_found_in_any_case() -> None:
    loud = {name.upper(): value for name, value in CAPTURES["export"].items()}
    assert read(loud) == read(CAPTURES["export"])


def test_unknown_members_change_nothing() -> None:
    assert read(an_export(Unheard=[{"of": [1, 2]}], Flavor=None)) == read(CAPTURES["export"])


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("New", AlertStatus.ACTIVE),
        ("Active", AlertStatus.ACTIVE),
        ("InProgress", AlertStatus.IN_PROGRESS),
        ("In Progress", AlertStatus.IN_PROGRESS),
        ("RESOLVED", AlertStatus.RESOLVED),
        ("Dismissed", AlertStatus.DISMISSED),
        ("Escalated", AlertStatus.ACTIVE),
        (None, AlertStatus.ACTIVE),
    ],
)
def test_a_status_of_any_spelling_is_one_of_four(word: str | None, status: AlertStatus) -> None:
    assert read(an_export(Status=word)).status is status


@pytest.mark.parametrize(
    "changes",
    [
        {"AlertDisplayName": "[SAMPLE ALERT] Login from a suspicious IP"},
        {"AlertDisplayName": " [sample alert] x"},
        {"Description": "THIS IS A SAMPLE ALERT: somebody ..."},
    ],
)
def test_sample_alerts_are_known(changes: dict[str, str]) -> None:
    assert read(an_export(**changes)).sample


def test_a_server_comes_before_its_subscription() -> None:
    subscription = "/subscriptions/11111111-1111-4111-8111-111111111111"
    alert = read(an_export(AzureResourceId=subscription))
    assert alert.resource == SERVER
    assert read(an_export(AzureResourceId=subscription, ResourceIdentifiers=None)).resource == subscription
    assert read(an_export(AzureResourceId=None, ResourceIdentifiers=[])).resource == ""


def test_an_id_is_shown_in_its_own_case_where_it_is_given_so() -> None:
    assert read(CAPTURES["export"]).resource == SERVER
    assert read(an_export(ResourceIdentifiers=None)).resource == SERVER.upper()


def test_what_an_entity_refers_to_is_named() -> None:
    alert = read(CAPTURES["export"])
    (account,) = [one for one in alert.entities if one.kind == "account"]
    assert account.details["host"] == "pg-payments"
    (address,) = [one for one in alert.entities if one.kind == "ip"]
    assert (address.details["location"], address.details["asn"]) == ("London, England, United Kingdom", "20712")


def test_an_address_that_only_a_fact_names_is_an_entity() -> None:
    alert = read(an_export(Entities=[]))
    assert alert.entities == (
        Entity("ip", "81.2.69.142", {"from": "client ip address"}),
        Entity("account", "app_reports", {"from": "client principal name"}),
    )
    assert not read(an_export(Entities=[], ExtendedProperties={"Client IP address": "somewhere"})).entities


def test_of_two_thousand_entities_a_hundred_are_kept_and_the_rest_is_counted() -> None:
    many = [{"Type": "ip", "Address": f"198.51.{number // 250}.{number % 250}"} for number in range(2000)]
    alert = read(an_export(Entities=many, ExtendedProperties={}))
    assert (len(alert.entities), alert.more_entities) == (100, 1900)
    assert len(encode(alert)) < 20_000


def test_an_incident_and_its_members_share_a_key() -> None:
    incident = read(an_export(IsIncident=True, CorrelationKey="kso0LFWx=="))
    assert (incident.incident, incident.part_of) == (True, "kso0LFWx==")
    assert read(an_export(ExtendedProperties={"IncidentId": "2517_AB"})).part_of == "2517_ab"


def test_hostile_texts_become_one_printable_line_of_bounded_length() -> None:
    facts = {HOSTILE: HOSTILE} | {f"{number}": HOSTILE for number in range(100)}
    entity = {"Type": HOSTILE, "Name": HOSTILE} | {f"{HOSTILE}{number}": HOSTILE for number in range(50)}
    alert = read(
        an_export(
            AlertDisplayName=HOSTILE, Description=HOSTILE, AlertType=HOSTILE, Intent=HOSTILE, Severity=HOSTILE,
            CompromisedEntity=HOSTILE, AlertUri=HOSTILE, AzureResourceId=HOSTILE, RemediationSteps=[HOSTILE] * 9,
            ExtendedProperties=facts, Entities=[entity] * 200, ResourceIdentifiers=None,
        )
    )  # fmt: skip
    assert all(text.isprintable() and len(text) <= 2000 for text in _texts(alert))
    assert len(encode(alert)) < 200_000
    assert alert.link == ""


@pytest.mark.parametrize(
    "link",
    [
        "https://portal.azure.com.evil.example/#blade",
        "https://evil.example/?portal.azure.com",
        "http://portal.azure.com/#blade",
        "https://portal.azure.com@evil.example/",
        "javascript:alert(1)",
        "https://portal.azure.com/#" + "x" * 3000,
        "https://[::1",
    ],
)
def test_a_link_leads_to_a_portal_of_microsoft_or_nowhere(link: str) -> None:
    assert read(an_export(AlertUri=link)).link == ""


@pytest.mark.parametrize(
    ("record", "sentence"),
    [
        (7, "an alert is a JSON object, found int"),
        (None, "an alert is a JSON object, found NoneType"),
        ({"hello": "world"}, "no AlertType and no SystemAlertId: not an alert of Defender for Cloud"),
        (an_export(SystemAlertId=None), "SystemAlertId: found '', wanted letters, digits and _ . -"),
        (an_export(SystemAlertId=5), "SystemAlertId: found a number, wanted text"),
        (an_export(SystemAlertId="../../x"), "SystemAlertId: found '../../x', wanted letters, digits and _ . -"),
        (an_export(AlertType=["x"]), "AlertType: found an array, wanted text"),
        (an_export(Entities={"a": 1}), "Entities: found an object, wanted an array"),
        (an_export(Entities="many"), "Entities: found text, wanted an array"),
        (an_export(ExtendedProperties=[1]), "ExtendedProperties: found an array, wanted an object"),
        (an_export(AzureResourceId=True), "AzureResourceId: found true or false, wanted text"),
        (an_export(Status=1), "Status: found a number, wanted text"),
        ({"properties": "x"}, "properties: found text, wanted an object"),
    ],
)
def test_what_is_broken_is_said_in_a_sentence(record: object, sentence: str) -> None:
    with pytest.raises(MalformedEvent) as caught:
        read_alert(record)
    assert str(caught.value) == sentence


@pytest.mark.parametrize("body", [b"", b"\xff", b"[" * 100_000, b"nonsense", b'{"a": ' + b"9" * 5000 + b"}"])
def test_a_body_that_is_no_json_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(MalformedEvent, match=r"^a body is "):
        records_of(body)


def test_what_is_nested_too_deep_is_shown_as_that() -> None:
    deep: Any = "end"
    for _ in range(200_000):
        deep = {"x": deep}
    alert = read(an_export(Entities=[{"Type": "ip", "Address": deep}], ExtendedProperties={"x": deep}))
    assert alert.facts["x"] == alert.entities[0].name == "(nested too deep to show)"


@given(st.dictionaries(st.sampled_from(NAMES), JSON), st.sampled_from(["export", "rest"]))
def test_whatever_the_members_hold_there_is_an_alert_or_a_sentence(changes: dict[str, Any], shape: str) -> None:
    record = CAPTURES[shape] | changes
    for document in (record, {"properties": {**CAPTURES["rest"]["properties"], **changes}, "name": ID}):
        for one in records(document):
            found = _alert_or_sentence(one)
            if isinstance(found, Alert):
                assert all(text.isprintable() for text in _texts(found))
                assert decode(Alert, encode(found)) == found
            assert not isinstance(found, str) or found.isprintable()


@given(JSON)
def test_any_document_at_all_is_survived(document: Any) -> None:
    for one in records(document):
        assert _alert_or_sentence(one)


def _alert_or_sentence(record: object) -> Alert | Ignored | str:
    try:
        return read_alert(record)
    except MalformedEvent as error:
        return str(error)


def _texts(alert: Alert) -> list[str]:
    entities = [text for one in alert.entities for text in (one.kind, one.name, *one.details, *one.details.values())]
    single = [alert.id, alert.type, alert.title, alert.severity, alert.resource, alert.description, alert.intent]
    return [*single, alert.link, alert.part_of, *alert.facts, *alert.facts.values(), *entities]
