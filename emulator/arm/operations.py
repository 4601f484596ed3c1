"""Long-running operations: accepted with 202, polled at two signed addresses, one at a time per server."""

import base64
import hmac
import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from emulator.arm.call import Answer, Call
from emulator.body import Body
from emulator.clock import Clock, stamp
from emulator.errors import ArmError, server_is_busy
from emulator.ids import group_of, subscription_of

_TICKS_OF_1970 = 621_355_968_000_000_000  # .NET counts 100 ns from the year 1


@dataclass(frozen=True, slots=True)
class Polls:
    """Where operations are asked about: the provider, and its words for how one stands and what came of it."""

    namespace: str = "Microsoft.DBforPostgreSQL"
    status: str = "azureAsyncOperation"
    result: str = "operationResults"  # empty: the provider gives no Location
    in_group: bool = False  # whether the addresses hang on the resource group


POSTGRES = Polls()


@dataclass(slots=True)
class Operation:
    """One operation: what it is called, how it stands."""

    id: str
    name: str
    started: datetime
    status: str = "InProgress"
    error: Body | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be started: the change, its server, and how it shall end."""

    name: str
    busy: str
    location: str
    seconds: float
    apply: Callable[[], None]
    failure: Body | None  # {code, message}: ends Failed and applies nothing
    ended: Callable[[Operation], None]
    polls: Polls
    answer: Callable[[], Answer] | None  # None: 202 with the operation's name and start


class Operations:
    """Starts operations, ends them in time, and answers their polls."""

    def __init__(self, clock: Clock, retry_after_seconds: int) -> None:
        self._clock = clock
        self._known: dict[str, Operation] = {}
        self._busy: dict[str, Operation] = {}
        self._key = secrets.token_bytes(32)
        # as long as the certificate that Azure puts there: an address must not be cut or logged
        self._certificate = base64.urlsafe_b64encode(secrets.token_bytes(600)).decode().rstrip("=")
        self.retry_after_seconds = retry_after_seconds

    def clear(self) -> None:
        """Forget all operations."""
        self._known.clear()
        self._busy.clear()

    def running(self, server_id: str) -> Operation | None:
        """Return the operation that runs on the server."""
        return self._busy.get(server_id.lower())

    def require_idle(self, server_id: str) -> None:
        """Refuse with 409 while an operation runs on the server."""
        if self.running(server_id) is not None:
            raise server_is_busy(server_id.rpartition("/")[2])

    def start(self, call: Call, work: Work) -> Answer:
        """Accept the work and answer 202; with 0 seconds it is over before the answer is sent."""
        operation = Operation(str(uuid.uuid4()), work.name, self._clock.now())
        self._known[operation.id] = operation
        if work.seconds > 0:
            self._busy[work.busy.lower()] = operation
            self._clock.call_later(work.seconds, lambda: self._end(operation, work))
        else:
            self._end(operation, work)
        return self._accepted(call, operation, work)

    def _end(self, operation: Operation, work: Work) -> None:
        self._busy.pop(work.busy.lower(), None)
        if work.failure is None:
            work.apply()
        operation.status = "Failed" if work.failure else "Succeeded"
        operation.error = work.failure
        work.ended(operation)

    def _accepted(self, call: Call, operation: Operation, work: Work) -> Answer:
        body = {"operation": operation.name, "startTime": stamp(operation.started)}
        answer = work.answer() if work.answer else Answer(202, body)
        polls = {"Azure-AsyncOperation": work.polls.status, "Location": work.polls.result}
        for place, (header, word) in enumerate(polls.items()):
            if word:
                answer.headers[header] = self._address(call, operation, work, word, place)
        answer.headers["Retry-After"] = str(self.retry_after_seconds)
        return answer

    def _address(self, call: Call, operation: Operation, work: Work, word: str, place: int) -> str:
        scope = f"/subscriptions/{subscription_of(call.path)}"
        if work.polls.in_group:
            scope += f"/resourceGroups/{group_of(call.path)}"
        path = f"{scope}/providers/{work.polls.namespace}/locations/{work.location}/{word}/{operation.id}"
        query = f"api-version={call.api_version}&{self._signature(operation, place)}"
        return f"{call.base_url}{path}?{query}"

    def _signature(self, operation: Operation, place: int) -> str:
        ticks = str(_TICKS_OF_1970 + int(operation.started.timestamp() * 10_000_000) + place)
        return f"t={ticks}&c={self._certificate}&" + "&".join(
            f"{letter}={self._mark(operation.id, ticks, letter)}" for letter in "sh"
        )

    def _mark(self, operation_id: str, ticks: str, letter: str) -> str:
        text = f"{operation_id}/{ticks}/{letter}".encode()
        digest = hmac.digest(self._key, text, "sha512" if letter == "s" else "sha256")
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

    def _find(self, call: Call, operation_id: str) -> Operation:
        operation = self._known.get(operation_id.lower())
        if operation is None:
            text = f"The operation with id '{operation_id}' was not found."
            raise ArmError(404, "OperationIdNotFound", text)
        ticks = call.query.get("t", "")
        good = (
            call.query.get("c") == self._certificate
            and call.query.get("s") == self._mark(operation.id, ticks, "s")
            and call.query.get("h") == self._mark(operation.id, ticks, "h")
        )
        if not good:  # status and code not verified; what is known is that t, c, s and h must come back whole
            raise ArmError(
                403, "InvalidOperationSignature", "The signature of the operation's address is missing or wrong."
            )
        return operation

    def poll_status(self, call: Call, operation_id: str) -> Answer:
        """Answer azureAsyncOperation: {name, startTime, status} and, when it failed, error."""
        operation = self._find(call, operation_id)
        body: Body = {"name": operation.id, "status": operation.status, "startTime": stamp(operation.started)}
        if operation.error is not None:
            body["error"] = operation.error
        return Answer(200, body, self._wait_headers(operation))

    def poll_result(self, call: Call, operation_id: str) -> Answer:
        """Answer operationResults: 202 while it runs, then 200 without a body."""
        operation = self._find(call, operation_id)
        if operation.status != "InProgress":
            return Answer(200)
        body = {"operation": operation.name, "startTime": stamp(operation.started)}
        return Answer(202, body, self._wait_headers(operation) | {"Location": call.url})

    def _wait_headers(self, operation: Operation) -> dict[str, str]:
        return {"Retry-After": str(self.retry_after_seconds)} if operation.status == "InProgress" else {}
