"""Playbooks in the policy: what is right, what is said about what is wrong, and which one answers an alert."""

from dataclasses import replace

import pytest

from shared.alert import Alert, Entity
from shared.errors import BadPolicy
from shared.policy import Mode, Policy, playbook_for
from shared.policy_file import default_policy, load_policy, playbooks_of, shipped
from shared.policy_file.schema import policy_schema
from shared.responses import RESPONSES
from shared.scope import Place
from tests.builders import CATALOGUE, a_target

LINE = "playbooks:\n  - name: a\n    responses:\n"
PLACE = Place(a_target(), {"env": "production"})
ALERT = Alert(
    id="2517184898549829577_cdcf9f94-ec53-47a6-ab87-76130f87218d",
    type="SQL.PostgreSQL_BruteForce",
    title="Suspected brute force attack",
    severity="medium",
    resource=a_target().id,
    entities=(Entity("ip", "203.0.113.9"), Entity("account", "dana")),
)


def loaded(text: str) -> Policy:
    return load_policy(text, "policy.yaml", CATALOGUE)


def problems(text: str) -> list[str]:
    with pytest.raises(BadPolicy) as caught:
        loaded(text)
    return str(caught.value).splitlines()


def answering(policy: Policy, alert: Alert = ALERT, place: Place = PLACE) -> str:
    found = playbook_for(playbooks_of(policy), alert, place)
    return found.name if found else ""


def matching(match: str, alert: Alert = ALERT, place: Place = PLACE) -> bool:
    policy = loaded(f"playbooks: [{{name: mine, match: {match}}}]\ndefault_playbooks: off")
    return answering(policy, alert, place) == "mine"


def test_a_playbook_is_read_with_its_responses_in_order() -> None:
    text = """
playbooks:
  - name: keep-out
    match: {types: [SQL.PostgreSQL_BruteForce]}
    responses:
      - {response: respond-block-address, mode: enforce, for: 90m}
      - response: respond-raise-logging
        parameters: {audit: [ddl]}
"""
    (found,) = loaded(text).playbooks
    first, second = found.steps
    assert (first.response, first.mode, first.hours, first.where) == (
        "respond-block-address",
        Mode.ENFORCE,
        1.5,
        "policy.yaml:6",
    )
    assert (second.mode, second.hours, second.parameters.audit) == (Mode.NOTIFY, 0, ("ddl",))  # type: ignore[attr-defined]
    assert (found.name, found.where, found.shipped) == ("keep-out", "policy.yaml:3", False)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "playbooks:\n  - name: a\n    responses: [{response: respond-block-adress}]",
            "policy.yaml:3:28: unknown response 'respond-block-adress'; did you mean 'respond-block-address'?",
        ),
        (
            "playbooks:\n  - name: a\n    respones: []",
            "policy.yaml:3:5: unknown key 'respones'; did you mean 'responses'?",
        ),
        (
            "playbooks:\n  - name: a\n    responses: [{response: respond-block-address, fro: 4h}]",
            "policy.yaml:3:51: unknown key 'fro'; did you mean 'for'?",
        ),
        (
            "playbooks:\n  - name: a\n    responses:\n      - {response: respond-block-address, for: 4 weeks}",
            "policy.yaml:4:48: found '4 weeks'; right is a time such as 30m, 4h or 2d, 90d at most",
        ),
        (
            "playbooks:\n  - name: a\n    responses:\n      - {response: respond-take-backup, for: 4h}",
            "policy.yaml:4:46: respond-take-backup is not taken back by itself; leave `for` out",
        ),
        (
            f"{LINE}      - {{response: respond-raise-logging, parameters: {{audit: [reads]}}}}",
            "policy.yaml:4:64: found 'reads'; did you mean 'read'?",
        ),
        (
            "playbooks:\n  - name: a\n    responses:\n      - {response: respond-tag-server, parameters: {tga: x}}",
            "policy.yaml:4:53: unknown key 'tga'; did you mean 'tag'?",
        ),
        (
            "playbooks:\n  - name: a\n    match: {severities: [critical]}",
            "policy.yaml:3:26: found 'critical'; right is one of informational, low, medium, high",
        ),
        (
            "playbooks:\n  - name: a\n    match: {entities: [{knd: ip}]}",
            "policy.yaml:3:25: unknown key 'knd'; did you mean 'kind'?",
        ),
        (
            f"{LINE}      - {{response: respond-block-address}}\n      - {{response: respond-block-address}}",
            "policy.yaml:5:20: found respond-block-address a second time in this playbook; once is right",
        ),
        (
            "playbooks:\n  - {name: a}\n  - {name: a}",
            "policy.yaml:3:12: found a second playbook 'a'; each needs its own name",
        ),
        (
            "default_playbooks: all",
            "policy.yaml:1:20: found 'all'; right is one of off, audit, notify, approve, enforce",
        ),
        ("playbooks: none", "policy.yaml:1:12: found 'none'; a list is right"),
    ],
)
def test_what_is_wrong_is_said_with_its_place_and_what_is_right(text: str, said: str) -> None:
    assert said in problems(text)


@pytest.mark.parametrize(
    ("match", "fits"),
    [
        ("{}", True),
        ("{types: [sql.postgresql_bruteforce]}", True),
        ('{types: ["*_BruteForce"]}', True),
        ('{types: ["*_GeoAnomaly"]}', False),
        ("{severities: [medium, high]}", True),
        ("{severities: [high]}", False),
        ('{titles: ["*BRUTE force*"]}', True),
        ('{titles: ["*successful*"]}', False),
        ("{entities: [{kind: IP}]}", True),
        ('{entities: [{kind: ip, name: "203.0.113.*"}]}', True),
        ('{entities: [{kind: ip, name: "198.51.100.*"}, {kind: account, name: DANA}]}', True),
        ("{entities: [{kind: host}]}", False),
        (f"{{scopes: [/subscriptions/{a_target().subscription}]}}", True),
        ("{scopes: [/subscriptions/99999999-1111-4111-8111-111111111111]}", False),
        ("{tags: {ENV: production}}", True),
        ("{tags: {env: staging}}", False),
        ("{types: [SQL.PostgreSQL_BruteForce], severities: [high]}", False),
    ],
)
def test_a_playbook_is_for_the_alerts_that_are_as_it_says(match: str, fits: bool) -> None:
    assert matching(match) is fits


def test_a_bracket_in_a_title_is_a_bracket() -> None:
    assert matching('{titles: ["[test] *"]}', replace(ALERT, title="[Test] something"))
    assert not matching('{titles: ["[test] *"]}', replace(ALERT, title="t something"))


def test_a_sample_alert_is_answered_by_the_playbook_of_the_alert_that_it_imitates() -> None:
    sample = replace(ALERT, title="[SAMPLE ALERT] Suspected successful brute force attack", sample=True)
    assert answering(loaded("version: 1"), sample) == "brute-force-succeeded"


def test_the_first_playbook_that_matches_answers_and_your_own_come_first() -> None:
    policy = loaded("playbooks: [{name: special, match: {entities: [{kind: host}]}}, {name: one}, {name: two}]")
    assert answering(policy) == "one"
    assert answering(loaded("playbooks: [{name: special, match: {severities: [high]}}]")) == "brute-force"


def test_an_alert_that_no_playbook_is_for_is_answered_by_none() -> None:
    assert answering(loaded("version: 1"), replace(ALERT, type="SQL.PostgreSQL_SomethingNew")) == ""


def test_the_policys_tags_and_management_groups_are_asked_for_where_playbooks_speak_of_them() -> None:
    group = "/providers/Microsoft.Management/managementGroups/prod"
    policy = loaded(f"playbooks: [{{name: a, match: {{tags: {{Env: x}}, scopes: [{group}]}}}}]")
    assert (policy.tag_names, policy.needs_management_groups) == (frozenset({"env"}), True)


# What comes with Holdfast


NINE = {
    ("BruteForce", "Suspected brute force attack", "medium"): "brute-force",
    ("BruteForce", "Suspected brute force attack using a valid user", "medium"): "brute-force",
    ("BruteForce", "Suspected successful brute force attack", "high"): "brute-force-succeeded",
    ("BruteForce", "Another title", "high"): "brute-force-severe",
    ("HarmfulApplication", "Attempted logon by a potentially harmful application", "high"): "harmful-application",
    ("PrincipalAnomaly", "Login from a principal user not seen in 60 days", "low"): "unused-principal",
    ("DomainAnomaly", "Login from a domain not seen in 60 days", "medium"): "unusual-domain",
    ("DataCenterAnomaly", "Log on from an unusual Azure Data Center", "low"): "unusual-data-center",
    ("CloudProviderAnomaly", "Logon from an unusual cloud provider", "medium"): "unusual-cloud-provider",
    ("GeoAnomaly", "Log on from an unusual location", "medium"): "unusual-location",
    ("SuspiciousIpAnomaly", "Login from a suspicious IP", "medium"): "suspicious-address",
}


@pytest.mark.parametrize(("kind", "title", "severity"), NINE)
def test_each_of_the_documented_alerts_has_a_playbook(kind: str, title: str, severity: str) -> None:
    alert = replace(ALERT, type=f"sql.postgresql_{kind.lower()}", title=title, severity=severity)
    assert answering(loaded("version: 1"), alert) == NINE[kind, title, severity]


def test_the_policy_that_ships_lets_no_playbook_change_anything() -> None:
    steps = [step for one in playbooks_of(default_policy(CATALOGUE)) for step in one.steps]
    assert {step.mode for step in steps} == {Mode.NOTIFY}
    assert {step.asked for step in steps} == {Mode.NOTIFY, Mode.APPROVE, Mode.ENFORCE}


def test_one_line_lets_them_do_what_they_say() -> None:
    assert {one.name: one.steps for one in shipped()} != {}
    enforced = playbooks_of(loaded("default_playbooks: enforce"))
    assert [[step.mode for step in one.steps] for one in enforced] == [
        [step.mode for step in one.steps] for one in shipped()
    ]
    asked = playbooks_of(loaded("default_playbooks: approve"))
    assert Mode.ENFORCE not in {step.mode for one in asked for step in one.steps}


def test_without_them_only_your_own_count() -> None:
    assert playbooks_of(loaded("default_playbooks: off")) == ()


def test_every_response_is_used_and_what_cannot_lift_has_no_end() -> None:
    steps = [step for one in shipped() for step in one.steps]
    assert {step.response for step in steps} == set(RESPONSES)
    assert all(RESPONSES[step.response].lifts for step in steps if step.hours)


def test_the_schema_describes_each_response_with_its_own_parameters() -> None:
    schema = policy_schema(CATALOGUE)
    lines = schema["$defs"]["PlaybookSheet"]["properties"]["responses"]["items"]["anyOf"]
    assert [line["properties"]["response"]["const"] for line in lines] == list(RESPONSES)
    (backup,) = [line for line in lines if line["properties"]["response"]["const"] == "respond-take-backup"]
    assert "for" not in backup["properties"]


def test_an_exemption_can_name_a_response() -> None:
    scope = f"/subscriptions/{a_target().subscription}"
    line = f"{{controls: [respond-block-address], scope: {scope}, reason: a test, owner: me, expires: 2030-01-01}}"
    (exemption,) = loaded(f"exemptions: [{line}]").exemptions
    assert exemption.controls == ("respond-block-address",)
