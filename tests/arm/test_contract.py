"""What the careful questions ask of Azure, and what the emulator answers, held against Microsoft's definitions."""

import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from shared.arm.azure import AzureArm
from shared.control import Change, Source
from shared.errors import Gone, Rejected
from shared.journal import now
from tests.arm.conftest import ARCHIVE, PRODUCTION
from tests.arm.test_around import ASKED, WRITTEN, Wanted
from tests.contracts import HELD, is_kept, is_recorded, restated, validator

CORRELATION = "00000000-0000-4000-8000-000000000001"


def exchanged(log: Path) -> list[Any]:
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]


def judged(exchanges: Sequence[Any]) -> list[tuple[bool, list[str]]]:
    """Whether each exchange is about what is held, and what contradicts its definition."""
    contracts = validator().Contracts()
    reports: list[tuple[bool, list[str]]] = []
    for exchange in filter(is_kept, exchanges):
        report = contracts.check(restated(exchange), strict=True)
        faults = [str(fault) for fault in report.errors() if not is_recorded(fault, exchange["url"])]
        reports.append((report.kind in HELD, faults))
    return reports


async def test_every_question_keeps_the_definitions(logged: tuple[AzureArm, Path]) -> None:
    arm, log = logged
    await arm.management_groups(PRODUCTION)
    await arm.writers(ARCHIVE, "", now())
    await arm.waivers(ARCHIVE)
    exchanges = exchanged(log)
    assert [exchange["status"] for exchange in exchanges] == [200] * 5
    assert judged(exchanges) == [(True, [])] * 2


@pytest.mark.parametrize("wanted", [*WRITTEN, *ASKED], ids=str)
async def test_what_hangs_on_a_server_is_read_and_written_as_defined(
    logged: tuple[AzureArm, Path], wanted: Wanted
) -> None:
    arm, log = logged
    with suppress(Gone, Rejected):
        await arm.write(wanted.target, (Change(wanted.setting, None, wanted.value, Source.POLICY),), CORRELATION)
    await arm.observe(wanted.target, {wanted.setting.facet})
    reports = judged(exchanged(log))
    assert reports == [(True, [])] * 2
