"""Every control answers, whatever the policy's mode; what does not hold says what mends it and what would be done."""

from dataclasses import replace
from datetime import timedelta

from shared.audit import Status
from shared.audit.judge import calls_for
from shared.control import Remediator
from shared.orders import Exemption, Orders
from shared.policy import Mode
from shared.standing import change_orders
from shared.state import Facet, FacetKind, State
from tests.audit.auditing import findings, statuses
from tests.builders import CATALOGUE, NOON, SUBSCRIPTION, a_parameter, a_policy, a_rule, a_server, a_state, a_target
from tests.engine.world import World

_OPEN = a_state(
    server=a_server(public_access=True), firewall_rules=(a_rule("app", "0.0.0.0", "255.255.255.255"),), at=NOON
)
_DOOR, _INTERNET = "public-network-access-disabled", "firewall-no-any-any"


def _exemption(**changes: object) -> Exemption:
    given = Exemption("e1", "", (_DOOR,), "old clients", "archive@contoso.example", NOON, "CHG-1")
    return replace(given, **changes)  # type: ignore[arg-type]  # what a test names


async def test_what_holds_passes_with_what_was_read() -> None:
    found = (await findings(World(a_state(at=NOON))))[_DOOR]
    assert found.status is Status.PASS
    assert ("network.publicNetworkAccess", "Disabled") in [(one.what, one.value) for one in found.evidence]
    assert found.at == NOON
    assert found.calls == (f"GET {World().target.id}?api-version=2025-08-01",)


async def test_what_does_not_hold_says_what_was_found_and_what_would_mend_it() -> None:
    found = (await findings(World(_OPEN, policy=a_policy(Mode.AUDIT))))[_INTERNET]
    assert found.status is Status.FAIL
    (fault,) = found.faults
    assert (fault.setting, fault.wanted) == ("firewallRules/app", None)
    assert fault.found == {"startIpAddress": "0.0.0.0", "endIpAddress": "255.255.255.255"}
    assert fault.remedy.startswith("firewall rule app: 0.0.0.0-255.255.255.255 → absent")
    assert (fault.verb, fault.decision.split(" (")[0]) == ("record", "the policy says audit")


async def test_an_optional_control_is_judged_although_the_engine_would_do_nothing() -> None:
    state = a_state(parameters={"log_connections": a_parameter("log_connections", "off")})
    policy = replace(a_policy(), controls={})
    found = (await findings(World(state, policy=policy)))["log-connections-on"]
    assert found.off
    assert found.status is Status.FAIL
    assert found.faults[0].remedy.startswith("parameter log_connections: off → on")
    assert found.faults[0].verb == ""


async def test_a_control_that_is_switched_off_is_judged_as_well() -> None:
    assert await statuses(World(_OPEN, policy=a_policy(Mode.OFF)), _DOOR, _INTERNET) == [Status.FAIL, Status.FAIL]


async def test_what_does_not_apply_says_why() -> None:
    found = (await findings(World()))[_INTERNET]
    assert found.status is Status.NOT_APPLICABLE
    assert found.reason.startswith("public access is off")


async def test_an_exempt_failure_is_no_failure_and_says_until_when() -> None:
    policy = replace(a_policy(), exemptions=(_exemption(expires_at=World().clock() + timedelta(days=1)),))
    found = (await findings(World(_OPEN, policy=policy)))[_DOOR]
    assert found.status is Status.EXEMPT
    assert found.reason == "exempt until 2025-11-25 09:00:00 UTC (archive@contoso.example, CHG-1): old clients"


async def test_an_exemption_that_people_gave_by_command_counts_too() -> None:
    world = World(_OPEN)
    given = _exemption(expires_at=world.clock() + timedelta(hours=1))
    await change_orders(world.store, lambda _: Orders(exemptions=(given,)))
    assert (await findings(world))[_DOOR].status is Status.EXEMPT


async def test_an_expired_exemption_is_none() -> None:
    policy = replace(a_policy(), exemptions=(_exemption(expires_at=World().clock() - timedelta(days=1)),))
    assert await statuses(World(_OPEN, policy=policy), _DOOR) == [Status.FAIL]


async def test_an_exemption_that_is_not_needed_is_shown_all_the_same() -> None:
    policy = replace(a_policy(), exemptions=(_exemption(expires_at=World().clock() + timedelta(days=1)),))
    found = (await findings(World(policy=policy)))[_DOOR]
    assert found.status is Status.PASS
    assert "archive@contoso.example" in found.exemption


async def test_the_worst_comes_first() -> None:
    order = [(found.status.rank, -found.control.severity) for found in (await findings(World(_OPEN))).values()]
    assert order == sorted(order)


async def test_every_control_of_the_kind_answers_once() -> None:
    kind = World().target.kind
    spoken = [name for name, one in CATALOGUE.items() if kind in one.control.kinds]
    assert sorted(await findings(World())) == sorted(spoken)


async def test_what_holdfast_cannot_see_is_left_to_a_person() -> None:
    door: Remediator = CATALOGUE[_DOOR]
    blind = replace(door, control=replace(door.control, unobserved="nobody can read it"))
    found = await findings(World(_OPEN), catalogue={_DOOR: blind})
    assert (found[_DOOR].status, found[_DOOR].reason) == (Status.MANUAL, "nobody can read it")


async def test_what_the_policy_asked_for_is_evidence_too() -> None:
    found = (await findings(World(_OPEN)))["firewall-rule-allowlist"]
    assert ("policy: allowed_ranges", "[203.0.113.0/28]") in [(one.what, one.value) for one in found.evidence]


async def test_what_stands_outside_is_shown_by_the_request_that_reads_it() -> None:
    plan, contact = Facet(FacetKind.PLANS), Facet(FacetKind.CONTACTS)
    calls = calls_for(State(a_target()), [plan, contact])
    provider = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Security"
    assert calls[plan] == (f"GET {provider}/pricings/OpenSourceRelationalDatabases?api-version=2024-01-01",)
    assert calls[contact] == (f"GET {provider}/securityContacts/default?api-version=2023-12-01-preview",)


async def test_a_vault_is_shown_by_its_own_address() -> None:
    vault = "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v"
    state = State(a_target(), children={FacetKind.VAULTS: {vault: {}}})
    assert calls_for(state, [Facet(FacetKind.VAULTS)]) == {
        Facet(FacetKind.VAULTS): (f"GET {vault}?api-version=2023-07-01",)
    }
