"""A child process that says where it is in its first line of output, as JSON."""

import asyncio
import contextlib
import json
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from cli.errors import CommandFailed

_START_SECONDS = 90
_STOP_SECONDS = 15


@asynccontextmanager
async def running(
    module: str, *arguments: str, environment: Mapping[str, str], log: Path | None = None
) -> AsyncIterator[dict[str, Any]]:
    """Run `python -m module`, give its first line, and stop it at the end. Log lines go to `log`, else to stderr."""
    with contextlib.ExitStack() as stack:
        errors = stack.enter_context(log.open("ab")) if log else None
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            module,
            *arguments,
            env=dict(environment),
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
            start_new_session=True,
        )
        try:
            yield await _first_line(module, process, log)
        finally:
            await _stop(process)


async def _first_line(module: str, process: asyncio.subprocess.Process, log: Path | None) -> dict[str, Any]:
    line = b""
    if process.stdout is not None:
        with contextlib.suppress(TimeoutError):
            line = await asyncio.wait_for(process.stdout.readline(), _START_SECONDS)
    try:
        address: dict[str, Any] = json.loads(line)
    except ValueError:
        raise CommandFailed(f"{module} did not start: {_said(log)}") from None
    return address


def _said(log: Path | None) -> str:
    return log.read_text(errors="replace")[-800:] if log and log.exists() else "see above"


async def _stop(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), _STOP_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
