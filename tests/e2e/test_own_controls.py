"""The example of docs/custom-controls.md in a running Holdfast: its drift is put back, and commands know it."""

import json
from pathlib import Path

from cli.azure import Person
from cli.stack import Stack, stack
from cli.stories.drift import PAYMENTS
from shared.journal import Stage
from tests.e2e.processes import HOLDFAST, ended
from tests.e2e.waiting import until
from tests.own_controls import example

ADA = Person("ada")
PATH = f"{PAYMENTS}/configurations/idle_in_transaction_session_timeout"


async def writes(running: Stack, value: str) -> None:
    await running.azure.call(ADA, "PUT", PATH, {"properties": {"value": value, "source": "user-override"}})


async def is_recorded(running: Stack, stage: Stage) -> None:
    async def look() -> bool:
        return any(entry.stage is stage for entry in await running.store.history(None, 200))

    await until(look, f"a record that says {stage}")


async def test_a_control_of_the_owner_s_is_held_like_any_other(tmp_path: Path) -> None:
    settings = {"HOLDFAST_CONTROLS": str(example.written(tmp_path))}
    async with stack(policy=tmp_path / "policy.yaml", settings=settings, folder=tmp_path, quiet=True) as running:
        await writes(running, "60000")
        await is_recorded(running, Stage.RESOLVED)
        await writes(running, "0")
        await is_recorded(running, Stage.PROVEN)
        assert (await running.azure.call(ADA, "GET", PATH))["properties"]["value"] == "60000"
        (tmp_path / "up.json").write_text(json.dumps(running.line()))
        words = ("pg-payments", "--connect", tmp_path / "up.json", "--as", "auditor")
        _, plan = await ended(HOLDFAST, "plan", *words)
        assert "control   contoso-explain-slow-statements" in plan
        _, audit = await ended(HOLDFAST, "audit", *words, "--domain", "Contoso", "--format", "csv")
        assert "contoso-idle-transactions" in audit
