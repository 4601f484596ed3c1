"""Which controls an audit is about."""

import pytest

from shared.audit import Choice
from shared.audit.choice import domain_named, frameworks_named, in_order
from shared.control import Severity
from shared.errors import Refused
from shared.standards import frameworks
from shared.target import Kind
from tests.audit.auditing import findings
from tests.builders import CATALOGUE, a_policy
from tests.engine.world import World


def _chosen(choice: Choice) -> list[str]:
    return [control.id for control in choice.of(CATALOGUE, a_policy(), Kind.FLEXIBLE)]


def test_nothing_chosen_is_everything() -> None:
    assert len(_chosen(Choice())) == sum(Kind.FLEXIBLE in one.control.kinds for one in CATALOGUE.values())


def test_a_framework_keeps_what_it_asks_for_and_groups_by_its_paragraphs() -> None:
    choice = Choice(frameworks=("cis-3.0",))
    assert "tls-required" in _chosen(choice)
    assert all("cis-3.0" in frameworks(CATALOGUE[name].control) for name in _chosen(choice))
    assert choice.groups(CATALOGUE["tls-required"].control) == frameworks(CATALOGUE["tls-required"].control)["cis-3.0"]


def test_a_severity_is_the_least_that_counts() -> None:
    chosen = _chosen(Choice(severity=Severity.HIGH))
    assert {CATALOGUE[name].control.severity for name in chosen} == {Severity.HIGH, Severity.CRITICAL}


def test_a_domain_is_named_by_a_part_of_it() -> None:
    assert "firewall-no-any-any" in _chosen(Choice(domain="ip firewall"))
    assert domain_named("ip firewall", CATALOGUE) == "ip firewall"


async def test_what_is_not_chosen_is_not_read() -> None:
    world = World()
    assert list(await findings(world, Choice(controls=("tls-required",)))) == ["tls-required"]
    assert sorted(set(world.arm.calls)) == ["read configurations/require_secure_transport", "read server"]


@pytest.mark.parametrize("text", ["cis-3.0", "CIS 3.0", "cis3"])
def test_a_framework_is_found_however_it_is_written(text: str) -> None:
    assert frameworks_named(text) == ("cis-3.0",)


def test_a_family_of_standards_is_grouped_by_domain() -> None:
    choice = Choice(frameworks=frameworks_named("cis"))
    door = CATALOGUE["tls-required"].control
    assert choice.takes(door)
    assert choice.groups(door) == (door.domain,)


@pytest.mark.parametrize("text", ["hipaa", ""])
def test_an_unknown_framework_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="found no such framework, wanted one of prowler"):
        frameworks_named(text)


def test_an_unknown_domain_is_refused() -> None:
    with pytest.raises(Refused, match="found in no domain's name"):
        domain_named("astrology", CATALOGUE)


def test_paragraphs_are_in_the_order_of_their_numbers() -> None:
    assert in_order(["5.2.10", "5.2.9", "A.5", "5.10.1"]) == ["5.2.9", "5.2.10", "5.10.1", "A.5"]
