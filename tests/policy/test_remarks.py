"""What is right, and still worth a look before a policy is put in force."""

from datetime import UTC, datetime
from pathlib import Path

from shared.policy_file import read_policy
from shared.policy_file.remarks import remarks
from shared.scope import Place
from tests.builders import CATALOGUE, a_target
from tests.policy.files import write

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
GUID = "11111111-1111-4111-8111-111111111111"
SERVER = Place(a_target(), {"env": "prod"})


def remarked(folder: Path, text: str, *fleet: Place) -> list[str]:
    reading = read_policy(write(folder, p=text) / "p.yaml", CATALOGUE)
    return [str(problem) for problem in remarks(reading, CATALOGUE, NOON, fleet or None)]


def exemption(expires: str) -> str:
    return f"exemptions: [{{tags: {{env: prod}}, controls: all, reason: r, owner: Dana, expires: {expires}}}]"


def test_a_policy_in_good_order_needs_no_remark(tmp_path: Path) -> None:
    text = f"""
        address_groups: {{office: [203.0.113.0/24], all: ["group:office"]}}
        identities: {{dba: {{object_id: {GUID}}}}}
        operators: [identity:dba]
        environments: {{production: {{tags: {{env: prod}}}}}}
        scopes:
          - name: production
            match: {{environment: production}}
            controls: {{firewall-rule-allowlist: {{parameters: {{allowed_ranges: ["group:all"]}}}}}}
    """
    assert remarked(tmp_path, text, SERVER) == []


def test_an_exemption_that_ends_soon_is_worth_a_look(tmp_path: Path) -> None:
    assert remarked(tmp_path, exemption("2026-03-31")) == []
    (remark,) = remarked(tmp_path, exemption("2026-03-10"))
    assert "the exemption ends in 9 days, at 2026-03-11 00:00 UTC (Dana)" in remark
    assert remark.startswith("p.yaml:1:")


def test_names_that_nobody_uses_are_remarked(tmp_path: Path) -> None:
    text = (
        f"address_groups: {{a: []}}\nidentities: {{b: {{object_id: {GUID}}}}}\nenvironments: {{c: {{tags: {{d: e}}}}}}"
    )
    assert remarked(tmp_path, text) == [
        "p.yaml:1:18: the address group 'a' is used nowhere",
        "p.yaml:2:14: the identity 'b' is used nowhere",
        "p.yaml:3:16: the environment 'c' is used nowhere",
    ]


def test_scopes_without_an_effect_are_remarked(tmp_path: Path) -> None:
    text = """
        controls: {tls-required: {mode: off}}
        scopes:
          - {name: silent, match: {tags: {a: b}}}
          - {name: off, match: {tags: {c: d}}, controls: {tls-required: {delay: {hours: 1}}}}
    """
    assert remarked(tmp_path, text) == [
        "p.yaml:4:5: the scope 'silent' says nothing",
        "p.yaml:5:51: tls-required is off everywhere, so this line has no effect",
    ]


def test_where_the_servers_are_known_what_matches_none_is_remarked(tmp_path: Path) -> None:
    text = "scopes: [{name: dev, match: {tags: {env: dev}}, mode: off}]\n" + exemption("2026-03-31")
    assert remarked(tmp_path, text) == []
    assert remarked(tmp_path, text, SERVER) == ["p.yaml:1:10: the scope 'dev' matches no server"]
    other = Place(a_target(), {"env": "dev"})
    assert remarked(tmp_path, text, other) == ["p.yaml:2:14: the exemption matches no server"]
