"""docs/openapi.json, and requests that schemathesis makes from it: no route of the running app fails at any of them."""

import asyncio
import re
import sys
from pathlib import Path

from shared.settings import ROOT
from tests.e2e.world import World
from tests.fuzz.amount import COUNTS, IN_ALL

DOCUMENT = ROOT / "docs" / "openapi.json"
SCHEMATHESIS = Path(sys.executable).parent / "schemathesis"
_ROUTES = 11
_MOST_SECONDS = 1800


async def sent(*words: str) -> str:
    """What schemathesis says; it finds nothing wrong."""
    process = await asyncio.create_subprocess_exec(
        SCHEMATHESIS, *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    async with asyncio.timeout(_MOST_SECONDS):
        printed, _ = await process.communicate()
    assert process.returncode == 0, printed.decode()
    return printed.decode()


async def test_no_route_fails_at_what_schemathesis_sends(world: World) -> None:
    each = max(3, IN_ALL // 50 // _ROUTES)
    said = await sent( "run", str(DOCUMENT), "--url", f"{world.line['http']}/api", "--max-examples", str(each),
        "--checks", "not_a_server_error,status_code_conformance", "--phases", "coverage,fuzzing", "--seed", "1",
        "--header", f"x-functions-key:{world.line['function_key']}", "--no-color", "--suppress-health-check", "all",
    )  # fmt: skip
    counted = re.search(r"(\d+) generated", said.replace(",", ""))
    assert counted, said
    COUNTS["HTTP routes, by schemathesis"] += int(counted[1])
    assert (await world.health())["healthy"] is True
