"""What the careful questions ask of Azure, and what the emulator answers, held against Microsoft's definitions."""

import json
from pathlib import Path

import pytest
from azure.identity.aio import ManagedIdentityCredential

from emulator.app import Emulator
from emulator.settings import Settings
from shared.arm.azure import AzureArm
from shared.arm.client import ArmClient
from shared.journal import now
from tests.arm.conftest import ARCHIVE, PRODUCTION
from tests.contracts import HELD, VALIDATOR, is_kept, restated, validator


async def test_every_question_keeps_the_definitions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not VALIDATOR.exists():
        pytest.skip(f"the contract validator is not here: {VALIDATOR}")
    log = tmp_path / "exchanges.jsonl"
    async with Emulator(settings=Settings(exchange_log=log)).running() as azure:
        for name, value in azure.environment().items():
            monkeypatch.setenv(name, value)
        client = ArmClient(azure.arm, "https://management.azure.com", ManagedIdentityCredential(), azure.tls())
        arm = AzureArm(client)
        await arm.management_groups(PRODUCTION)
        await arm.writers(ARCHIVE, "", now())
        await arm.waivers(ARCHIVE)
        await arm.close()
    exchanges = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert [exchange["status"] for exchange in exchanges] == [200] * 5
    contracts = validator().Contracts()
    reports = [contracts.check(restated(exchange), strict=True) for exchange in exchanges if is_kept(exchange)]
    assert [(report.kind in HELD, report.errors()) for report in reports] == [(True, [])] * 2
