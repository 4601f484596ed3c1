"""The processes of a benchmark: one fake Azure, and whoever is measured against it, each in a process of its own."""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from shared.settings import ROOT

PEER = ROOT / ".peer/bin/python"
# Seconds. What takes longer hangs.
_LONGEST = 1800
_BUNDLE = "import certifi, sys; sys.stdout.write(open(certifi.where()).read())"


class Fake:
    """The running fake Azure."""

    def __init__(self, address: Mapping[str, str]) -> None:
        self._address = address

    def child(self, module: str, *given: object, python: str = sys.executable, **settings: str) -> dict[str, Any]:
        """Run a module in a process of its own, and return the figures that it prints last."""
        environment = {**os.environ, **self.environment(), **settings, "BENCH_STARTED": repr(time.monotonic())}
        command = [python, "-m", module, *map(str, given)]
        ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=_LONGEST)
        if ran.returncode:
            raise SystemExit(f"{module} failed:\n{ran.stderr[-3000:]}")
        row: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
        return row

    def peer(self, *given: object) -> dict[str, Any]:
        """Run the peer. It gets the list of authorities that it would have, and the fake's beside them."""
        ran = subprocess.run([PEER, "-c", _BUNDLE], capture_output=True, text=True, check=True)
        identity = {"IDENTITY_ENDPOINT": f"{self._address['control']}/msi/token", "IDENTITY_HEADER": "bench"}
        with tempfile.NamedTemporaryFile("w", suffix=".pem") as bundle:
            bundle.write(ran.stdout + Path(self._address["ca"]).read_text())
            bundle.flush()
            trust = {"REQUESTS_CA_BUNDLE": bundle.name, "SSL_CERT_FILE": bundle.name}
            return self.child("bench.peer", *given, python=str(PEER), **identity, **trust)

    def environment(self) -> dict[str, str]:
        """Where the fake is."""
        address = self._address
        return {
            "BENCH_ARM": address["arm"],
            "BENCH_CONTROL": address["control"],
            "SSL_CERT_FILE": address["ca"],
            "NO_PROXY": "localhost,127.0.0.1",
        }

    def control(self, path: str) -> None:
        """Have the fake do something."""
        urllib.request.urlopen(f"{self._address['control']}{path}", data=b"").close()  # noqa: S310 - our own address

    def counts(self) -> dict[str, Any]:
        """What the fake has counted since it was last told to do something."""
        with urllib.request.urlopen(f"{self._address['control']}/_calls") as answer:  # noqa: S310 - our own address
            found: dict[str, Any] = json.load(answer)
            return found


@contextmanager
def fake_azure(latency_ms: float, *options: str) -> Iterator[Fake]:
    """Run the fake Azure for the length of the `with` block."""
    command = [sys.executable, "-m", "bench.fake_arm", f"--latency-ms={latency_ms}", *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Fake(json.loads(process.stdout.readline()))  # type: ignore[union-attr]  # PIPE was asked for
        finally:
            process.terminate()
