"""What the pages say is what the code does."""

import json
import re

import pytest

from shared.arm.activity_log import ActivityLog
from shared.arm.management_groups import ManagementGroups
from shared.arm.servers import read_call
from shared.arm.waivers import Waivers
from shared.errors import Forbidden
from shared.journal import now
from shared.settings import ROOT
from shared.target import PROVIDER
from tests.builders import CATALOGUE, a_target
from tests.fakes.pipeline import ScriptedArm


def test_the_role_holds_what_the_controls_that_are_on_unasked_declare_and_nothing_more() -> None:
    page = (ROOT / "docs" / "permissions.md").read_text()
    role = json.loads(re.search(r"```json\n(.*?)```", page, re.DOTALL)[1])  # type: ignore[index]
    cards = [one.control for one in CATALOGUE.values() if not one.control.optional]
    held = [(card.on(kind), kind) for card in cards for kind in card.kinds]
    writes = {action for card, kind in held for action in card.actions(kind)}
    reads = {read_call(a_target(kind=kind), facet).permission for card, kind in held for facet in card.facets}
    polls = ("azureAsyncOperation", "administratorAzureAsyncOperation")
    operations = {f"{PROVIDER}/locations/{poll}/read" for poll in polls}
    assert set(role["Actions"]) == writes | reads | operations


async def test_the_page_lists_what_careful_questions_need_and_nothing_more() -> None:
    page = (ROOT / "docs" / "permissions.md").read_text()
    listed = {row.lower() for row in re.findall(r"^\| `(Microsoft[\w./]+)` \|", page, re.MULTILINE)}
    exemption = {"name": "x", "properties": {"policyAssignmentId": "/a", "exemptionCategory": "Waiver"}}
    assignment = {"id": "/a", "properties": {"policyDefinitionId": "/policySetDefinitions/s"}}
    azure = ScriptedArm(
        policyExemptions={"value": [exemption]}, policyAssignments={"value": [assignment]},
        s={"properties": {"policyDefinitions": []}}, values={"value": []}, resources={"data": []},
    )  # fmt: skip
    await Waivers(azure, now).in_force(a_target())
    await ActivityLog(azure, now).writers(a_target(), "", now())
    with pytest.raises(Forbidden) as caught:
        await ManagementGroups(azure, now).above(a_target().subscription)
    # Resource Graph needs no action of its own: it shows what the identity may read.
    asked = {call.permission for call in azure.calls if "ResourceGraph" not in call.permission}
    assert listed == {permission.lower() for permission in (*asked, caught.value.permission)}


def test_the_readme_lists_the_controls_that_are_on_unasked_with_their_dispositions() -> None:
    words = {"auto": "put back", "approval": "proposed", "notify": "told"}
    page = (ROOT / "README.md").read_text()
    rows = {
        match[1]: (match[2], match[3].split(" (")[0], match[4])
        for match in re.finditer(r"^\| `([\w-]+)` \| (\w+) \| ([^|]+?) \| ([^|]+?) \|$", page, re.MULTILINE)
    }
    assert rows == {
        name: (str(found.control.severity), words[found.control.fresh], words[found.control.first_sight])
        for name, found in CATALOGUE.items()
        if not found.control.optional
    }
