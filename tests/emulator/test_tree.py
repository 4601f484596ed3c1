"""Management groups: in the fleet, in Resource Graph, and as scopes of roles."""

from pathlib import Path
from typing import Any

import pytest

from emulator.fleet import Fleet, FleetError
from emulator.tree import Tree
from tests.emulator.arm_client import CLOSED, MIXED, PRODUCTION, STAGING, ArmClient, Bench
from tests.emulator.test_graph import ask

_SUBSCRIPTIONS = "resourcecontainers | where type =~ 'microsoft.resources/subscriptions'"
_GROUP = "/providers/Microsoft.Management/managementGroups"
_PRINCIPAL = {"kind": "ManagedIdentity", "display_name": "app"}


def _fleet(**more: Any) -> Fleet:
    given: dict[str, Any] = {"principals": {"holdfast": _PRINCIPAL}, "subscriptions": []}
    return Fleet.model_validate(given | more)


async def test_a_subscription_lists_the_groups_above_it_nearest_first(dana: ArmClient) -> None:
    query = f"{_SUBSCRIPTIONS} | project subscriptionId, chain = properties.managementGroupAncestorsChain"
    rows = (await ask(dana, query)).body["data"]
    names = {row["subscriptionId"]: [group["name"] for group in row["chain"]] for row in rows}
    root = "6b1f3c0e-52d4-4f6a-9b3e-6f0d9a7c2e51"
    assert names[PRODUCTION.rpartition("/")[2]] == ["mg-production", "mg-contoso", root]
    assert names[STAGING.rpartition("/")[2]] == ["mg-sandbox", "mg-contoso", root]
    assert rows[0]["chain"][1]["displayName"] == "Contoso Bank"


async def test_containers_are_subscriptions_resource_groups_and_management_groups(dana: ArmClient) -> None:
    rows = (await ask(dana, "resourcecontainers | project name, type, details = properties.details")).body["data"]
    kinds = [row["type"].rpartition("/")[2] for row in rows]
    assert [kinds.count(one) for one in ("subscriptions", "resourcegroups", "managementgroups")] == [2, 6, 4]
    production = next(row for row in rows if row["name"] == "mg-production")
    assert production["details"]["parent"]["name"] == "mg-contoso"


async def test_the_app_sees_subscriptions_and_no_management_groups(bench: Bench) -> None:
    rows = (await ask(await bench.arm("holdfast"), "resourcecontainers | project type")).body["data"]
    assert {row["type"] for row in rows} == {
        "microsoft.resources/subscriptions",
        "microsoft.resources/subscriptions/resourcegroups",
    }


async def test_a_role_at_a_management_group_holds_below_it_only() -> None:
    tree = Tree(Fleet.load(Path("emulator/default_fleet.yaml")))
    production = f"{_GROUP}/MG-Production"
    assert tree.contains(production, CLOSED)
    assert tree.contains(f"{_GROUP}/mg-contoso", production)
    assert tree.contains(production, f"{production}/providers/Microsoft.Authorization/policyAssignments/x")
    for elsewhere in (MIXED, f"{_GROUP}/mg-contoso", f"{_GROUP}/mg-nowhere", "/subscriptions/nowhere"):
        assert not tree.contains(production, elsewhere)


def test_groups_need_not_be_declared() -> None:
    subscription = {"id": PRODUCTION.rpartition("/")[2], "name": "p", "management_group": "mg-only-named"}
    tree = Tree(_fleet(subscriptions=[subscription]))
    assert tree.above_subscription(subscription["id"])[0].name == "mg-only-named"


@pytest.mark.parametrize(
    ("groups", "why"),
    [
        ([{"name": "a", "parent": "b"}], "is not among"),
        ([{"name": "a", "parent": "b"}, {"name": "b", "parent": "A"}], "its own ancestor"),
        ([{"name": "a", "parent": "a"}], "its own ancestor"),
    ],
)
def test_groups_that_are_no_tree_are_refused(groups: list[dict[str, str]], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        _fleet(management_groups=groups)


def test_a_policy_resource_needs_the_id_of_one(tmp_path: Path) -> None:
    file = tmp_path / "fleet.json"
    principals = '{"holdfast": {"kind": "User", "display_name": "x"}}'
    file.write_text(
        f'{{"principals": {principals}, "subscriptions": [], "policy": [{{"id": "/nonsense", "properties": {{}}}}]}}'
    )
    with pytest.raises(FleetError, match="wanted the id of one of policySetDefinitions"):
        Fleet.load(file)
