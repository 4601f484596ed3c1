"""`holdfast audit`: every control on every server; what fails, why, and what mends it. It writes only if asked."""

import csv
import json
import os
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from py_ocsf_models.events.findings.compliance_finding import ComplianceFinding

from shared.errors import Forbidden, HoldfastError, Unreachable
from shared.orders import Exemption
from shared.policy import Mode
from shared.settings import ROOT
from shared.state import Facet, FacetKind, State
from shared.target import Target
from tests.builders import CATALOGUE, NOON, SUBSCRIPTION, a_policy, a_rule, a_server, a_state, a_target
from tests.cli.terminal import Printed, Terminal
from tests.engine.world import World, wide

_DOOR, _TLS, _INTERNET = "public-network-access-disabled", "tls-required", "firewall-no-any-any"
_HOSTILE = "app\x1b]0;gotcha\x07<script>alert(1)</script>"
_BOTH = ("--control", _DOOR, "--control", _TLS)


def _open(name: str = "pg-payments", **changes: Any) -> State:
    return a_state(a_target(name), **({"server": a_server(public_access=True), "at": NOON} | changes))


async def _audit(world: World, *words: str, width: int = 100, answers: tuple[bool, ...] = ()) -> Printed:
    return await Terminal(world, width=width, answers=list(answers)).types("audit", *words)


async def _file(world: World, path: Path, format_: str, *words: str) -> str:
    await _audit(world, "--format", format_, "--output", str(path), *words)
    return _read(path)


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _refuses(world: World, kind: FacetKind, error: HoldfastError) -> None:
    def read(_: Target, facet: Facet) -> None:
        if facet.kind is kind:
            raise error

    world.arm.on_read = read


# -- the answer -------------------------------------------------------------------------------------------------------


async def test_nothing_fails_on_a_good_server() -> None:
    printed = await _audit(World(a_state(at=NOON)), *_BOTH)
    assert printed.code == 0
    assert printed.lacks("1 server, 2 controls: ✓ 2 hold", "✓ nothing fails") == []


async def test_what_fails_is_shown_with_what_mends_it_and_what_the_engine_would_do() -> None:
    printed = await _audit(World(_open(), policy=a_policy(Mode.AUDIT)), *_BOTH)
    assert printed.code == 3
    assert (
        printed.lacks(
            "✗ 1 fail ✓ 1 hold",
            "✗ high Public network access is disabled",
            "network.publicNetworkAccess: Enabled, wanted Disabled",
            "why the server can be reached from the internet",
            "mend public network access: Enabled → Disabled",
            "engine only recorded: the policy says audit",
            "✓ hold: tls-required",
        )
        == []
    )


async def test_of_a_fleet_the_servers_with_the_same_fault_stand_together() -> None:
    printed = await _audit(World(*(_open(f"pg-{n}") for n in range(3)), a_state()), "--control", _DOOR)
    assert printed.lacks("3 fail, 1 hold", "on pg-0, pg-1, pg-2", "3 high on 3 of 4 servers") == []


async def test_nothing_is_written_anywhere() -> None:
    world = World(_open())
    await _audit(world)
    assert world.arm.writes == []
    assert set(world.store.calls) <= {"load", "document", "history"}


async def test_a_facet_that_may_not_be_read_is_told_with_the_permission_and_hides_nothing() -> None:
    world = World(_open())
    permission = "Microsoft.DBforPostgreSQL/flexibleServers/configurations/read"
    _refuses(world, FacetKind.PARAMETER, Forbidden("no", permission, "/x"))
    printed = await _audit(world, *_BOTH)
    assert printed.code == 3
    assert printed.lacks("! could not be read: tls-required", f"missing permission: {permission}  1 answer") == []


async def test_what_could_not_be_read_is_not_taken_for_good() -> None:
    world = World(a_state())
    _refuses(world, FacetKind.PARAMETER, Unreachable("Azure does not answer"))
    printed = await _audit(world, *_BOTH)
    assert printed.code == 1
    assert printed.lacks("Unreachable: Azure does not answer") == []


async def test_an_exempt_server_does_not_fail() -> None:
    ends = World().clock() + timedelta(days=3)
    exemption = Exemption("e", "", (_DOOR,), "old clients", "archive@contoso.example", ends, "CHG-1")
    world = World(_open(), policy=replace(a_policy(), exemptions=(exemption,)))
    printed = await _audit(world, *_BOTH)
    assert printed.code == 0
    assert printed.lacks("○ 1 exempt", "exempt until 2025-11-27 09:00:00 UTC (archive@contoso.example, CHG-1)") == []


@pytest.mark.parametrize(("least", "code"), [("critical", 0), ("high", 3)])
async def test_a_pipeline_fails_only_for_what_is_bad_enough(least: str, code: int) -> None:
    assert (await _audit(World(_open()), *_BOTH, "--fail-on", least)).code == code


# -- what it is about -------------------------------------------------------------------------------------------------


async def test_one_server_by_name_or_all_of_a_scope() -> None:
    world = World(_open("pg-one"), _open("pg-two"))
    assert (await _audit(world, "pg-two", *_BOTH)).lacks("Audit of pg-two", "1 server,") == []
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-payments"
    assert (await _audit(world, group, *_BOTH)).lacks("Audit of resource group rg-payments", "2 servers,") == []
    assert (await _audit(world, f"{group}-other", *_BOTH)).lacks("0 servers,") == []


async def test_a_management_group_is_a_scope_too() -> None:
    world = World(_open())
    world.arm.groups[SUBSCRIPTION] = ("mg-production",)
    scope = "/providers/Microsoft.Management/managementGroups/mg-production"
    assert (await _audit(world, scope, *_BOTH)).lacks("management group mg-production", "1 server,") == []


async def test_a_standard_gives_the_headings() -> None:
    printed = await _audit(World(_open()), "--framework", "CIS 3.0")
    assert printed.lacks("cis-3.0 5.2.1", "tls-required") == []


async def test_a_control_under_several_paragraphs_is_told_once(tmp_path: Path) -> None:
    world = World(a_state(server=a_server(facts={"backup.geoRedundant": "Disabled"})))
    words = ("--framework", "mcsb", "--control", "backup-geo-redundant")
    printed = await _audit(world, *words)
    assert printed.lacks("mcsb BR-1", "mcsb BR-2", "Geo-redundant backup is enabled, as above") == []
    assert printed.text.count("backup.geoRedundant") == 1
    page = await _file(world, tmp_path / "a.html", "html", *words)
    assert (
        page.count("Found: properties/backup.geoRedundant") == page.count('href="#control-backup-geo-redundant"') == 1
    )


@pytest.mark.parametrize(
    ("option", "text", "words"),
    [
        ("--framework", "hipaa", "found no such framework"),
        ("--domain", "astrology", "found in no domain's name"),
        ("--control", "tls-requird", "did you mean tls-required?"),
    ],
)
async def test_an_unknown_word_is_refused_with_the_right_ones(option: str, text: str, words: str) -> None:
    printed = await _audit(World(), option, text)
    assert printed.code == 2
    assert printed.lacks(words) == []


@pytest.mark.parametrize("width", [80, 120])
async def test_no_line_is_wider_than_the_screen_or_ends_with_blanks(width: int) -> None:
    printed = await _audit(World(_open(), _open("pg-other", firewall_rules=(wide(),))), width=width)
    assert [line for line in printed.text.splitlines() if len(line) > width] == []
    assert [line for line in printed.text.splitlines() if line != line.rstrip()] == []


async def test_a_name_cannot_command_the_terminal() -> None:
    world = World(_open(firewall_rules=(a_rule(_HOSTILE, "0.0.0.0", "255.255.255.255"),)))
    printed = await _audit(world, "--control", _INTERNET)
    assert printed.code == 3
    assert not {"\x1b", "\x07"} & set(printed.text)


# -- for programs -----------------------------------------------------------------------------------------------------


async def test_json_is_as_its_schema_promises() -> None:
    world = World(_open(firewall_rules=(wide(),)), a_state(a_target("pg-good"), at=NOON))
    found = (await _audit(world, "--format", "json")).json
    schema = json.loads((ROOT / "docs" / "audit.schema.json").read_text())
    assert [error.message for error in Draft202012Validator(schema).iter_errors(found)] == []
    assert found["summary"]["servers"] == len(found["servers"]) == 2
    (door,) = [one for one in found["servers"][0]["findings"] if one["control"] == _DOOR]
    assert (door["status"], door["read_at"]) == ("FAIL", NOON.isoformat())
    assert {"what": "network.publicNetworkAccess", "value": "Enabled"} in door["evidence"]


async def test_an_audit_of_nothing_does_not_pass_for_a_good_one() -> None:
    world = World(a_state())
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-empty"
    printed = await _audit(world, group)
    assert printed.code == 1
    assert printed.lacks("nothing was judged") == []


async def test_an_audit_of_nothing_is_still_json() -> None:
    world = World(_open())
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-empty"
    assert (await _audit(world, group, "--format", "json")).json["servers"] == []


async def test_ocsf_events_are_what_the_library_reads(tmp_path: Path) -> None:
    events = json.loads(await _file(World(_open()), tmp_path / "a.json", "ocsf"))
    read = [ComplianceFinding.model_validate(event) for event in events]
    (door,) = [event for event in read if event.compliance.control == _DOOR]
    assert (door.class_uid, door.status_code, door.severity) == (2003, "FAIL", "High")
    assert door.compliance.status_id == 3
    assert door.resources[0].uid == World().target.id
    assert door.remediation.desc.startswith("public network access: Enabled → Disabled")
    assert len(read) == len([one for one in CATALOGUE.values() if World().target.kind in one.control.kinds])


async def test_junit_has_a_suite_for_each_server_and_a_case_for_each_control(tmp_path: Path) -> None:
    world = World(_open("pg-one"), a_state(a_target("pg-two")))
    root = ET.fromstring(await _file(world, tmp_path / "a.xml", "junit", *_BOTH))  # noqa: S314 - our own
    assert [(suite.get("name"), suite.get("tests"), suite.get("failures")) for suite in root] == [
        ("pg-one", "2", "1"),
        ("pg-two", "2", "0"),
    ]
    failure = root.find(".//failure")
    assert failure is not None
    assert "found Enabled, wanted Disabled" in (failure.text or "")


async def test_junit_tells_errors_and_what_does_not_apply_from_failures(tmp_path: Path) -> None:
    world = World(a_state())
    _refuses(world, FacetKind.PARAMETER, Forbidden("no", "some/read", "/x"))
    words = ("--control", _TLS, "--control", _INTERNET)
    root = ET.fromstring(await _file(world, tmp_path / "a.xml", "junit", *words))  # noqa: S314 - our own
    assert [child.tag for case in root.iter("testcase") for child in case if child.tag != "system-out"] == [
        "error",
        "skipped",
    ]


async def test_csv_has_a_row_for_each_answer_and_no_formula(tmp_path: Path) -> None:
    world = World(_open(firewall_rules=(a_rule("=cmd|' /C calc'!A0", "0.0.0.0", "255.255.255.255"),)))
    text = await _file(world, tmp_path / "a.csv", "csv", "--control", _INTERNET)
    (row,) = csv.DictReader(text.splitlines())
    assert (row["server"], row["status"], row["severity"]) == ("pg-payments", "FAIL", "critical")
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row.values())


@pytest.mark.parametrize("format_", ["json", "ocsf", "junit", "csv", "html", "table"])
async def test_no_format_is_broken_by_a_hostile_name(format_: str, tmp_path: Path) -> None:
    world = World(_open(firewall_rules=(a_rule(_HOSTILE, "0.0.0.0", "255.255.255.255"),)))
    text = await _file(world, tmp_path / "a", format_)
    assert not {"\x1b", "\x07"} & set(text)
    if format_ == "html":
        assert "<script" not in text
        assert "&lt;script&gt;" in text or "‹script›" in text
    if format_ == "junit":
        ET.fromstring(text)  # noqa: S314 - our own


async def test_the_page_needs_nothing_from_anywhere(tmp_path: Path) -> None:
    text = await _file(World(_open(), _open("pg-two"), a_state(a_target("pg-three"))), tmp_path / "a.html", "html")
    assert [link for link in re.findall(r'(?:src|href)="([^"]*)"', text) if not link.startswith("#")] == []
    assert re.findall(r"url\(|@import|<script|<link|<img", text) == []
    assert "default-src 'none'" in text


async def test_servers_with_the_same_answer_stand_together_on_the_page(tmp_path: Path) -> None:
    world = World(_open("pg-one"), _open("pg-two"), a_state(a_target("pg-three")))
    text = await _file(world, tmp_path / "a.html", "html", "--control", _DOOR)
    words = re.sub(r"<[^>]*>|\s+", " ", text.partition("<body")[2])
    assert re.search(r"fail 2 servers .* Servers +pg-one .* pg-two .* hold pg-three", re.sub(" +", " ", words))
    assert "Azure Policy built-in definitions" in words


async def test_a_file_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("the audit of yesterday")
    world = World(_open())
    world.store.down = True
    printed = await _audit(world, "--format", "json", "--output", str(path))
    assert printed.code == 1
    assert _read(path) == "the audit of yesterday"
    assert os.listdir(tmp_path) == [path.name]


async def test_a_file_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    printed = await _audit(World(), "--format", "html", "--output", str(tmp_path / "no" / "a.html"))
    assert printed.code == 2
    assert printed.lacks("cannot be written") == []


# -- mending ----------------------------------------------------------------------------------------------------------


async def test_a_fix_goes_through_the_engine_after_a_yes() -> None:
    world = World(_open(), policy=a_policy(Mode.AUDIT))
    printed = await _audit(world, *_BOTH, "--fix", "--reason", "CHG-7", answers=(True,))
    assert printed.code == 0
    assert printed.lacks("Plan: 1 change", "✓ put back and proven by reading again", "Now: ✓ 2 hold") == []
    assert world.arm.writes == ["network.publicNetworkAccess"]


async def test_without_a_yes_nothing_is_mended() -> None:
    world = World(_open(), policy=a_policy(Mode.AUDIT))
    printed = await _audit(world, *_BOTH, "--fix", answers=(False,))
    assert printed.code == 3
    assert world.arm.writes == []


async def test_what_the_policy_switches_off_is_not_mended() -> None:
    world = World(_open(), policy=a_policy(Mode.OFF))
    printed = await _audit(world, *_BOTH, "--fix", "--yes")
    assert printed.code == 3
    assert printed.lacks(f"Not touched, because the policy switches them off or does not name them: {_DOOR}") == []
    assert world.arm.writes == []


async def test_each_server_of_a_fleet_is_asked_about() -> None:
    world = World(_open("pg-one"), _open("pg-two"), policy=a_policy(Mode.AUDIT))
    printed = await _audit(world, *_BOTH, "--fix", answers=(True, False))
    assert printed.code == 3
    assert printed.lacks("Now: ✗ 1 fail ✓ 3 hold") == []
    assert len(world.arm.writes) == 1


async def test_a_fix_needs_somebody_to_show_the_plan_to() -> None:
    printed = await _audit(World(_open()), "--fix", "--format", "json")
    assert printed.code == 2
    assert printed.lacks("say where the json belongs: --output FILE") == []
