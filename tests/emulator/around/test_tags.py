"""The tags of a resource, as a resource of their own: merged, taken off, and everything else left alone."""

from typing import Any

import pytest

from tests.emulator.arm_client import Answered
from tests.emulator.around.client import AroundClient
from tests.emulator.kinds import CLUSTER, SINGLE

_VERSION = "2025-04-01"


async def _tags(around: AroundClient, server: str, operation: str, tags: Any) -> Answered:
    body = {"operation": operation, "properties": {"tags": tags}}
    return await around.arm.send(
        "PATCH", f"{server}/providers/Microsoft.Resources/tags/default", body, version=_VERSION
    )


@pytest.mark.parametrize("server", [SINGLE, CLUSTER])
async def test_tags_are_merged_and_taken_off_by_name_and_value(around: AroundClient, server: str) -> None:
    merged = await _tags(around, server, "Merge", {"owner": "payments", "Environment": "prod"})
    assert (merged.status, merged.properties["tags"]) == (200, {"owner": "payments", "Environment": "prod"})
    assert (await around.get(server)).body["tags"] == {"owner": "payments", "Environment": "prod"}
    gone = await _tags(around, server, "Delete", {"owner": "payments", "Environment": "test"})
    assert gone.properties["tags"] == {"Environment": "prod"}
    replaced = await _tags(around, server, "Replace", {"a": "b"})
    assert replaced.properties["tags"] == {"a": "b"}


@pytest.mark.parametrize(("operation", "tags"), [("Merge", None), ("Merge", {"a": 1}), ("Add", {"a": "b"})])
async def test_what_is_no_change_of_tags_is_refused(around: AroundClient, operation: str, tags: Any) -> None:
    assert (await _tags(around, SINGLE, operation, tags)).status == 400


async def test_a_resource_has_fifty_tags_at_most(around: AroundClient) -> None:
    many = {f"tag-{number}": "x" for number in range(51)}
    assert (await _tags(around, SINGLE, "Merge", many)).code == "InvalidTagCount"


async def test_only_the_tags_of_what_is_there_can_be_read(around: AroundClient) -> None:
    for path in (
        f"{SINGLE}/providers/Microsoft.Resources/tags/other",
        f"{SINGLE}-x/providers/Microsoft.Resources/tags/default",
    ):
        assert (await around.arm.send("GET", path, version=_VERSION)).status == 404
    found = await around.arm.send("GET", f"{SINGLE}/providers/Microsoft.Resources/tags/default", version=_VERSION)
    assert found.properties == {"tags": {"environment": "test"}}
