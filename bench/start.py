"""What a cold start costs: importing function_app, and process start until the worker library has indexed it.

The floor is an app with the same bindings and empty bodies.
"""

import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from shared.settings import ROOT

_RUNS = 9
_IMPORT = """
import time
began = time.perf_counter()
import function_app
print(time.perf_counter() - began)
"""
_INDEX = """
import asyncio, pathlib, sys
from local_host import worker
asyncio.run(worker.load(pathlib.Path(sys.argv[1])))
"""


def empty_app(folder: Path) -> None:
    """Write our bindings with empty bodies."""
    source = (ROOT / "function_app.py").read_text()
    bindings = re.findall(r"@app\.function_name.*?\n(?:async )?def .*?-> .*?:", source, re.DOTALL)
    bodies = [
        f"{binding}\n    return func.HttpResponse()" if "Http" in binding else f"{binding}\n    pass"
        for binding in bindings
    ]
    head = "from typing import List\nimport azure.functions as func\n"
    head += "app = func.FunctionApp(http_auth_level=func.AuthLevel.FUNCTION)\n"
    (folder / "function_app.py").write_text(head + "\n".join(bodies) + "\n")
    (folder / "host.json").write_text((ROOT / "host.json").read_text())


def measure() -> dict[str, dict[str, float]]:
    """Medians in milliseconds, ours and the floor's, taken in turns."""
    with tempfile.TemporaryDirectory() as empty:
        empty_app(Path(empty))
        apps = {"floor": empty, "ours": str(ROOT)}
        found: dict[str, dict[str, list[float]]] = {name: {"import": [], "indexed": []} for name in apps}
        for _ in range(_RUNS):
            for name, folder in apps.items():
                found[name]["import"].append(_imported(folder))
                found[name]["indexed"].append(_indexed(folder))
    return {name: {what: statistics.median(times) for what, times in rows.items()} for name, rows in found.items()}


def _imported(folder: str) -> float:
    command = [sys.executable, "-c", _IMPORT]
    return float(subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout) * 1000


def _indexed(folder: str) -> float:
    began = time.perf_counter()
    command = [sys.executable, "-c", _INDEX, folder]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    print(json.dumps(measure()))
