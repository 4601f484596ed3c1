"""What the identity has to be allowed follows from the policy: nothing is missing, and nothing is too much."""

import re
from pathlib import Path

import pytest

from shared.arm.rights import Right, rights_for, role_of
from shared.arm.servers import read_permissions
from shared.policy import ControlPolicy, Mode, Policy, Scope
from shared.policy.playbooks import AlertMatch, Playbook, Step
from shared.policy.sections import Exempting
from shared.target import Kind
from tests.builders import CATALOGUE, a_target

KINDS = pytest.mark.parametrize("kind", Kind)
OPENINGS = "firewall-no-any-any"
CLOSED = "public-network-access-disabled"
LOCKED = "resource-lock-present"
FOLLOWED = "Microsoft.DBforPostgreSQL/locations/azureAsyncOperation/read"


def actions(policy: Policy, *kinds: Kind) -> set[str]:
    return {right.action for right in rights_for(CATALOGUE, policy, kinds or tuple(Kind))}


def every(mode: Mode) -> Policy:
    return Policy(controls={name: ControlPolicy(mode=mode) for name in CATALOGUE})


@pytest.mark.parametrize("mode", [Mode.AUDIT, Mode.NOTIFY])
def test_a_policy_that_only_looks_needs_nothing_that_changes_anything(mode: Mode) -> None:
    assert [right for right in rights_for(CATALOGUE, every(mode)) if not right.reads] == []


@KINDS
def test_a_policy_that_writes_everything_needs_what_every_control_declares(kind: Kind) -> None:
    declared: set[str] = set()
    for remediator in CATALOGUE.values():
        if kind in remediator.control.kinds:
            card = remediator.control.on(kind)
            declared |= card.actions(kind) | read_permissions(a_target(kind=kind), card.facets)
    found = {right.action for right in rights_for(CATALOGUE, every(Mode.APPROVE), [kind]) if right.controls}
    assert found == declared


def test_a_control_that_is_off_needs_nothing() -> None:
    off = Policy(mode=Mode.OFF, default_playbooks=Mode.OFF, exempting=Exempting(azure_policy=False))
    assert rights_for(CATALOGUE, off) == ()


def test_an_optional_control_needs_nothing_until_a_line_names_it() -> None:
    assert not any(LOCKED in right.controls for right in rights_for(CATALOGUE, Policy(mode=Mode.ENFORCE)))
    named = Policy(controls={LOCKED: ControlPolicy(mode=Mode.AUDIT)})
    assert any(LOCKED in right.controls for right in rights_for(CATALOGUE, named))


def test_what_one_scope_enforces_is_needed_though_the_rest_only_looks() -> None:
    scope = Scope(scope="/subscriptions/9c1d7e42-0b5f-4d38-8a66-1f2e3d4c5b6a", mode=Mode.ENFORCE)
    looks, acts = Policy(), Policy(scopes=(scope,))
    rule = "Microsoft.DBforPostgreSQL/flexibleServers/firewallRules/write"
    assert rule not in actions(looks)
    assert rule in actions(acts)


def test_what_the_policy_asks_for_besides_says_so() -> None:
    groups = Policy(scopes=(Scope(scope="/providers/microsoft.management/managementgroups/production"),))
    found = {right.action: right for right in rights_for(CATALOGUE, groups)}
    assert found["Microsoft.Resources/subscriptions/read"].purpose == "the policy speaks of management groups"
    assert "Microsoft.Resources/subscriptions/read" not in actions(Policy())


@pytest.mark.parametrize(("mode", "needed"), [(Mode.NOTIFY, 0), (Mode.APPROVE, 4), (Mode.ENFORCE, 4)])
def test_a_playbook_that_acts_keeps_alerts_in_step(mode: Mode, needed: int) -> None:
    playbook = Playbook("block", AlertMatch(), (Step("respond-block-address", mode),))
    found = [right for right in rights_for(CATALOGUE, Policy(playbooks=(playbook,))) if "alerts" in right.action]
    assert len(found) == needed
    assert {right.purpose for right in found} <= {"the status of security alerts is kept in step"}


def told_of_failover(kind: Kind) -> set[str]:
    """What docs/permissions.md says a failover needs on a kind of server."""
    page = (Path(__file__).parents[2] / "docs" / "permissions.md").read_text().partition("## Failover")[2]
    rows = dict(re.findall(r"^\| (all|flexible|single|Citus) \| (.*) \|$", page, re.MULTILINE))
    row = {Kind.FLEXIBLE: "flexible", Kind.SINGLE: "single", Kind.CITUS: "Citus"}[kind]
    named = re.findall(r"`([^`]+)`", f"{rows['all']} {rows[row]}")
    return {one.replace("…", "Microsoft.DBforPostgreSQL") for one in named} | {FOLLOWED}


@KINDS
def test_the_role_for_failovers_has_what_the_docs_name(kind: Kind) -> None:
    off = Policy(mode=Mode.OFF, default_playbooks=Mode.OFF, exempting=Exempting(azure_policy=False))
    found = {right.action for right in rights_for(CATALOGUE, off, [kind], failover=True)}
    assert found == told_of_failover(kind)


def test_the_role_is_what_azure_takes() -> None:
    rights = (Right("Microsoft.DBforPostgreSQL/flexibleServers/read", (OPENINGS,)),)
    role = role_of(rights, "Holdfast", ["/subscriptions/9c1d7e42-0b5f-4d38-8a66-1f2e3d4c5b6a"])
    assert role["Actions"] == ["Microsoft.DBforPostgreSQL/flexibleServers/read"]
    assert role["NotActions"] == []
    assert role["AssignableScopes"] == ["/subscriptions/9c1d7e42-0b5f-4d38-8a66-1f2e3d4c5b6a"]
