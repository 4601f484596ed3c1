"""Names that stand for networks and identities."""

from ipaddress import IPv4Network

import pytest

from shared.policy import Policy
from tests.builders import CATALOGUE
from tests.policy.files import errors_of, loaded

ONE = "11111111-1111-4111-8111-11111111111a"
TWO = "22222222-2222-4222-8222-22222222222b"
GROUPS = "address_groups: {office: [203.0.113.0/25, 203.0.113.128/25], partners: [198.51.100.7, 'group:office']}\n"
IDENTITIES = f"""
identities:
  pipeline: {{object_id: {ONE.upper()}, app_id: {TWO}}}
  app-only: {{app_id: {TWO}}}
  dba: {{object_id: {TWO}, mail: dba@contoso.com}}
"""


def ranges(policy: Policy) -> list[str]:
    parameters = policy.general_rule(CATALOGUE["firewall-rule-allowlist"].control).parameters
    return [str(network) for network in parameters.model_dump()["allowed_ranges"]]


def allowing(text: str) -> str:
    return f"controls: {{firewall-rule-allowlist: {{parameters: {{allowed_ranges: {text}}}}}}}\n"


def test_a_group_stands_for_its_networks() -> None:
    assert ranges(loaded(allowing("['group:office', 10.0.0.0/8]") + GROUPS)) == ["203.0.113.0/24", "10.0.0.0/8"]


def test_a_group_holds_the_groups_it_names() -> None:
    assert ranges(loaded(allowing("['group:partners']") + GROUPS)) == ["198.51.100.7/32", "203.0.113.0/24"]


def test_a_group_may_be_named_in_a_scope() -> None:
    scope = f"scopes: [{{name: a, match: {{tags: {{env: a}}}}, {allowing("['group:office']").strip()}}}]\n"
    (found,) = loaded(scope + GROUPS).scopes
    parameters = found.controls["firewall-rule-allowlist"].parameters
    assert parameters
    assert parameters.model_dump()["allowed_ranges"] == (IPv4Network("203.0.113.0/24"),)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            allowing("['group:offce']") + GROUPS,
            "1:68: unknown address group 'offce'; did you mean 'office'?",
        ),
        (allowing("['group:office']"), "1:68: unknown address group 'office'; there is none"),
        (
            allowing("[a, 10.0.0.1/8]"),
            (
                "1:68: found 'a'; right is a network such as 203.0.113.0/24, or group:NAME\n"
                "1:71: found '10.0.0.1/8'; right is 10.0.0.0/8: the address has bits beyond its mask"
            ),
        ),
        (
            "address_groups: {a: ['group:b'], b: ['group:c'], c: ['group:b']}",
            "1:54: the address groups go in a circle: b → c → b",
        ),
        ("address_groups: {a: ['group:a']}", "1:22: the address groups go in a circle: a → a"),
        (
            "address_groups: {a: ['group:offce'], office: []}",
            "1:22: unknown address group 'offce'; did you mean 'office'?",
        ),
        (
            "address_groups: {a: [10.0.0.0/8]}",
            "1:18: the address group 'a' holds 16777216 addresses; limits.widest_address_group is 65536",
        ),
        (
            "address_groups: {a: [10.0.0.0/16], b: ['group:a', 10.1.0.0/32]}",
            "1:36: the address group 'b' holds 65537 addresses; limits.widest_address_group is 65536",
        ),
        ("address_groups: {A: []}", "1:18: found 'A'; right is 1 to 64 lower-case letters, digits and dashes"),
        ("limits: {widest_address_group: 0}", "1:32: found 0; it should be greater than or equal to 1"),
        ("identities: {a: {}}", "1:17: an identity needs an `object_id` or an `app_id`"),
        (
            "identities: {a: {object_id: dba}}",
            "1:29: found 'dba'; right is a GUID such as 3f0c8f5a-7b1e-4a52-9d15-52f1f7a2c901, or identity:NAME",
        ),
        (f"identities: {{a: {{app_id: {ONE}, mail: dba}}}}", "1:70: found 'dba'; right is a mail address"),
    ],
)
def test_a_wrong_name_is_an_error_at_its_place(text: str, said: str) -> None:
    assert errors_of(text) == said.splitlines()


def test_groups_nest_only_so_deep() -> None:
    groups = ", ".join(f"g{number}: ['group:g{number + 1}']" for number in range(5000))
    found = errors_of(f"address_groups: {{{groups}, g5000: []}}")
    assert "found groups inside groups, more than 20 deep; name the networks here" in found[0]


def test_nothing_is_said_about_names_while_the_names_are_wrong() -> None:
    assert errors_of(allowing("['group:office']") + "address_groups: {office: 1}") == ["2:26: found 1; a list is right"]


def test_a_wider_limit_admits_a_wider_group() -> None:
    assert loaded("limits: {widest_address_group: 16777216}\naddress_groups: {a: [10.0.0.0/8]}")


# Identities


def test_an_identity_stands_for_all_its_ids_where_somebody_acts() -> None:
    acting = f"approvals: {{approvers: [identity:dba, {ONE}]}}\noperators: [identity:pipeline]\n"
    policy = loaded(f"{acting}trusted: [{{name: pipeline, ids: [identity:pipeline]}}]\n{IDENTITIES}")
    assert policy.approvals.approvers == (TWO, ONE)
    assert policy.operators == (ONE, TWO)
    assert policy.trusted[0].ids == {ONE, TWO}


def administrators(text: str) -> str:
    return f"controls: {{entra-admin-allowlist: {{parameters: {{approved_administrators: {text}}}}}}}\n" + IDENTITIES


def test_an_administrator_is_known_by_the_object_id() -> None:
    policy = loaded(administrators("[identity:pipeline]"))
    parameters = policy.general_rule(CATALOGUE["entra-admin-allowlist"].control).parameters
    assert parameters.model_dump() == {"approved_administrators": (ONE,)}


def test_an_identity_without_an_object_id_cannot_be_an_administrator() -> None:
    assert errors_of(administrators("[identity:app-only]")) == ["1:75: identity:app-only has no object_id"]


def test_an_unknown_identity_is_named_with_the_nearest() -> None:
    assert errors_of("operators: [identity:pipelin]" + IDENTITIES) == [
        "1:13: unknown identity 'pipelin'; did you mean 'pipeline'?"
    ]


def test_a_trusted_identity_has_an_id() -> None:
    assert errors_of("trusted: [{name: a, ids: []}]") == ["1:26: found a list; right is at least one"]


def test_an_owner_may_be_an_identity_with_a_mail_address() -> None:
    text = "exemptions: [{{tags: {{a: b}}, controls: all, reason: r, owner: {}, expires: 2026-12-31}}]"
    assert loaded(text.format("identity:dba") + IDENTITIES).exemptions[0].owner == "dba@contoso.com"
    assert loaded(text.format("Dana Fields") + IDENTITIES).exemptions[0].owner == "Dana Fields"
    assert errors_of(text.format("identity:pipeline") + IDENTITIES) == ["1:62: identity:pipeline has no mail"]
