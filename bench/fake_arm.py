"""A fast stand-in for Azure, for benchmarks only: every server has a firewall rule that is open to the internet.

Each ARM answer comes after LATENCY; tokens and the topic answer at once. `POST /_drift` opens every server and `/_good`
closes them; `GET /_calls` counts since then. Prints one JSON line with its addresses. With `--servers` Resource Graph
tells of so many; with `--limits` a subscription's bucket of reads or writes runs empty, and 429 is the answer.
"""

import argparse
import asyncio
import base64
import json
import math
import re
import ssl
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import trustme
from aiohttp import web

from bench.names import GOOD, OPEN, PROVIDER, server_id
from emulator.arm.limits import Limits
from emulator.clock import Clock
from emulator.errors import ArmError

_SERVER = re.compile(r"(?i)^/subscriptions/.+/flexibleServers/(?P<name>[^/]+)(?P<rest>/.*)?$")
_SIGNED = "&t=639169101520279294&c=" + "MIIHwDCCBqigAwIBAgIR" * 145 + "&s=IPatW0i&h=Ke0IaOmu1"
_TAGS = "/providers/microsoft.resources/tags/default"
_PAGE = 1000


class Azure:
    """The state, which is one rule per server, and the counters."""

    def __init__(self, latency_seconds: float, servers: int = 0, *, limits: bool = False) -> None:
        self._latency, self._servers = latency_seconds, servers
        self._limits = Limits(Clock(), enforced=True) if limits else None
        self.base = ""
        self.rules: dict[str, dict[str, str]] = {}
        self.tags: dict[str, dict[str, str]] = {}
        self.initial = GOOD
        self.calls = self.told = self.refused = 0
        self.least = math.inf
        self.asked: list[str] = []
        self.looked: Counter[str] = Counter()

    async def arm(self, request: web.Request) -> web.Response:
        """Answer one ARM call."""
        body = await request.json() if request.can_read_body else {}
        self.calls += 1
        if self._latency:
            await asyncio.sleep(self._latency)
        try:
            self._take(request)
        except ArmError as error:
            self.refused += 1
            return _json({"error": {"code": error.code, "message": error.message}}, 429, dict(error.headers))
        if "/azureAsyncOperation/" in request.path:
            return _json({"name": "operation", "status": "Succeeded", "startTime": "2026-01-01T00:00:00Z"})
        match = _SERVER.match(request.path)
        if match is not None:
            return self._server(request, match["name"].lower(), (match["rest"] or "").lower(), body)
        return self._around(request, body)

    def _take(self, request: web.Request) -> None:
        """Every call takes a token of its subscription, or is refused."""
        if self._limits is not None and request.path.startswith("/subscriptions/"):
            left = self._limits.take(request.method, request.path.split("/")[2], "us")
            if request.method == "GET":
                self.least = min(self.least, *map(int, left.values()))

    def _server(self, request: web.Request, name: str, rest: str, body: dict[str, Any]) -> web.Response:
        if name == "pg-00000" and request.method == "GET":
            self.asked.append(str(request.rel_url))
        if request.method in ("PUT", "PATCH"):
            return self._written(name, rest, body["properties"])
        if rest == _TAGS:
            return _json({"properties": {"tags": self.tags.get(name, {})}})
        if rest.startswith("/firewallrules"):
            office = {"name": "office", "properties": {**GOOD, "endIpAddress": "203.0.113.11"}}
            app = {"name": "app", "properties": self.rules.get(name, self.initial)}
            return _json({"value": [office, app]})
        if rest.startswith("/configurations/"):
            value = "TLSv1.2" if "ssl" in rest else "on"
            return _json({"name": rest.rsplit("/", 1)[1], "properties": {"value": value}})
        if rest:
            return _nothing(request.path)
        self.looked[name] += 1
        network = {"publicNetworkAccess": "Enabled"}
        auth = {"activeDirectoryAuth": "Enabled", "passwordAuth": "Disabled", "tenantId": "t"}
        properties = {"network": network, "authConfig": auth, "state": "Ready"}
        place = {"id": request.path, "type": f"{PROVIDER}/flexibleServers", "location": "westeurope"}
        return _json({**place, "name": name, "properties": properties, "tags": self.tags.get(name, {})})

    def _written(self, name: str, rest: str, properties: dict[str, Any]) -> web.Response:
        if rest == _TAGS:
            self.tags[name] = self.tags.get(name, {}) | properties["tags"]
        else:
            self.rules[name] = properties
        operation = f"{self.base}/subscriptions/s/providers/p/locations/l/azureAsyncOperation/{name}?v=1{_SIGNED}"
        headers = {"Azure-AsyncOperation": operation, "Location": operation, "Retry-After": "0"}
        # The peer's client takes 0 for none, and would wait 30 s.
        headers["x-ms-retry-after-ms"] = "1"
        return _json({"operation": "Upsert", "startTime": "2026-01-01T00:00:00Z"}, 202, headers)

    def _around(self, request: web.Request, body: dict[str, Any]) -> web.Response:
        if request.path.lower() == "/providers/microsoft.resourcegraph/resources":
            return self._rows(body)
        if re.fullmatch(rf"(?i)/subscriptions/[^/]+/providers/{PROVIDER}", request.path):
            versions = ["2025-08-01", "2024-08-01", "2022-12-01"]
            types = [{"resourceType": "flexibleServers", "apiVersions": versions, "locations": ["West Europe"]}]
            return _json({"namespace": PROVIDER, "registrationState": "Registered", "resourceTypes": types})
        if request.method == "GET":
            return _nothing(request.path)
        return _json({"error": {"code": "NotFound", "message": request.path}}, 404)

    def _rows(self, body: dict[str, Any]) -> web.Response:
        """A page of servers; what else Resource Graph is asked about has no rows."""
        mine = "| project id |" in body["query"]
        begin = int(body.get("options", {}).get("$skipToken") or 0)
        numbers = range(begin, min(begin + _PAGE, self._servers)) if mine else range(0)
        kind = f"{PROVIDER}/flexibleServers".lower()
        rows = [{"id": server_id(number), "type": kind} for number in numbers]
        more = {"$skipToken": str(begin + _PAGE)} if mine and begin + _PAGE < self._servers else {}
        return _json({"totalRecords": len(rows), "count": len(rows), "data": rows, "resultTruncated": "false", **more})

    async def token(self, request: web.Request) -> web.Response:
        """A managed identity's token."""
        claims = base64.urlsafe_b64encode(json.dumps({"oid": "us", "appid": "us"}).encode()).decode().rstrip("=")
        expires = int(time.time()) + 86400
        body = {"access_token": f"h.{claims}.{'s' * 1200}", "expires_on": str(expires), "token_type": "Bearer"}
        return _json({**body, "resource": request.query.get("resource", "")})

    async def topic(self, request: web.Request) -> web.Response:
        """Take what is published."""
        found = await request.json()
        self.told += len(found) if isinstance(found, list) else 1
        return web.Response()

    async def reset(self, request: web.Request) -> web.Response:
        """Put every server into the state that the path names."""
        self.rules.clear()
        self.tags.clear()
        self.asked.clear()
        self.looked.clear()
        self.least = math.inf
        self.initial = OPEN if request.path == "/_drift" else GOOD
        self.calls = self.told = self.refused = 0
        return web.Response()

    async def open(self, request: web.Request) -> web.Response:
        """Somebody opens one server, by its name."""
        self.rules[request.query["name"]] = OPEN
        return web.Response()

    async def count(self, _: web.Request) -> web.Response:
        """The counters, what was asked of the first server, and how many servers are open."""
        opened = sum(rule == OPEN for rule in self.rules.values())
        counts = {"calls": self.calls, "told": self.told, "refused": self.refused, "open": opened}
        twice = sum(times > 1 for times in self.looked.values())
        looked = {"looked": len(self.looked), "twice": twice, "least": min(self.least, 250)}
        return _json({**counts, **looked, "asked": self.asked})


def _nothing(path: str) -> web.Response:
    """An empty list, or one thing that has nothing set: whichever was asked for."""
    return _json({"id": path, "name": path.rsplit("/", 1)[1], "properties": {}, "value": []})


def _json(body: object, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(body=json.dumps(body), status=status, headers=headers, content_type="application/json")


async def _serve(azure: Azure) -> None:
    authority = trustme.CA()
    folder = Path(tempfile.mkdtemp(prefix="holdfast-bench-"))
    authority.cert_pem.write_to_path(folder / "ca.pem")
    trust = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(trust)
    plain = web.Application()
    for path, handler in (("/msi/token", azure.token), ("/_calls", azure.count)):
        plain.router.add_get(path, handler)
    for path, handler in (("/_drift", azure.reset), ("/_good", azure.reset), ("/_open", azure.open)):
        plain.router.add_post(path, handler)
    # Where the peer tells of what it did; ours goes to the topic.
    plain.router.add_post("/_sink", azure.topic)
    secure = web.Application()
    secure.router.add_post("/topic/api/events", azure.topic)
    secure.router.add_route("*", "/{path:.*}", azure.arm)
    azure.base = await _listen(secure, trust)
    control = await _listen(plain, None)
    line = {"arm": azure.base, "control": control, "ca": str(folder / "ca.pem")}
    print(json.dumps(line), flush=True)
    await asyncio.Event().wait()


async def _listen(app: web.Application, trust: ssl.SSLContext | None) -> str:
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=trust, backlog=1024).start()
    return f"{'https' if trust else 'http'}://127.0.0.1:{runner.addresses[0][1]}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--latency-ms", type=float, default=40)
    parser.add_argument("--servers", type=int, default=0)
    parser.add_argument("--limits", action="store_true")
    given = parser.parse_args()
    asyncio.run(_serve(Azure(given.latency_ms / 1000, given.servers, limits=given.limits)))
