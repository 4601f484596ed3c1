"""The owner's own cases: what is judged, with what, and how a difference reads."""

import textwrap
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shared.errors import BadFile
from shared.policy import Policy
from shared.policy_cases import CaseFile, Difference, judge_case, read_cases, run_case
from tests.builders import CATALOGUE
from tests.policy.files import loaded

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
GUID = "11111111-1111-4111-8111-11111111111a"
OPENED = """
    state:
      public_access: true
      firewall_rules: {app: 203.0.113.10, all: 0.0.0.0 - 255.255.255.255}
    known_good:
      firewall_rules: {app: 203.0.113.10}
"""
ENFORCE = loaded("mode: enforce")


def cases(folder: Path, text: str) -> CaseFile:
    path = folder / "cases.yaml"
    path.write_text(textwrap.dedent(text))
    return read_cases(path, CATALOGUE)


def differences(folder: Path, policy: Policy, about: str, expect: str) -> tuple[Difference, ...]:
    """What differs in a case about this, with these expectations (one flow mapping)."""
    body = textwrap.indent(textwrap.dedent(about).strip(), "    ")
    (case,) = cases(folder, f"cases:\n  - name: a case\n{body}\n    expect: {expect}\n").cases
    return run_case(policy, CATALOGUE, case, NOON).differences


def test_a_case_ends_as_it_expects(tmp_path: Path) -> None:
    expect = """{
      drift: [firewall-no-any-any, firewall-public-ip-range-size, public-network-access-disabled],
      decisions: {firewall-no-any-any: act},
      reasons: {firewall-no-any-any: the policy says enforce},
      writes: {firewallRules/all: null}}"""
    policy = loaded("mode: enforce\nfirst_sight: audit\ncontrols: {firewall-public-ip-range-size: {mode: audit}}")
    assert differences(tmp_path, policy, OPENED, expect) == ()


def test_every_difference_says_what_was_expected_and_what_came(tmp_path: Path) -> None:
    expect = """{
      drift: [tls-required],
      decisions: {firewall-no-any-any: ask, tls-required: act},
      reasons: {firewall-no-any-any: because},
      writes: {network.publicNetworkAccess: Disabled, firewallRules/all: 203.0.113.0/31}}"""
    policy = loaded("mode: off\ncontrols: {firewall-no-any-any: {mode: enforce}}")
    assert differences(tmp_path, policy, OPENED, expect) == (
        Difference("drift", "tls-required", "firewall-no-any-any"),
        Difference("decision on firewall-no-any-any", "ask", "act"),
        Difference("decision on tls-required", "act", "nothing"),
        Difference("reason for firewall-no-any-any", "… because …", "the policy says enforce for firewall-no-any-any"),
        Difference("writes firewallRules/all", "203.0.113.0 - 203.0.113.1", "absent"),
        Difference("writes network.publicNetworkAccess", "Disabled", "unchanged"),
    )


TLS_OFF = "state: {parameters: {require_secure_transport: off}}\n"


@pytest.mark.parametrize(
    ("before", "verb"),
    [
        ("", "record"),
        ("known_good: {}", "record"),
        ("known_good: {parameters: {require_secure_transport: on}}", "act"),
    ],
)
def test_what_was_good_before_makes_a_drift_fresh(tmp_path: Path, before: str, verb: str) -> None:
    policy = loaded("mode: enforce\nfirst_sight: audit")
    assert differences(tmp_path, policy, TLS_OFF + before, f"{{decisions: {{tls-required: {verb}}}}}") == ()


FRESH = TLS_OFF + "known_good: {parameters: {require_secure_transport: on}}\n"


@pytest.mark.parametrize(
    ("where", "verb"),
    [
        ("tags: {Env: prod}", "act"),
        ("tags: {env: test}", "tell"),
        ("management_groups: [Corp]", "ask"),
        (
            f"id: /subscriptions/{GUID}/resourceGroups/rg/providers/Microsoft.DBforPostgreSQL/flexibleServers/pg",
            "record",
        ),
    ],
)
def test_a_case_stands_where_it_says(tmp_path: Path, where: str, verb: str) -> None:
    policy = loaded(
        f"""
        mode: notify
        scopes:
          - {{name: a, match: {{tags: {{env: prod}}}}, mode: enforce}}
          - {{name: b, match: {{management_group: corp}}, mode: approve}}
          - {{name: c, match: {{subscription: {GUID}}}, mode: audit}}
        """
    )
    assert differences(tmp_path, policy, FRESH + where, f"{{decisions: {{tls-required: {verb}}}}}") == ()


@pytest.mark.parametrize(
    ("about", "verb", "why"),
    [
        ("at: 2026-03-02T21:00Z", "act", ""),
        (f"at: 2026-03-02T21:30Z\nactor: {{ids: [{GUID}]}}", "record", "changed by release, a trusted identity"),
        (f"at: 2026-03-02T12:00Z\nactor: {{ids: [{GUID}]}}", "act", ""),
        ("at: 2026-03-02T12:00Z\ntags: {break-glass: '2026-03-02T13:00Z'}", "tell", "a break-glass tag"),
        ("at: 2026-03-05T12:00Z", "record", "exempt until 2026-03-06 00:00 UTC (Dana)"),
    ],
)
def test_the_moment_and_the_actor_count(tmp_path: Path, about: str, verb: str, why: str) -> None:
    policy = loaded(
        f"""
        mode: enforce
        trusted:
          - name: release
            ids: [{GUID}]
            windows: [{{opens: "0 22 * * *", hours: 1, timezone: Europe/Zurich}}]
        break_glass: {{tag: break-glass}}
        exemptions: [{{tags: {{env: test}}, controls: [tls-required], reason: r, owner: Dana, expires: 2026-03-05}}]
        """
    )
    tags = "" if "tags" in about else "tags: {env: test}\n" if "03-05" in about else ""
    expect = f"{{decisions: {{tls-required: {verb}}}, reasons: {{tls-required: '{why}'}}}}"
    assert differences(tmp_path, policy, FRESH + tags + about, expect) == ()


@pytest.mark.parametrize(("since", "verb"), [("", "wait"), ("drifting_since: 2026-03-01T12:00Z", "act")])
def test_a_delayed_fix_waits_from_when_it_was_told(tmp_path: Path, since: str, verb: str) -> None:
    policy = loaded("controls: {tls-required: {mode: enforce, delay: {hours: 24}}}")
    about = f"{FRESH}at: 2026-03-02T12:00Z\n{since}"
    assert differences(tmp_path, policy, about, f"{{decisions: {{tls-required: {verb}}}}}") == ()


def test_only_what_is_written_is_judged(tmp_path: Path) -> None:
    assert differences(tmp_path, ENFORCE, "state: {firewall_rules: {}}", "{drift: [], plan: {}}") == ()


def test_administrators_and_parameters_can_be_written_down_in_full(tmp_path: Path) -> None:
    policy = loaded(f"controls: {{entra-admin-allowlist: {{parameters: {{approved_administrators: [{GUID}]}}}}}}")
    about = f"""
        state:
          administrators: {{dba: {GUID}, stranger: 22222222-2222-4222-8222-222222222222}}
          parameters: {{ssl_min_protocol_version: {{value: TLSv1.2, dynamic: false, pending_restart: true}}}}
    """
    expect = """{
      drift: [entra-admin-allowlist, tls-min-version-12],
      plan: {administrators/22222222-2222-4222-8222-222222222222: null}}"""
    assert differences(tmp_path, policy, about, expect) == ()


def test_a_case_is_judged_by_the_step_that_decides_about_real_servers(tmp_path: Path) -> None:
    (case,) = cases(tmp_path, f"cases:\n- name: a\n{textwrap.indent(FRESH, '  ')}  expect: {{drift: []}}").cases
    outcome = judge_case(ENFORCE, CATALOGUE, case, NOON)
    assert [str(change.setting) for change in outcome.carried_out.changes] == [
        "configurations/require_secure_transport"
    ]


WRONG = {
    "cases: []": "1:8: found a list; right is at least one",
    "cases: [{name: a, state: {}, expect: {}}]": (
        "1:38: a case expects something: drift, decisions, reasons, plan, writes"
    ),
    "cases: [{name: a, expect: {drift: []}}]": "1:9: the key 'state' is missing",
    "cases: [{name: a, state: {}, expect: {drift: [tls]}}]": "1:47: unknown control 'tls'; it is none of the ",
    "cases: [{name: a, state: {}, expect: {decisions: {tls-requird: act}}}]": (
        "1:51: unknown control 'tls-requird'; did you mean 'tls-required'?"
    ),
    "cases: [{name: a, state: {}, expect: {decisions: {tls-required: put}}}]": (
        "1:65: found 'put'; right is one of record, tell, ask, wait, hold, act"
    ),
    "cases: [{name: a, state: {}, expect: {plan: {fire/a: x}}}]": (
        "1:45: unknown setting 'fire/a'; it is none of the "
    ),
    "cases: [{name: a, state: {}, expect: {plan: {firewallRules/a: x}}}]": "1:45: found a mapping; right is an address",
    "cases: [{name: a, state: {firewall_rules: {a: 1.2.3}}, expect: {drift: []}}]": "1:47: found '1.2.3'; right is an",
    "cases: [{name: a, state: {}, at: '2026-03-01', expect: {drift: []}}]": "1:34: found '2026-03-01'; right is a mome",
    "cases: [{name: a, id: pg, state: {}, expect: {drift: []}}]": "1:23: found 'pg'; right is the ARM id of a server",
    "cases: [{name: a, state: {public: true}, expect: {drift: []}}]": "1:27: unknown key 'public'; did you mean 'publ",
    "cases: [{name: a": "1:17: not YAML",
}


PROVIDER = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/g/providers/Microsoft.DBforPostgreSQL"


@pytest.mark.parametrize(
    ("server", "state", "writes"),
    [
        ("servers/old", "{properties: {tls.enforcement: Disabled}}", "{properties/tls.enforcement: Enabled}"),
        (
            "serverGroupsv2/many",
            "{worker_access: true, parameters: {coordinator/log_checkpoints: 'on', workers/log_checkpoints: 'off'}}",
            "{network.publicNetworkAccess/workers: Disabled, configurations/workers/log_checkpoints: 'on'}",
        ),
    ],
)
def test_servers_of_other_kinds_are_written_down_in_the_words_of_controls(
    tmp_path: Path, server: str, state: str, writes: str
) -> None:
    about = f"id: {PROVIDER}/{server}\nstate: {state}"
    policy = loaded("mode: enforce\ncontrols: {log-checkpoints-on: {mode: enforce}}")
    assert differences(tmp_path, policy, about, f"{{plan: {writes}}}") == ()


@pytest.mark.parametrize("text", WRONG)
def test_a_case_that_cannot_be_read_says_where_and_why(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadFile) as caught:
        cases(tmp_path, text)
    assert str(caught.value).startswith(f"{tmp_path / 'cases.yaml'}:{WRONG[text]}")


def test_a_file_of_cases_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="cannot be read: No such file"):
        read_cases(tmp_path / "gone.yaml", CATALOGUE)


def test_values_are_compared_as_a_case_writes_them(tmp_path: Path) -> None:
    policy = loaded("controls: {entra-auth-enabled: {mode: enforce}}")
    about = f"state: {{entra_auth: false, password_auth: true, tenant_id: {GUID}}}"
    members = f"activeDirectoryAuth Enabled, passwordAuth Enabled, tenantId {GUID}"
    assert differences(tmp_path, policy, about, f"{{plan: {{authConfig: '{members}'}}}}") == ()
    (difference,) = differences(tmp_path, policy, about, "{plan: {authConfig: 1}}")
    assert difference == Difference("plan authConfig", "1", members)


def test_an_administrator_is_written_by_name(tmp_path: Path) -> None:
    policy = loaded(
        f"mode: enforce\ncontrols: {{entra-admin-allowlist: {{parameters: {{approved_administrators: [{GUID}]}}}}}}"
    )
    about = f"""
        state: {{administrators: {{stranger: 22222222-2222-4222-8222-222222222222}}}}
        known_good: {{administrators: {{dba: {GUID}}}}}
    """
    expect = f"{{plan: {{administrators/{GUID}: dba, administrators/22222222-2222-4222-8222-222222222222: null}}}}"
    assert differences(tmp_path, policy, about, expect) == ()


def test_what_is_expected_of_a_plan_is_a_mapping(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="found 'x'; `key: value` lines are right"):
        cases(tmp_path, "cases: [{name: a, state: {}, expect: {plan: x}}]")
