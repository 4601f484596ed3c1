from typing import Any

import pytest

from shared.control import Severity
from shared.journal import Actor, Notice, NoticeKind
from shared.notify.wanted import wanted
from shared.policy import Route
from shared.target import FLEET
from tests.notify.builders import SERVER, a_notice, a_report, a_trigger
from tests.notify.examples import an_example

GROUP = "/providers/Microsoft.Management/managementGroups/production"


def a_route(**changes: Any) -> Route:
    return Route.model_validate({"name": "dba-team", "url_setting": "DBA_URL", **changes})


def about(**changes: Any) -> Notice:
    return a_notice(report=a_report(**changes))


@pytest.mark.parametrize("severity", ["low", "medium", "high", "critical", "a later version's word"])
def test_severity_is_filtered(severity: str) -> None:
    assert wanted(a_route(minimum_severity=Severity.HIGH), about(severity=severity)) == (
        severity not in ("low", "medium")
    )


def test_kinds_are_filtered() -> None:
    route = a_route(kinds=["Remediated"])
    assert [kind for kind in NoticeKind if wanted(route, a_notice(kind=kind))] == [NoticeKind.REMEDIATED]


@pytest.mark.parametrize(
    ("scope", "inside"),
    [
        (SERVER, True),
        (SERVER.upper().replace("/SUBSCRIPTIONS", "/subscriptions"), True),
        (SERVER.partition("/providers")[0], True),
        (SERVER.partition("/resourceGroups")[0], True),
        (SERVER.removesuffix("-payments"), False),
        (SERVER.partition("-payments")[0], False),
        ("/subscriptions/99999999-1111-4111-8111-111111111111", False),
    ],
)
def test_scopes_are_filtered_by_whole_names(scope: str, inside: bool) -> None:
    assert wanted(a_route(scopes=[scope]), a_notice()) is inside


def test_a_management_group_is_a_scope() -> None:
    assert wanted(a_route(scopes=[GROUP]), about(management_groups=("payments", "production")))
    assert not wanted(a_route(scopes=[GROUP]), about(management_groups=("payments",)))


@pytest.mark.parametrize(
    ("tags", "wants"),
    [
        ({"team": "payments", "env": "prod"}, True),
        ({"Team": "payments", "env": "prod", "cost": "1"}, True),
        ({"team": "payments"}, False),
        ({"team": "payments", "env": "test"}, False),
        ({"team": "Payments", "env": "prod"}, False),
        ({}, False),
    ],
)
def test_all_tags_of_the_route_must_stand_on_the_server(tags: dict[str, str], wants: bool) -> None:
    assert wanted(a_route(tags={"team": "payments", "env": "prod"}), about(tags=tags)) is wants


@pytest.mark.parametrize("narrowed", [{"scopes": [SERVER]}, {"scopes": [GROUP]}, {"tags": {"team": "payments"}}])
def test_what_is_about_no_single_server_goes_to_routes_for_all_servers(narrowed: dict[str, Any]) -> None:
    notice = about(target=FLEET.id, tags={"team": "payments"}, management_groups=("production",))
    assert wanted(a_route(), notice)
    assert not wanted(a_route(**narrowed), notice)


def test_an_escalation_route_hears_what_nobody_decided_and_what_is_held() -> None:
    route = a_route(escalation=True)
    assert [kind for kind in NoticeKind if wanted(route, an_example(kind))] == [NoticeKind.HELD]
    again = a_notice(kind=NoticeKind.APPROVAL_NEEDED, report=a_report(escalated=True))
    assert wanted(route, again)
    assert wanted(a_route(), again)


def test_a_route_to_the_actor_wants_nothing_where_it_may_write_to_nobody() -> None:
    route = a_route(to_actor=True, domains=["contoso.example"])
    assert wanted(route, a_notice())
    stranger = Actor("dana@evil.example", kind="user")
    assert not wanted(route, about(trigger=a_trigger(actor=stranger)))


def test_a_route_to_the_owner_wants_what_has_one() -> None:
    route = a_route(to_owner=True, domains=["contoso.example"])
    assert [kind for kind in NoticeKind if wanted(route, an_example(kind))] == [NoticeKind.EXEMPTION_EXPIRING]
