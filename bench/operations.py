"""What an event costs in operations of the storage account, counted at the client, on Azurite."""

import shutil
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from azure.core.pipeline.transport import AioHttpTransport

from shared.settings import ROOT

_SCRIPT = ROOT / ".azurite/node_modules/.bin/azurite"
_ACCOUNT = "devstoreaccount1"
# The key that every Azurite has (learn.microsoft.com, "Use Azurite").
_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
_FLAGS = ("--inMemoryPersistence", "--disableTelemetry", "--silent", "--skipApiVersionCheck")
_SERVICES = ("Blob", "Queue", "Table")


class Counting:
    """Counts the requests of this process to the storage account by what they do, from when it is made."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        send = AioHttpTransport.send

        async def counted(transport: AioHttpTransport, request: Any, **options: Any) -> Any:
            if _ACCOUNT in request.url:
                self.counts[kind(request.method, request.url)] += 1
            return await send(transport, request, **options)

        AioHttpTransport.send = counted  # an observer, for the benchmark only


def kind(method: str, url: str) -> str:
    """What a request does, in the words of the price list: `queue put`, `table read`, `blob lease` …"""
    path = url.partition("?")[0].partition(f"{_ACCOUNT}/")[2]
    if "/messages" in path:
        return {"POST": "queue put", "GET": "queue get", "DELETE": "queue delete"}.get(method, "queue update")
    if "(" in path or path.startswith("$batch") or method in ("POST", "MERGE", "PATCH"):
        return "table read" if method == "GET" else "table write"
    if "comp=lease" in url:
        return "blob lease"
    return "blob read" if method in ("GET", "HEAD") else "blob write"


@contextmanager
def azurite() -> Iterator[str]:
    """Run Azurite for the length of the `with` block; its connection string, empty where it is not installed."""
    node = shutil.which("node")
    if node is None or not _SCRIPT.exists():
        yield ""
        return
    ports = dict(zip(_SERVICES, _free_ports(len(_SERVICES)), strict=True))
    where = [
        argument
        for name, port in ports.items()
        for argument in (f"--{name.lower()}Host", "127.0.0.1", f"--{name.lower()}Port", str(port))
    ]
    process = subprocess.Popen([node, _SCRIPT, *_FLAGS, *where], stdout=subprocess.DEVNULL)
    try:
        while not all(map(_answers, ports.values())):
            if process.poll() is not None:
                raise SystemExit(f"Azurite ended with {process.returncode}")
            time.sleep(0.05)
        endpoints = "".join(f"{name}Endpoint=http://127.0.0.1:{port}/{_ACCOUNT};" for name, port in ports.items())
        yield f"DefaultEndpointsProtocol=http;AccountName={_ACCOUNT};AccountKey={_KEY};{endpoints}"
    finally:
        process.terminate()
        process.wait()


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        # All open at the same time, so that no port comes twice.
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def _answers(port: int) -> bool:
    with socket.socket() as attempt:
        return attempt.connect_ex(("127.0.0.1", port)) == 0
