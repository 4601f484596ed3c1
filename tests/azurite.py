"""A real Azurite for tests: blob, queue and table service on free ports, all in memory.

    @pytest.fixture(scope="session")
    def azurite() -> Iterator[Azurite]:
        with start_azurite() as azurite:
            yield azurite

Each xdist worker gets its own. Where Azurite or Node is missing the test skips and says why.
"""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

_SCRIPT = Path(__file__).parent.parent / ".azurite/node_modules/.bin/azurite"
_START_SECONDS = 30.0
# the account and key that every Azurite has (learn.microsoft.com, "Use Azurite")
_ACCOUNT = "devstoreaccount1"
_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
# Azurite lags behind the SDKs' service versions
_FLAGS = ("--inMemoryPersistence", "--disableTelemetry", "--silent", "--skipApiVersionCheck")


@dataclass(frozen=True, slots=True)
class Azurite:
    """Where the three services listen, on 127.0.0.1."""

    blob_port: int
    queue_port: int
    table_port: int

    @property
    def connection_string(self) -> str:
        ports = {"Blob": self.blob_port, "Queue": self.queue_port, "Table": self.table_port}
        endpoints = "".join(f"{service}Endpoint=http://127.0.0.1:{port}/{_ACCOUNT};" for service, port in ports.items())
        return f"DefaultEndpointsProtocol=http;AccountName={_ACCOUNT};AccountKey={_KEY};{endpoints}"


@contextmanager
def start_azurite() -> Iterator[Azurite]:
    """Run Azurite for the length of the `with` block; skips the test where there is none."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs Node.js to run Azurite, found none on the path")
    if not _SCRIPT.exists():
        pytest.skip(f"needs Azurite, found none at {_SCRIPT}: `make azurite` installs it")
    azurite = Azurite(*_free_ports(3))
    process = subprocess.Popen([node, str(_SCRIPT), *_FLAGS, *_where(azurite)], stdout=subprocess.DEVNULL)
    try:
        _wait_for(azurite, process)
        yield azurite
    finally:
        process.terminate()
        process.wait()


def _where(azurite: Azurite) -> list[str]:
    ports = {"blob": azurite.blob_port, "queue": azurite.queue_port, "table": azurite.table_port}
    return [
        argument
        for service, port in ports.items()
        for argument in (f"--{service}Host", "127.0.0.1", f"--{service}Port", str(port))
    ]


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        # all open at the same time, so that no port comes twice
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def _wait_for(azurite: Azurite, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    for port in (azurite.blob_port, azurite.queue_port, azurite.table_port):
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"Azurite does not listen on port {port}, its exit code is {process.returncode}")
            time.sleep(0.02)


def _answers(port: int) -> bool:
    with socket.socket() as attempt:
        return attempt.connect_ex(("127.0.0.1", port)) == 0
