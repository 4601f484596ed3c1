"""A session of which every exchange is held against Microsoft's definitions, strictly."""

import contextlib
import json
import re
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from emulator.app import Emulator
from emulator.fleet import Fleet
from emulator.settings import Settings
from tests.contracts import HELD, VALIDATOR, is_recorded, validator
from tests.emulator.arm_client import ArmClient, Bench, bench_at


@contextlib.asynccontextmanager
async def judged(
    folder: Path, fleet: Fleet, counts: Counter[str], not_kept: str = "$^", settings: Settings | None = None
) -> AsyncIterator[Bench]:
    """Run the emulator; at the end nothing may contradict the definitions, and only `not_kept` may have none."""
    if not VALIDATOR.exists():
        pytest.skip(f"the contract validator is not here: {VALIDATOR}")
    log = folder / "exchanges.jsonl"
    settings = (settings or Settings()).model_copy(update={"exchange_log": log})
    async with Emulator(fleet, settings).running() as address, bench_at(address) as bench:
        yield bench
    contracts = validator().Contracts()
    wrong = []
    for line in log.read_text(encoding="utf-8").splitlines():
        exchange = json.loads(line)
        url = exchange["url"].partition("?")[0]
        if re.search(not_kept, url, re.IGNORECASE):
            counts["not-kept"] += 1
            continue
        report = contracts.check(exchange, strict=True)
        faults = {str(one) for one in report.errors() if not is_recorded(one, url)}
        if report.kind not in HELD:
            faults.add(f"{report.kind}: there is no definition")
        wrong += [f"{exchange['method']} {url[-120:]}: {fault}" for fault in sorted(faults)]
        counts[report.kind] += 1
    assert not wrong, "\n".join(wrong)


async def follow(arm: ArmClient, method: str, path: str, body: Any = None, version: str = "2025-08-01") -> None:
    """Send a write and ask both of its addresses."""
    answer = await arm.send(method, path, body, version=version)
    assert answer.status in (201, 202), answer
    for name in ("Azure-AsyncOperation", "Location"):
        if name in answer.headers:
            assert (await arm.get(answer.headers[name])).status == 200
