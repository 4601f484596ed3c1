"""What both templates read: the role, and the filters of events."""

import json
import re
from itertools import chain

import pytest

from cli.catalogue import every_control
from shared.arm.rights import rights_for
from shared.outside import parse_outside
from shared.policy_file import default_policy
from shared.target import PROVIDER
from tests.infra.templates import INFRA, fact

GROUP = "/subscriptions/9c1d7e42-0b5f-4d38-8a66-1f2e3d4c5b6a/resourceGroups/rg"


def let_through(operation: str) -> bool:
    prefixes = fact("filters")["changes"]["advancedFilters"][0]["values"]
    return operation.lower().startswith(tuple(prefix.lower() for prefix in prefixes))


def test_the_role_is_what_the_policy_that_ships_needs() -> None:
    catalogue = every_control()
    needed = [right.action for right in rights_for(catalogue, default_policy(catalogue))]
    assert fact("role")["Actions"] == needed, "holdfast role --format json > infra/facts/role.json"


def is_used(operation: str) -> bool:
    """Whether what the operation writes is of what servers use, or attached to it: nothing else is taken in."""
    provider, *words = operation.split("/")[:-1]
    child = "/".join(chain.from_iterable((word, "one") for word in words))
    return parse_outside(f"{GROUP}/providers/{provider}/{child}") is not None


def test_every_operation_that_can_break_a_control_gets_through() -> None:
    for remediator in every_control().values():
        for kind in remediator.control.kinds:
            for named in remediator.control.on(kind).operations:
                elsewhere = named.startswith("microsoft.")
                operation = named if elsewhere else f"{PROVIDER}/{kind.type_name}/{named}"
                assert let_through(operation) or (elsewhere and not is_used(operation)), operation


@pytest.mark.parametrize("name", ["changes", "notifications", "vaults"])
def test_filters_stay_within_what_event_grid_takes(name: str) -> None:
    filters = fact("filters")[name].get("advancedFilters", [])
    assert len(filters) <= 25
    assert sum(len(one["values"]) for one in filters) <= 25
    assert all(len(value) <= 512 for one in filters for value in one["values"])
    # A member whose own name has a dot, as the claims have, cannot be filtered on.
    assert all("." not in one["key"].removeprefix("data.") for one in filters)


def test_a_fact_is_json_and_nobody_reads_another_file() -> None:
    for path in (INFRA / "facts").iterdir():
        json.loads(path.read_text())
    texts = "".join(path.read_text() for path in INFRA.rglob("*.bicep"))
    assert {f"{path.name}" for path in (INFRA / "facts").iterdir()} == set(re.findall(r"facts/([\w-]+\.json)'", texts))
