"""One pipeline to Azure Resource Manager: token, correlation id, time-outs, and errors in our own words.

azure-core's pipeline with two policies instead of a management SDK: see docs/decisions/0001-thin-arm-pipeline.md.
Waiting for a throttled or busy service is not done here: the caller goes back to its queue.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from ssl import SSLContext
from typing import Any, Protocol
from urllib.parse import quote, urlencode, urlsplit

import aiohttp
from aiohttp.connector import Connection
from azure.core import AsyncPipelineClient
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import AzureError, ClientAuthenticationError
from azure.core.pipeline.policies import UserAgentPolicy
from azure.core.pipeline.transport import AioHttpTransport
from azure.core.rest import AsyncHttpResponse, HttpRequest
from azure.mgmt.core.policies import AsyncARMChallengeAuthenticationPolicy

from shared.arm.answers import parsed
from shared.errors import Busy, Forbidden, Gone, Hidden, LeaseLost, Rejected, Throttled, Unreachable
from shared.guard import still_ours
from shared.telemetry import names, record

_CONNECT_SECONDS = 5
_READ_SECONDS = 20
# Enough for what Azure lets one identity ask for; each holds half a megabyte.
_CONNECTIONS = 40
# A 404 for a subscription that does not exist, or is not shown to the caller.
_HIDDEN = "SubscriptionNotFound"
# Also a 409, and no waiting ends it (learn.microsoft.com, "Lock your Azure resources to protect your infrastructure").
_LOCKED = "ScopeLocked"
_IN_NO_PATH = frozenset("?#%\\")


@dataclass(frozen=True, slots=True)
class Call:
    """One request: `permission` is the ARM action it needs, `scope` the resource it needs it at.

    `query` holds further parameters as plain text (`$filter`); they are quoted here and nowhere else.
    """

    method: str
    path: str
    api_version: str
    permission: str
    scope: str
    body: Mapping[str, Any] | None = None
    correlation_id: str = ""
    query: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Ids in Azure's answers become paths of further questions: one that leads elsewhere is never asked.

        Raises Rejected.
        """
        root, *names = self.path.split("/")
        if root or {"", ".", ".."} & set(names) or not self.path.isprintable() or set(self.path) & _IN_NO_PATH:
            raise Rejected(f"{self.method} {self.path[:200]!r}: not a path of Azure Resource Manager", "NoPath")

    @property
    def address(self) -> str:
        """Path and query as they are sent."""
        parameters = {"api-version": self.api_version, **self.query}
        return f"{quote(self.path)}?{urlencode(parameters, safe='$', quote_via=quote)}"


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def retry_after_seconds(self) -> float:
        """The service's own wish, 0 when it has none."""
        return _seconds(self.headers.get("retry-after", ""))


class Pipeline(Protocol):
    """What the readers and writers of resources need of a client."""

    async def send(self, call: Call) -> Answer:
        """Send one request."""

    async def follow(self, url: str, call: Call) -> Answer:
        """GET an address that ARM itself gave us."""


class _FencedConnector(aiohttp.TCPConnector):
    """Asks whose the server is when a connection is had: after token, queue and handshake, before a write leaves."""

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Any],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - aiohttp's own signature
    ) -> Connection:
        connection = await super().connect(req, traces, timeout)
        if req.method != "GET":
            try:
                still_ours()
            except LeaseLost:
                connection.close()
                raise
        return connection


class ArmClient:
    """Speaks to one ARM endpoint with one credential. Make it once per process: it keeps connections and the token."""

    def __init__(
        self, endpoint: str, audience: str, credential: AsyncTokenCredential, ssl_context: SSLContext | None = None
    ) -> None:
        self._endpoint = endpoint.rstrip("/")
        self._scheme, self._host = urlsplit(self._endpoint)[:2]
        self._credential = credential
        self._scope = f"{audience.rstrip('/')}/.default"
        self._ssl = ssl_context
        self._client: AsyncPipelineClient[HttpRequest, AsyncHttpResponse] | None = None

    async def send(self, call: Call) -> Answer:
        """Send the request and return a 2xx answer; everything else is one of our errors."""
        return await self._send(call, f"{self._endpoint}{call.address}")

    async def follow(self, url: str, call: Call) -> Answer:
        """GET an address that ARM itself gave us, whole. An address elsewhere is refused: our token stays home."""
        if not self._is_ours(url):
            raise Rejected(f"Azure pointed to another host than {self._host}; not followed", "ForeignAddress")
        return await self._send(call, url)

    def _is_ours(self, url: str) -> bool:
        try:
            parts = urlsplit(url)
        except ValueError:
            return False
        return url.isascii() and url.isprintable() and (parts.scheme, parts.netloc) == (self._scheme, self._host)

    async def identity(self) -> frozenset[str]:
        """The object id and application id in our token, lower case."""
        claims = await self.claims()
        return frozenset(str(claims[key]).lower() for key in ("oid", "appid", "azp") if claims.get(key))

    async def claims(self) -> dict[str, Any]:
        """What our token says about us. Raises Forbidden when there is no token for us."""
        try:
            token = (await self._credential.get_token(self._scope)).token
        except ClientAuthenticationError as error:
            raise Forbidden(f"no token for {self._scope}: {_first_line(error)}", "", self._scope) from error
        payload = token.split(".")[1]
        found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return found

    async def close(self) -> None:
        """Close connections and the credential."""
        if self._client is not None:
            await self._client.close()
        await self._credential.close()

    async def _send(self, call: Call, url: str) -> Answer:
        headers = {"Accept": "application/json"}
        if call.correlation_id:
            headers["x-ms-correlation-request-id"] = call.correlation_id
        request = HttpRequest(call.method, url, headers=headers, json=call.body)
        try:
            response = await self._told(call, request)
        except ClientAuthenticationError as error:
            raise Forbidden(
                f"no token for {self._scope}: the managed identity did not answer ({_first_line(error)})",
                call.permission,
                call.scope,
            ) from error
        except AzureError as error:
            raise Unreachable(f"{call.method} {call.scope}: {_first_line(error)}", 2) from error
        return _judged(call, response)

    async def _told(self, call: Call, request: HttpRequest) -> AsyncHttpResponse:
        """The answer to a request, which is counted whatever comes of it."""
        status = 0
        said = {"http.request.method": call.method, "url.path": call.path, names.CORRELATION: call.correlation_id}
        try:
            with record.span(names.ARM, said) as running:
                response = await self._pipeline().send_request(request)
                status = response.status_code
                running.note({"http.response.status_code": status})
        finally:
            record.tell(names.ARM_CALLS, method=call.method, status=status)
        if status == 429:
            record.tell(names.ARM_THROTTLES, method=call.method)
        return response

    def _pipeline(self) -> AsyncPipelineClient[HttpRequest, AsyncHttpResponse]:
        if self._client is None:
            session = aiohttp.ClientSession(
                connector=_FencedConnector(limit=_CONNECTIONS, ssl=self._ssl or True),
                timeout=aiohttp.ClientTimeout(sock_connect=_CONNECT_SECONDS, sock_read=_READ_SECONDS),
            )
            self._client = AsyncPipelineClient(
                self._endpoint,
                policies=[
                    UserAgentPolicy("holdfast/0.1"),
                    AsyncARMChallengeAuthenticationPolicy(self._credential, self._scope),
                ],
                transport=AioHttpTransport(
                    session=session,
                    session_owner=True,
                    connection_timeout=_CONNECT_SECONDS,
                    read_timeout=_READ_SECONDS,
                ),
            )
        return self._client


def _judged(call: Call, response: AsyncHttpResponse) -> Answer:
    headers = {name.lower(): value for name, value in response.headers.items()}
    body = parsed(response.content)
    if response.status_code < 300:
        return Answer(response.status_code, headers, body)
    code, message = _error(body)
    text = f"{call.method} {call.scope}: {response.status_code} {code} {message}".rstrip()
    wait = _seconds(headers.get("retry-after", ""))
    if response.status_code in (401, 403) or code == _HIDDEN:
        kept_from = Hidden if code == _HIDDEN else Forbidden
        raise kept_from(f"{call.permission} is missing at {call.scope} ({code})", call.permission, call.scope)
    if response.status_code == 404:
        raise Gone(text)
    if code == _LOCKED:
        raise Rejected(f"{text}. A person removes the lock, or makes the change by hand", code)
    if response.status_code == 409 or "busy" in code.lower():
        raise Busy(text, wait or 10)
    if response.status_code == 429:
        raise Throttled(text, wait or 30)
    if response.status_code == 408 or response.status_code >= 500:
        raise Unreachable(text, wait or 5)
    raise Rejected(text, code)


def _error(body: Any) -> tuple[str, str]:
    """ARM's error code and message; some services leave out the `error` envelope."""
    inner = body.get("error", body) if isinstance(body, dict) else {}
    if not isinstance(inner, dict):
        return "", str(inner)[:300]
    return str(inner.get("code") or ""), str(inner.get("message") or inner.get("Message") or "")[:300]


def _seconds(text: str) -> float:
    try:
        return max(0.0, min(float(text), 3600.0))
    except ValueError:
        return 0.0


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__
