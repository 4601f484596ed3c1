"""Names, subnets and rules around private endpoints."""

import json

import pytest

from shared.control import LastGood, NotApplicable, Risk, Source
from shared.plan import make_plan
from shared.state import FacetKind, Setting, State
from shared.target import Kind
from tests.good_neighbours import ENDPOINT, GROUP, NSG, SUBNET
from tests.remediators.judging import drifts_of, finding_of, judge_of
from tests.remediators.outside import Around, with_around

ZONES = f"{GROUP}/Microsoft.Network/privateDnsZones"
ZONE, CITUS_ZONE = (
    f"{ZONES}/privatelink.postgres.database.azure.com",
    f"{ZONES}/privatelink.postgres.cosmos.azure.com",
)
DEFAULT = f"{ENDPOINT}/privateDnsZoneGroups/default"
ENDPOINTS: Around = {FacetKind.ENDPOINTS: {ENDPOINT: {"subnet.id": SUBNET}}}


def group(zone: str) -> dict[str, str]:
    configs = [{"name": "postgres", "properties": {"privateDnsZoneId": zone}}]
    return {"privateDnsZoneConfigs": json.dumps(configs, sort_keys=True)}


def named(*zones: str, kind: Kind = Kind.FLEXIBLE, **changes: object) -> State:
    groups = {f"{ENDPOINT}/privateDnsZoneGroups/{number}": group(zone) for number, zone in enumerate(zones)}
    return with_around({**ENDPOINTS, FacetKind.DNS_ZONE_GROUPS: groups}, kind, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(("kind", "zone"), [(Kind.FLEXIBLE, ZONE), (Kind.SINGLE, ZONE), (Kind.CITUS, CITUS_ZONE)])
def test_an_endpoint_whose_name_is_kept_in_the_zone_of_its_kind_is_left_alone(kind: Kind, zone: str) -> None:
    assert drifts_of("private-dns-zone", named(zone, kind=kind)) == ()


def test_without_a_zone_in_the_policy_a_person_names_one() -> None:
    (drift,) = drifts_of("private-dns-zone", named())
    assert drift.person == "name the zone in the policy: parameters.zone_id"


def test_the_zone_of_the_policy_gets_a_group() -> None:
    (drift,) = drifts_of("private-dns-zone", named(f"{ZONE}.elsewhere"), zone_id=ZONE)
    assert (drift.setting.neighbour[1], drift.wanted) == (DEFAULT, group(ZONE))


def test_the_group_that_was_there_comes_back() -> None:
    was = Setting.outside(FacetKind.DNS_ZONE_GROUPS, DEFAULT)
    state = named(recalled={was: group(ZONE)})
    (change,) = make_plan(state, [judge_of("private-dns-zone", state)], LastGood({was: group(ZONE)})).changes
    assert (change.setting, change.after, change.source) == (was, group(ZONE), Source.LAST_GOOD)


def subnet(**texts: str) -> State:
    held = {name.replace("__", "."): text for name, text in texts.items()}
    return with_around({**ENDPOINTS, FacetKind.SUBNETS: {SUBNET: held, f"{SUBNET}-other": {}}})


def test_network_policies_are_switched_on() -> None:
    state = subnet(privateEndpointNetworkPolicies="Disabled", networkSecurityGroup__id=NSG)
    (change,) = make_plan(state, [judge_of("private-endpoint-nsg-policies", state)], LastGood()).changes
    assert (change.before, change.after, change.risk) == ("Disabled", "Enabled", Risk.MAY_CUT_CLIENTS)


def test_a_subnet_that_no_group_guards_is_told() -> None:
    (drift,) = drifts_of("private-endpoint-nsg-policies", subnet(privateEndpointNetworkPolicies="Enabled"))
    assert drift.person == "attach a network security group to the subnet"


def test_the_policys_own_group_has_to_be_the_one() -> None:
    state = subnet(privateEndpointNetworkPolicies="Enabled", networkSecurityGroup__id=NSG)
    assert (
        drifts_of(
            "private-endpoint-nsg-policies",
            state,
            network_security_group=NSG.upper().replace("SUBSCRIPTIONS", "subscriptions"),
        )
        == ()
    )
    (drift,) = drifts_of("private-endpoint-nsg-policies", state, network_security_group=f"{NSG}-strict")
    assert drift.wanted == f"{NSG}-strict"


def rule(**changes: str) -> State:
    opens = {
        "direction": "Inbound",
        "access": "Allow",
        "protocol": "Tcp",
        "sourceAddressPrefix": "Internet",
        "destinationPortRange": "5432",
    }
    return with_around({FacetKind.NETWORK_RULES: {f"{NSG}/securityRules/open": opens | changes}})


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"sourceAddressPrefix": "*", "protocol": "*"},
        {"sourceAddressPrefix": "10.0.0.0/8", "sourceAddressPrefixes": '["10.1.0.0/16", "0.0.0.0/0"]'},
        {"destinationPortRange": "*"},
        {"destinationPortRange": "6000-7000"},
        {"destinationPortRange": "443", "destinationPortRanges": '["80", "5432"]'},
    ],
)
def test_a_rule_that_lets_the_internet_in_goes_once_a_person_agrees(changes: dict[str, str]) -> None:
    state = rule(**changes)
    (change,) = make_plan(state, [judge_of("nsg-deny-internet-to-postgres", state)], LastGood()).changes
    assert (change.after, change.risk) == (None, Risk.MAY_CUT_CLIENTS)


@pytest.mark.parametrize(
    "changes",
    [
        {"access": "Deny"},
        {"direction": "Outbound"},
        {"protocol": "Udp"},
        {"sourceAddressPrefix": "VirtualNetwork"},
        {"destinationPortRange": "443"},
        {"destinationPortRange": "5433-6431"},
        {"destinationPortRange": "port"},
    ],
)
def test_any_other_rule_stays(changes: dict[str, str]) -> None:
    assert drifts_of("nsg-deny-internet-to-postgres", rule(**changes)) == ()


@pytest.mark.parametrize("control", ["private-dns-zone", "private-endpoint-nsg-policies"])
def test_a_server_without_private_endpoints_is_not_judged(control: str) -> None:
    none: Around = {FacetKind.ENDPOINTS: {}, FacetKind.DNS_ZONE_GROUPS: {}, FacetKind.SUBNETS: {}}
    assert isinstance(finding_of(control, with_around(none)), NotApplicable)


def test_a_server_that_no_group_guards_has_no_rules_to_judge() -> None:
    assert isinstance(
        finding_of("nsg-deny-internet-to-postgres", with_around({FacetKind.NETWORK_RULES: {}})), NotApplicable
    )
