"""Answers that break their definitions: errors in our own words, and no further question is made of them."""

from typing import Any

import pytest

from shared.arm.answers import parsed
from shared.arm.azure import AzureArm
from shared.arm.client import ArmClient, Call
from shared.errors import Rejected, Unreachable
from shared.state import SERVER, Facet, FacetKind
from shared.target import Kind
from tests.builders import a_target
from tests.fakes.pipeline import ScriptedArm

READ = Call("GET", "/subscriptions/s", "2024-01-01", "x/read", "/subscriptions/s")


@pytest.mark.parametrize("body", [None, [], "text", {}, {"properties": "text"}, {"properties": {"readReplicas": 7}}])
async def test_a_server_of_another_shape_is_looked_at_again_later(body: Any) -> None:
    target = a_target(kind=Kind.CITUS)
    arm = AzureArm(ScriptedArm(**{target.name: body}))  # type: ignore[arg-type]
    with pytest.raises(Unreachable, match=r"found|not as defined"):
        await arm.observe(target, {Facet(FacetKind.REPLICAS)})


@pytest.mark.parametrize(
    "body", [{"tags": ["a"]}, {"tags": {"a": {}}}, {"properties": {"state": 7}}, {"properties": {"network": "text"}}]
)
async def test_a_server_whose_members_are_of_another_type_is_not_judged(body: Any) -> None:
    target = a_target()
    arm = AzureArm(ScriptedArm(**{target.name: body}))  # type: ignore[arg-type]
    with pytest.raises(Unreachable, match="not as defined"):
        await arm.observe(target, {SERVER})


@pytest.mark.parametrize("name", [None, [], {}, 7, ""])
async def test_a_role_without_a_name_is_not_judged(name: Any) -> None:
    identity = {"objectId": "o", "principalType": "user"}
    role = {"name": name, "properties": {"roleType": "admin", "externalIdentity": identity}}
    arm = AzureArm(ScriptedArm(roles={"value": [role]}))  # type: ignore[arg-type]
    with pytest.raises(Unreachable, match="wanted text"):
        await arm.observe(a_target(kind=Kind.CITUS), {Facet(FacetKind.ADMINISTRATORS)})


@pytest.mark.parametrize("start", ["", "a\r\nb", "10.0.0.256", "::1", None, 7])
async def test_a_rule_without_an_address_is_not_judged(start: Any) -> None:
    rule = {"name": "one", "properties": {"startIpAddress": start, "endIpAddress": "10.0.0.1"}}
    arm = AzureArm(ScriptedArm(firewallRules={"value": [rule]}))  # type: ignore[arg-type]
    with pytest.raises(Unreachable, match="not as defined"):
        await arm.observe(a_target(), {Facet(FacetKind.FIREWALL_RULES)})


@pytest.mark.parametrize("body", [None, [], "text", {"status": "Failed", "error": "text"}])
async def test_an_operation_of_another_shape_is_looked_at_again_later(body: Any) -> None:
    arm = AzureArm(ScriptedArm(**{"https://arm/operation": body}))  # type: ignore[arg-type]
    with pytest.raises(Unreachable, match="an operation: the answer is not as defined"):
        await arm.progress("https://arm/operation")


@pytest.mark.parametrize(
    "path",
    [
        "subscriptions/s",
        "@evil.example/",
        "//evil.example",
        "/a/../b",
        "/a/.",
        "/a/",
        "/a?b",
        "/a#b",
        "/a\r\nb",
        "/%2e",
    ],
)
def test_what_is_no_path_of_azure_is_never_asked_for(path: str) -> None:
    with pytest.raises(Rejected, match="not a path of Azure Resource Manager"):
        Call("GET", path, "2024-01-01", "x/read", "x")


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/subscriptions/s",
        "http://management.azure.com/subscriptions/s",
        "https://management.azure.com@evil.example/",
        "https://management.azure.com.evil.example/",
        "https://management.azure.com:8443/",
        "https://management.azure.com/\r\nHost: evil.example",
        "//evil.example/",
        "/subscriptions/s",
        "file:///etc/passwd",
        "http://[",
        "",
    ],
)
async def test_only_azures_own_addresses_are_followed(url: str) -> None:
    """The client has no credential here: it would fail otherwise if anything were sent."""
    client = ArmClient("https://management.azure.com", "https://management.azure.com", None)  # type: ignore[arg-type]
    with pytest.raises(Rejected, match="pointed to another host"):
        await client.follow(url, READ)


@pytest.mark.parametrize(
    ("content", "body"),
    [
        (rb'{"a": "x\ud800"}', {"a": "x?"}),
        (rb'{"a": "\ud83d\ude00"}', {"a": "\U0001f600"}),
        (b"no JSON", {}),
        (b"", {}),
    ],
)
def test_half_a_character_in_an_answer_becomes_a_question_mark(content: bytes, body: Any) -> None:
    assert parsed(content) == body
