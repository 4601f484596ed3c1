"""Copies against the emulator: one reading shows both servers, and tags are written without touching the others."""

import json
from pathlib import Path
from typing import Any

import pytest

from shared.arm.azure import AzureArm
from shared.arm.servers import grouped, read_permissions, write_call
from shared.control import Change, Source
from shared.copies import COMPARED, followed_by
from shared.errors import Gone
from shared.state import EVERY_PARAMETER, ORIGINAL, SERVER, Facet, FacetKind, Setting, SettingKind
from shared.target import Kind, Target, parse_target
from tests.arm.azure_side import AzureSide
from tests.arm.conftest import ARCHIVE, PARTNERS, REPORTING, RISK, server
from tests.contracts import HELD, validator

CORRELATION = "00000000-0000-4000-8000-000000000001"
COPY = server("pg-copy")
PREVIEW = "2023-03-02-preview"


async def a_copy_of(side: AzureSide, source: Target, mode: str = "Replica") -> Target:
    """Ada copies a server."""
    name = {Kind.FLEXIBLE: "sourceServerResourceId", Kind.SINGLE: "sourceServerId", Kind.CITUS: "sourceResourceId"}
    version = {Kind.FLEXIBLE: "2025-08-01", Kind.SINGLE: "2017-12-01", Kind.CITUS: "2022-11-08"}[source.kind]
    copy = Target(source.kind, source.subscription, source.resource_group, "pg-copy")
    properties: dict[str, Any] = {name[source.kind]: source.id}
    if source.kind is not Kind.CITUS:
        properties["createMode"] = mode
    body = {"location": "westeurope", "properties": properties}
    assert await side.act("ada", "PUT", copy.id, body, version) < 300
    return copy


def tag(name: str, before: str | None, after: str | None) -> Change:
    return Change(Setting(SettingKind.TAG, name), before, after, Source.ORIGINAL)


@pytest.mark.parametrize("source", [PARTNERS, REPORTING, RISK], ids=lambda one: one.kind.value)
async def test_a_replica_is_read_with_the_server_that_it_follows(
    arm: AzureArm, side: AzureSide, source: Target
) -> None:
    copy = await a_copy_of(side, source)
    state = await arm.observe(copy, {ORIGINAL})
    assert state.server is not None
    assert parse_target(followed_by(state.server)) == source
    assert state.original is not None
    assert state.original.target == source
    assert {facet for facet in COMPARED[source.kind] if facet != EVERY_PARAMETER} <= state.facets()
    assert state.parameters.keys() == state.original.parameters.keys() != set()


@pytest.mark.parametrize("source", [PARTNERS, REPORTING, RISK], ids=lambda one: one.kind.value)
async def test_of_a_server_that_is_no_copy_nothing_more_is_read(arm: AzureArm, side: AzureSide, source: Target) -> None:
    await side.control("DELETE", "/calls")
    state = await arm.observe(source, {ORIGINAL, SERVER})
    assert (state.original, len(await side.calls())) == (None, 1)


async def test_a_restored_server_is_read_with_the_one_that_is_named(arm: AzureArm) -> None:
    state = await arm.observe(ARCHIVE, {Facet(FacetKind.ORIGINAL, PARTNERS.id)})
    assert state.original is not None
    assert state.original.target == PARTNERS
    assert ORIGINAL in state.facets()


@pytest.mark.parametrize(
    ("source", "why"),
    [(server("pg-nowhere").id, "does not exist any more: GET"), ("/subscriptions/x", "not a server that Holdfast")],
)
async def test_a_source_that_is_not_there_leaves_the_original_unread(arm: AzureArm, source: str, why: str) -> None:
    state = await arm.observe(ARCHIVE, {Facet(FacetKind.ORIGINAL, source)})
    assert state.original is None
    assert why in str(state.unread[ORIGINAL])


async def test_a_copy_that_is_not_there_is_gone(arm: AzureArm) -> None:
    with pytest.raises(Gone):
        await arm.observe(server("pg-nowhere"), {ORIGINAL})


async def test_what_somebody_set_is_told_apart_from_what_the_service_gave(arm: AzureArm) -> None:
    await arm.write(
        PARTNERS, (Change(Setting(SettingKind.PARAMETER, "log_duration"), "off", "on", Source.POLICY),), CORRELATION
    )
    found = (await arm.observe(PARTNERS, {EVERY_PARAMETER})).parameters
    chosen = {name for name, held in found.items() if held is not None and held.chosen}
    assert "log_duration" in chosen
    assert "deadlock_timeout" not in chosen


@pytest.mark.parametrize("target", [PARTNERS, REPORTING, RISK], ids=lambda one: one.kind.value)
async def test_tags_come_and_go_beside_the_others(arm: AzureArm, target: Target) -> None:
    before = (await arm.observe(target, {SERVER})).server
    assert before is not None
    both = (tag("owner", None, "payments"), tag("ticket", None, "7"))
    assert grouped(target, both) == [both]
    await arm.write(target, both, CORRELATION)
    state = await arm.observe(target, {SERVER})
    assert state.server is not None
    assert state.server.tags == {**before.tags, "owner": "payments", "ticket": "7"}
    await arm.write(target, tuple(change.undo() for change in both), CORRELATION)
    after = (await arm.observe(target, {SERVER})).server
    assert after is not None
    assert after.tags == before.tags


def test_tags_that_come_are_another_request_than_tags_that_go() -> None:
    assert len(grouped(PARTNERS, (tag("a", None, "1"), tag("b", "2", None)))) == 2
    assert write_call(PARTNERS, (tag("b", "2", None),), "").body == {
        "operation": "Delete",
        "properties": {"tags": {"b": "2"}},
    }


def test_the_permissions_of_the_original_are_those_of_all_that_is_compared() -> None:
    for kind in Kind:
        target = Target(kind, PARTNERS.subscription, "group", "server")
        assert read_permissions(target, {ORIGINAL}) == read_permissions(target, COMPARED[kind])


async def test_what_is_said_of_tags_keeps_the_definitions(logged: tuple[AzureArm, Path]) -> None:
    arm, log = logged
    await arm.write(PARTNERS, (tag("owner", None, "payments"),), CORRELATION)
    await arm.write(PARTNERS, (tag("owner", "payments", None),), CORRELATION)
    exchanges = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    reports = [validator().Contracts().check(exchange, strict=True) for exchange in exchanges]
    assert [(report.kind in HELD, report.errors()) for report in reports] == [(True, [])] * 2
