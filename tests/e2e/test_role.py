"""With the role that `holdfast role` gives for a policy, and nothing else, Holdfast does what the policy says."""

import json
from pathlib import Path

from ruamel.yaml import YAML

from cli.azure import Person
from cli.stack import DEMO_POLICY, stack
from cli.stories.drift import ACTS, PARTNERS
from emulator.fleet import DEFAULT_FLEET
from shared.journal import Stage
from tests.e2e.processes import HOLDFAST, output
from tests.e2e.waiting import until

ROLE = "Holdfast Remediator"


async def test_the_generated_role_is_enough(tmp_path: Path) -> None:
    generated = json.loads(await output(HOLDFAST, "role", "--policy", DEMO_POLICY, "--format", "json"))
    fleet = YAML(typ="safe").load(DEFAULT_FLEET)
    (role,) = [one for one in fleet["roles"] if one["name"] == ROLE]
    role["actions"] = generated["Actions"]
    (tmp_path / "fleet.json").write_text(json.dumps(fleet, default=str))
    async with stack(fleet=tmp_path / "fleet.json", folder=tmp_path, quiet=True) as running:
        for act in ACTS:
            await running.azure.call(act.person, act.method, f"{act.server}{act.child}", act.body)

        async def proven() -> bool:
            entries = await running.store.history(None, 200)
            return sum(len(entry.report.changes) for entry in entries if entry.stage is Stage.PROVEN) == len(ACTS)

        await until(proven, "every drift put back")
        assert [entry.report.error for entry in await running.store.history(None, 200) if entry.report.error] == []
        rules = await running.azure.call(Person("auditor"), "GET", f"{PARTNERS}/firewallRules")
        assert all(one["properties"]["endIpAddress"] != "255.255.255.255" for one in rules["value"])
