"""A fast stand-in for Azure, for benchmarks only: every server has a firewall rule that is open to the internet.

Each ARM answer comes after LATENCY; tokens and the topic answer at once. `POST /_drift` opens every server, `/_good`
closes them; `GET /_calls` counts ARM calls since then. Prints one JSON line with its addresses.
"""

import argparse
import asyncio
import base64
import json
import re
import ssl
import tempfile
import time
from pathlib import Path
from typing import Any

import trustme
from aiohttp import web

from bench.names import GOOD, OPEN

_SERVER = re.compile(r"(?i)^/subscriptions/.+/flexibleServers/(?P<name>[^/]+)(?P<rest>/.*)?$")
_SIGNED = "&t=639169101520279294&c=" + "MIIHwDCCBqigAwIBAgIR" * 145 + "&s=IPatW0i&h=Ke0IaOmu1"


class Azure:
    """The state, which is one rule per server, and the counters."""

    def __init__(self, latency_seconds: float) -> None:
        self._latency = latency_seconds
        self.base = ""
        self.rules: dict[str, dict[str, str]] = {}
        self.initial = GOOD
        self.calls = 0
        self.told = 0

    async def arm(self, request: web.Request) -> web.Response:
        """Answer one ARM call."""
        body = await request.json() if request.can_read_body else {}
        self.calls += 1
        if self._latency:
            await asyncio.sleep(self._latency)
        if "/azureAsyncOperation/" in request.path:
            return _json({"name": "operation", "status": "Succeeded", "startTime": "2026-01-01T00:00:00Z"})
        match = _SERVER.match(request.path)
        if match is None:
            return _json({"error": {"code": "NotFound", "message": request.path}}, 404)
        return self._server(request.method, match["name"].lower(), (match["rest"] or "").lower(), body)

    def _server(self, method: str, name: str, rest: str, body: dict[str, Any]) -> web.Response:
        if method == "PUT":
            self.rules[name] = body["properties"]
            operation = f"{self.base}/subscriptions/s/providers/p/locations/l/azureAsyncOperation/{name}?v=1{_SIGNED}"
            headers = {"Azure-AsyncOperation": operation, "Location": operation, "Retry-After": "0"}
            return _json({"operation": "Upsert", "startTime": "2026-01-01T00:00:00Z"}, 202, headers)
        if rest.startswith("/firewallrules"):
            office = {"name": "office", "properties": {**GOOD, "endIpAddress": "203.0.113.11"}}
            app = {"name": "app", "properties": self.rules.get(name, self.initial)}
            return _json({"value": [office, app]})
        if rest.startswith("/configurations/"):
            return _json(
                {"name": rest.rsplit("/", 1)[1], "properties": {"value": "TLSv1.2" if "ssl" in rest else "on"}}
            )
        if rest.startswith("/administrators"):
            return _json({"value": []})
        network = {"publicNetworkAccess": "Enabled"}
        auth = {"activeDirectoryAuth": "Enabled", "passwordAuth": "Disabled", "tenantId": "t"}
        return _json({"name": name, "properties": {"network": network, "authConfig": auth, "state": "Ready"}})

    async def token(self, request: web.Request) -> web.Response:
        """A managed identity's token."""
        claims = base64.urlsafe_b64encode(json.dumps({"oid": "us", "appid": "us"}).encode()).decode().rstrip("=")
        expires = int(time.time()) + 86400
        body = {"access_token": f"h.{claims}.{'s' * 1200}", "expires_on": str(expires), "token_type": "Bearer"}
        return _json({**body, "resource": request.query.get("resource", "")})

    async def topic(self, request: web.Request) -> web.Response:
        """Take what is published."""
        self.told += len(await request.json())
        return web.Response()

    async def reset(self, request: web.Request) -> web.Response:
        """Put every server into the state that the path names."""
        self.rules.clear()
        self.initial = OPEN if request.path == "/_drift" else GOOD
        self.calls = self.told = 0
        return web.Response()

    async def count(self, _: web.Request) -> web.Response:
        """The counters."""
        return _json({"calls": self.calls, "told": self.told})


def _json(body: object, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(body=json.dumps(body), status=status, headers=headers, content_type="application/json")


async def _serve(latency_seconds: float) -> None:
    azure = Azure(latency_seconds)
    authority = trustme.CA()
    folder = Path(tempfile.mkdtemp(prefix="holdfast-bench-"))
    authority.cert_pem.write_to_path(folder / "ca.pem")
    trust = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(trust)
    plain = web.Application()
    for path, handler in (("/msi/token", azure.token), ("/_calls", azure.count)):
        plain.router.add_get(path, handler)
    plain.router.add_post("/_drift", azure.reset)
    plain.router.add_post("/_good", azure.reset)
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
    asyncio.run(_serve(parser.parse_args().latency_ms / 1000))
