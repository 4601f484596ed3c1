"""Which line decided, which it overrides, and what exempts."""

from datetime import UTC, datetime

from shared.policy.explain import Explanation, Line, explain
from shared.scope import Place
from tests.builders import CATALOGUE, a_target
from tests.policy.files import loaded

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
POLICY = loaded(
    """
    mode: notify
    controls:
      firewall-public-ip-range-size:
        mode: enforce
        parameters: {maximum: 8}
    scopes:
      - name: production
        match: {tags: {env: prod}}
        mode: enforce
        controls:
          firewall-public-ip-range-size:
            parameters: {maximum: 2}
            delay: {hours: 24, remind_hours_before: [4, 0.5]}
    exemptions:
      - tags: {env: prod}
        controls: all
        reason: migration
        owner: Dana
        expires: 2026-03-31
    """
)


def explained(control: str, **tags: str) -> Explanation:
    (found,) = explain(POLICY, [CATALOGUE[control].control], Place(a_target(), tags), NOON)
    return found


def test_a_default_that_decides_is_named_with_what_holds_it_back() -> None:
    first, second, *_ = explained("entra-auth-enabled").lines
    assert first == Line("mode", "notify", "p.yaml:2")
    assert second == Line("first_sight", "notify", "p.yaml:2")
    held = explained("entra-auth-enabled", env="prod").lines[0]
    note = "enforce, held back by the catalogue"
    assert held == Line("mode", "approve", "p.yaml:10", (("notify", "p.yaml:2"),), note)


def test_every_line_that_is_overridden_is_named_the_nearest_first() -> None:
    (mode,) = [line for line in explained("firewall-public-ip-range-size", env="prod").lines if line.key == "mode"]
    assert mode.value == "approve"
    assert mode.overridden == (("enforce", "p.yaml:5"), ("notify", "p.yaml:2"))


def test_parameters_and_delays_are_explained_one_by_one() -> None:
    lines = {line.key: line for line in explained("firewall-public-ip-range-size", env="prod").lines}
    assert lines["delay"] == Line("delay", "24 h, reminders 4, 0.5 h before", "p.yaml:14")
    assert lines["parameters.maximum"] == Line("parameters.maximum", "2", "p.yaml:13", (("8", "p.yaml:6"),))


def test_what_no_line_says_is_built_in() -> None:
    lines = {line.key: line for line in explained("firewall-rule-allowlist").lines}
    assert lines["parameters.allowed_ranges"] == Line("parameters.allowed_ranges", "[]", "built in")
    assert "delay" not in lines


def test_an_exemption_that_holds_is_shown() -> None:
    assert explained("tls-required").exemptions == ()
    (exemption,) = explained("tls-required", env="prod").exemptions
    assert exemption.reason == "migration"


def test_the_same_is_there_for_programs() -> None:
    data = explained("firewall-public-ip-range-size", env="prod").as_json()
    assert data["keys"]["parameters.maximum"] == {
        "value": "2",
        "where": "p.yaml:13",
        "note": "",
        "overridden": [{"value": "8", "where": "p.yaml:6"}],
    }
    assert data["exemptions"][0]["where"] == "p.yaml:16"


def test_a_mapping_of_dates_is_read_as_it_is_written() -> None:
    policy = loaded("""
        controls:
          postgres-version-supported:
            mode: notify
            parameters: {ends: {"13": 2026-07-31, "14": 2026-12-11}}
        """)
    control = CATALOGUE["postgres-version-supported"].control
    (explained,) = explain(policy, [control], Place(a_target()), NOON)
    assert [line.value for line in explained.lines if line.key == "parameters.ends"] == [
        "{13: 2026-07-31, 14: 2026-12-11}"
    ]
