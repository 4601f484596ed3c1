"""Real processes. Each says where it is in its first line of output, and may be killed without warning."""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
HOLDFAST = Path(sys.executable).with_name("holdfast")
# Long enough for a machine on which much else runs.
_START_SECONDS = 120
_STOP_SECONDS = 60


class Process:
    """A command that can be started again and again; what it logs is appended to one file."""

    def __init__(self, command: Sequence[str | Path], log: Path, environment: Mapping[str, str] | None = None) -> None:
        self._command = [str(word) for word in command]
        self._environment = {**_inherited(), **(environment or {})}
        self._process: asyncio.subprocess.Process | None = None
        self.log = log

    def always(self, option: str) -> None:
        """Start it with this option, too, from now on."""
        self._command.append(option)

    async def start(self) -> dict[str, Any]:
        """Start it, and give its first line."""
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._command, env=self._environment, stdout=asyncio.subprocess.PIPE, stderr=log
            )
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), _START_SECONDS)
        assert line, f"{' '.join(self._command)} did not start: {self.log.read_text(errors='replace')[-2000:]}"
        address: dict[str, Any] = json.loads(line)
        return address

    async def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
            self._process = None

    async def ends(self, seconds: float) -> bool:
        """Whether it ends by itself within this time."""
        assert self._process is not None
        try:
            await asyncio.wait_for(self._process.wait(), seconds)
        except TimeoutError:
            return False
        return True

    def signal(self, number: int) -> None:
        """Send it a signal."""
        assert self._process is not None
        self._process.send_signal(number)

    @property
    def state(self) -> str:
        """The letter with which Linux names what it does: `R`, `S`, `T` for stopped; empty when it is gone."""
        if self._process is None or self._process.returncode is not None:
            return ""
        try:
            text = Path(f"/proc/{self._process.pid}/stat").read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""
        return text.rpartition(")")[2].split()[0]

    async def stop(self) -> int:
        """Ask it to end, and give its exit code; 0 too when it does not run."""
        if self._process is None:
            return 0
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()
        code = await asyncio.wait_for(self._process.wait(), _STOP_SECONDS)
        self._process = None
        return code


async def output(*command: str | Path, environment: Mapping[str, str] | None = None) -> str:
    """What a command that ends by itself prints; it must end well."""
    code, printed = await ended(*command, environment=environment)
    assert code == 0, printed
    return printed


async def ended(*command: str | Path, environment: Mapping[str, str] | None = None) -> tuple[int, str]:
    """The exit code of a command that ends by itself, and what it prints."""
    process = await asyncio.create_subprocess_exec(
        *map(str, command),
        env={**_inherited(), **(environment or {})},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await asyncio.wait_for(process.communicate(), _START_SECONDS)
    return process.returncode or 0, printed.decode()


def _inherited() -> dict[str, str]:
    """The environment without the developer's own Azure; wide enough that tables keep their words on one line."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("AZURE_", "HOLDFAST_"))}
    return {**own, "PYTHONPATH": str(ROOT), "COLUMNS": "400", "NO_COLOR": "1"}
