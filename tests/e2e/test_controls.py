"""Each control end to end: a person drifts a server through ARM, and Holdfast does what policy and catalogue say."""

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from cli.errors import CommandFailed
from shared.journal import Stage
from tests.e2e.fleet import Sort
from tests.e2e.server import ADA, INTERNET, OPENED
from tests.e2e.world import World

_STRANGER = "/administrators/11111111-2222-4333-8444-555555555555"
_OFFICE = {"startIpAddress": "192.0.2.10", "endIpAddress": "192.0.2.14"}
_EVERYBODY_IN_AZURE = {"startIpAddress": "0.0.0.0", "endIpAddress": "0.0.0.0"}
_SOMEBODY = {"startIpAddress": "203.0.113.5", "endIpAddress": "203.0.113.5"}
_WIDE_BUT_ALLOWED = {"startIpAddress": "192.0.2.10", "endIpAddress": "192.0.2.90"}
_PERSON = {"principalName": "stranger@contoso.example", "principalType": "User"}
_PASSWORDS = {"authConfig": {"activeDirectoryAuth": "Disabled", "passwordAuth": "Enabled"}}


@dataclass(frozen=True, slots=True)
class Case:
    """A change that one control objects to, and what the changed place shows in the end (nothing: it is not there)."""

    control: str
    sort: Sort
    method: str
    child: str
    change: Mapping[str, object]
    ends_as: Mapping[str, object]

    def __str__(self) -> str:
        return self.control


PUT_BACK = (
    Case(
        "public-network-access-disabled",
        Sort.PRIVATE,
        "PATCH",
        "",
        OPENED,
        {"network": {"publicNetworkAccess": "Disabled"}},
    ),
    Case("firewall-no-any-any", Sort.PUBLIC, "PUT", "/firewallRules/office", INTERNET, _OFFICE),
    Case("firewall-no-azure-services", Sort.PUBLIC, "PUT", "/firewallRules/azure", _EVERYBODY_IN_AZURE, {}),
    Case("firewall-rule-allowlist", Sort.PUBLIC, "PUT", "/firewallRules/holiday", _SOMEBODY, {}),
    Case(
        "tls-required",
        Sort.PRIVATE,
        "PUT",
        "/configurations/require_secure_transport",
        {"value": "off", "source": "user-override"},
        {"value": "on"},
    ),
    Case("entra-admin-allowlist", Sort.PRIVATE, "PUT", _STRANGER, _PERSON, {}),
    # one of the parameters that are held only where the policy names them
    Case(
        "log-checkpoints-on",
        Sort.PRIVATE,
        "PUT",
        "/configurations/log_checkpoints",
        {"value": "off", "source": "user-override"},
        {"value": "on"},
    ),
)
PROPOSED = (
    Case(
        "firewall-public-ip-range-size",
        Sort.PUBLIC,
        "PUT",
        "/firewallRules/office",
        _WIDE_BUT_ALLOWED,
        _WIDE_BUT_ALLOWED,
    ),
    Case("entra-auth-enabled", Sort.BOTH_SIGN_INS, "PATCH", "", _PASSWORDS, _PASSWORDS),
)


def _holds(expected: object, found: object) -> bool:
    """Whether what Azure shows says what is expected; it may say more."""
    if isinstance(expected, Mapping) and isinstance(found, Mapping):
        return bool(expected) == bool(found) and all(_holds(part, found.get(name)) for name, part in expected.items())
    return expected == found


@pytest.mark.parametrize("case", PUT_BACK, ids=str)
async def test_what_somebody_just_changed_is_put_back_and_told(world: World, case: Case) -> None:
    server = await world.a_server(case.sort)
    await server.change(ADA, case.method, case.child, case.change)
    record = await server.record(Stage.PROVEN)
    assert case.control in record.controls
    assert _holds(case.ends_as, await server.shows(case.child))
    assert [message for message in server.messages if "was put right" in message.title]


@pytest.mark.parametrize("case", PROPOSED, ids=str)
async def test_what_needs_a_person_is_proposed_and_not_changed(world: World, case: Case) -> None:
    server = await world.a_server(case.sort)
    await server.change(ADA, case.method, case.child, case.change)
    record = await server.record(Stage.ASKED)
    assert record.controls == {case.control}
    assert [finding.verb for finding in record.report.findings] == ["ask"]
    assert "needs your decision" in server.message.title
    assert "nothing was changed; waits for a decision until" in server.message.text
    assert _holds(case.ends_as, await server.shows(case.child))
    assert await server.writes() == []


async def test_an_old_tls_version_is_refused_by_azure_itself_and_the_failed_write_costs_one_read(world: World) -> None:
    # So tls-min-version-12 has nothing to put back here: it guards servers whose value is older than Azure's rule.
    server = await world.a_server(Sort.PRIVATE)
    with pytest.raises(CommandFailed, match=r"Allowed values are 'TLSv1\.2,TLSv1\.3'"):
        await server.set(ADA, "ssl_min_protocol_version", "TLSv1.1")
    await server.has_been_asked("GET /configurations/ssl_min_protocol_version")
    await server.nothing_is_left_to_do()
    assert len(await server.calls()) == 1
    assert await server.records() == []


async def test_all_controls_of_the_policy_are_covered_here(world: World) -> None:
    listed = await world.policy_check()
    assert {case.control for case in (*PUT_BACK, *PROPOSED)} | {"tls-min-version-12"} == set(listed)


async def test_nobody_is_asked_about_what_is_being_put_back(world: World) -> None:
    server = await world.a_server(Sort.PUBLIC)
    await server.change(ADA, "PUT", "/firewallRules/office", INTERNET)
    await server.record(Stage.PROVEN)
    await server.nothing_is_left_to_do()
    assert ["was put right" in message.title for message in server.messages] == [True]


@pytest.mark.parametrize(
    ("sort", "control"),
    [(Sort.PUBLIC, "public-network-access-disabled"), (Sort.PASSWORDS_ONLY, "entra-auth-enabled")],
    ids=str,
)
async def test_what_was_so_at_first_sight_is_recorded_and_left_alone(world: World, sort: Sort, control: str) -> None:
    target = world.fleet.take(sort)
    (detected, notified) = await world.store.history(target)
    assert (detected.stage, notified.stage) == (Stage.DETECTED, Stage.NOTIFIED)
    assert [(finding.control, finding.verb) for finding in detected.report.findings] == [(control, "record")]
    assert notified.detail == "Holdfast.DriftDetected told to event grid"
    assert world.inbox.about(target.name) == []


async def test_a_server_in_a_virtual_network_is_not_public_whatever_is_written(world: World) -> None:
    server = await world.a_server(Sort.INJECTED)
    await server.change(ADA, "PATCH", properties=OPENED)
    await server.nothing_is_left_to_do()
    assert await server.records() == []
    assert await server.calls() == ["GET "]


async def test_a_parameter_that_a_server_lacks_is_no_finding(world: World) -> None:
    server = await world.a_server(Sort.WITHOUT_TLS_SWITCH)
    await world.sweep()
    assert "GET /configurations/require_secure_transport" in await server.calls()
    assert await server.records() == []


async def test_an_approved_change_is_left_alone(world: World) -> None:
    server = await world.a_server(Sort.PUBLIC)
    narrowed = {"startIpAddress": "192.0.2.11", "endIpAddress": "192.0.2.12"}
    await server.change(ADA, "PUT", "/firewallRules/office", narrowed)
    await server.nothing_is_left_to_do()
    assert await server.calls() == ["GET /firewallRules"]
    assert await server.records() == []


async def test_what_was_approved_since_is_what_a_later_drift_goes_back_to(world: World) -> None:
    server = await world.a_server(Sort.PUBLIC)
    narrowed = {"startIpAddress": "192.0.2.11", "endIpAddress": "192.0.2.12"}
    await server.change(ADA, "PUT", "/firewallRules/office", narrowed)
    await server.nothing_is_left_to_do()
    await server.change(ADA, "PUT", "/firewallRules/office", INTERNET)
    await server.record(Stage.PROVEN)
    assert await server.rule("office") == ("192.0.2.11", "192.0.2.12")


async def test_a_rule_that_now_admits_one_stranger_is_proposed_since_its_old_range_is_wider(world: World) -> None:
    server = await world.a_server(Sort.PUBLIC)
    await server.change(ADA, "PUT", "/firewallRules/office", _SOMEBODY)
    await server.reaches(Stage.ASKED)
    await server.nothing_is_left_to_do()
    assert "needs your decision" in server.message.title
    assert await server.rule("office") != ("192.0.2.10", "192.0.2.14")
