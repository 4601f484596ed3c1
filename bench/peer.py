"""The peer: the code that runs inside Cloud Custodian's own Azure function, on the same fake Azure.

`make peer` installs it into an environment of its own, whose interpreter runs this module; nothing of it is patched
but the table of clouds, which gets one more. The folder of a deployed function is laid out as its packager does
(c7n_azure/function_package.py), its `function.py` is loaded as the Functions worker loads it, and `main` is called with
the worker's own QueueMessage.

It cannot put anything of a PostgreSQL server back: its actions for one are tag, lock, delete, notify and webhook. The
nearest to "find, put back, tell" is a filter on public access, a tag (a PATCH with an operation to follow) and a
webhook.
"""

import asyncio
import importlib.util
import json
import logging
import os
import shutil
import sys
import tempfile
from pathlib import Path
from types import ModuleType

from bench.load import Result, first_done, measured
from bench.names import event

_CLIENT = "22222222-2222-4222-8222-222222222222"


def policy(control: str) -> dict[str, object]:
    """Find public access, tag the server, call a webhook."""
    identity = {"type": "UserAssigned", "id": "bench", "client_id": _CLIENT}
    mode = {
        "type": "azure-event-grid",
        "provision-options": {"identity": identity},
        "execution-options": {"regions": ["BenchCloud"]},
        "events": [{"resourceProvider": "Microsoft.DBforPostgreSQL/flexibleServers", "event": "write"}],
    }
    found = {"type": "value", "key": "properties.network.publicNetworkAccess", "value": "Enabled"}
    hook = {"type": "webhook", "url": f"{control}/_sink", "method": "POST", "body": "{id: resource.id}"}
    tag = {"type": "tag", "tag": "drift", "value": "found"}
    resource = "azure.postgresql-flexibleserver"
    rule = {"name": "bench", "resource": resource, "mode": mode, "filters": [found], "actions": [tag, hook]}
    return {"policies": [rule]}


class _Formatted(logging.Handler):
    """The worker formats every record of the root logger at INFO; so does this, and keeps none. Errors are counted:
    the peer's handler logs what fails in an action, and goes on."""

    errors = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.format(record)
        _Formatted.errors += record.levelno >= logging.ERROR


def _function(folder: Path) -> ModuleType:
    package = importlib.util.find_spec("c7n_azure")
    where = package.submodule_search_locations if package else None
    if not where:
        raise SystemExit("c7n_azure is not installed in this interpreter: `make peer` installs it")
    shutil.copy(Path(where[0]) / "function.py", folder)
    (folder / "config.json").write_text(json.dumps(policy(os.environ["BENCH_CONTROL"])))
    whose = {"use_msi": True, "subscription_id": None, "client_id": _CLIENT, "tenant_id": "t"}
    (folder / "auth.json").write_text(json.dumps(whose))
    spec = importlib.util.spec_from_file_location("function", folder / "function.py")
    if spec is None or spec.loader is None:
        raise SystemExit("the peer's function.py cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _add_cloud() -> None:
    from c7n_azure.provider import Azure
    from msrestazure.azure_cloud import AZURE_PUBLIC_CLOUD, Cloud, CloudEndpoints

    addresses = {**vars(AZURE_PUBLIC_CLOUD.endpoints), "resource_manager": os.environ["BENCH_ARM"] + "/"}
    cloud = Cloud("BenchCloud", endpoints=CloudEndpoints(**addresses), suffixes=AZURE_PUBLIC_CLOUD.suffixes)
    Azure.region_to_cloud["BenchCloud"] = cloud


async def run(events: int, at_once: int, folder: Path) -> Result:
    """Measure the peer, its threads those of the worker: `ThreadPoolExecutor(None)`."""
    logging.basicConfig(handlers=[_Formatted()], level=logging.INFO)
    from azure.functions.queue import QueueMessage

    function = _function(folder)
    _add_cloud()
    loop = asyncio.get_running_loop()

    async def handle(number: int) -> None:
        message = QueueMessage(id="m", body=event(number, "peer", child=""), dequeue_count=1)  # type: ignore[no-untyped-call]
        await loop.run_in_executor(None, function.main, message)

    await handle(events)
    first = first_done()
    before = await asyncio.to_thread(_calls)

    async def since() -> int:
        return await asyncio.to_thread(_calls) - before

    return await measured(handle, events, at_once, since, first)


def _calls() -> int:
    import urllib.request

    with urllib.request.urlopen(f"{os.environ['BENCH_CONTROL']}/_calls") as answer:  # noqa: S310 - our own address
        return int(json.load(answer)["calls"])


def main() -> None:
    """Run and print."""
    # The peer leaves a folder of output for each event in the temporary directory: it gets one that goes with it.
    with tempfile.TemporaryDirectory(prefix="holdfast-bench-") as folder:
        tempfile.tempdir = os.environ["TMPDIR"] = folder
        place = Path(folder) / "function"
        place.mkdir()
        result = asyncio.run(run(int(sys.argv[1]), int(sys.argv[2]), place))
    if _Formatted.errors:
        raise SystemExit(f"the peer logged {_Formatted.errors} errors")
    print(json.dumps({"events": result.as_json()}))


if __name__ == "__main__":
    main()
