"""The way of one ARM request: read, authenticate, suffer faults, authorise, serve, answer, log."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from aiohttp import web

from emulator.access import Grant
from emulator.arm.call import Answer, Call
from emulator.arm.calls import Calls
from emulator.arm.exchange_log import ExchangeLog
from emulator.arm.faults import Faults, Suffered
from emulator.arm.limits import Limits
from emulator.arm.locks import require_unlocked
from emulator.arm.operations import Operation, Work
from emulator.arm.registry import Accepted, Done, Nothing, Outcome, Registry, Request, Write
from emulator.arm.route import Route, check_version, route
from emulator.arm.wire import read_body, read_call, refusal, response
from emulator.errors import ArmError, DroppedConnection
from emulator.grid.happenings import Happening
from emulator.ids import subscription_of
from emulator.tokens import Tokens
from emulator.world import World

_REGION = "WESTEUROPE"


class Door:
    """Answers every request to ARM."""

    def __init__(
        self,
        world: World,
        registry: Registry,
        tokens: Tokens,
        faults: Faults,
        log: ExchangeLog,
        happened: Callable[[Happening], None],
    ) -> None:
        self._world = world
        self._registry = registry
        self._tokens = tokens
        self._faults = faults
        self._log = log
        self._happened = happened
        self._limits = Limits(world.clock, enforced=world.settings.enforce_rate_limits)
        self.calls = Calls(world.clock)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        call = read_call(request)
        try:
            call.body = await read_body(request)
            answer = await self._serve(call)
        except ArmError as error:
            answer = refusal(error)
        except DroppedConnection:
            self.calls.add(call, 0)
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        self._finish(call, answer)
        self._log.write(call, answer)
        self.calls.answered(call, answer)
        return response(answer)

    async def _serve(self, call: Call) -> Answer:
        call.claims, call.who = self._tokens.read(call.headers.get("Authorization", ""), self._tokens.audiences)
        suffered = self._faults.hit(call)
        if suffered.latency_ms:
            await asyncio.sleep(suffered.latency_ms / 1000)
        if suffered.drop == "before":
            raise DroppedConnection
        if suffered.error is not None:
            raise suffered.error
        answer = self._dispatch(call, suffered)
        if suffered.drop == "after":
            raise DroppedConnection
        return answer

    def _dispatch(self, call: Call, suffered: Suffered) -> Answer:
        way = route(call, self._registry)
        call.operation = way.permission
        check_version(call, way)
        left = self._limits.take(call.method, subscription_of(call.path), call.caller.key)
        request = Request(self._world, call, way.path)
        if call.method == "GET" or way.type.post is not None:
            answer = self._read(way, request)
        else:
            answer = self._write(way, request, suffered)
        answer.headers |= left
        return answer

    def _read(self, way: Route, request: Request) -> Answer:
        by_get = way.type.get if way.path.is_item else way.type.list
        read = way.type.post if request.call.method == "POST" else by_get
        if read is None:
            raise _no_such_method(request.call, way)
        if not way.type.is_open:
            request.call.caller.require(way.permission, way.scope)
        return read(request)

    def _write(self, way: Route, request: Request, suffered: Suffered) -> Answer:
        write = _writer(way, request.call)
        grant = request.call.caller.require(way.permission, way.scope)
        # made now: afterwards, what was new is there
        happening = _happening(way, request, grant)
        self._world.activity.add(happening, "Started")
        try:
            require_unlocked(self._world, way.type.name, way.verb, way.scope)
            outcome = write(request)
        except ArmError as error:
            if error.status in (400, 409):  # the provider refused; anything else never reached it
                self._happened(replace(happening, failed=True))
            raise
        return self._settle(request, happening, outcome, suffered)

    def _settle(self, request: Request, happening: Happening, outcome: Outcome, suffered: Suffered) -> Answer:
        match outcome:
            case Nothing():
                self._world.activity.add(happening, "Succeeded")
                return Answer(204)
            case Done(answer):
                self._happened(happening)
                return answer
            case Accepted():
                self._world.activity.add(happening, "Accepted")
                return self._start(request, happening, outcome, suffered)

    def _start(self, request: Request, happening: Happening, accepted: Accepted, suffered: Suffered) -> Answer:
        def ended(operation: Operation) -> None:
            self._happened(replace(happening, failed=operation.status == "Failed"))

        seconds = self._world.operation_seconds if suffered.operation_seconds is None else suffered.operation_seconds
        work = Work(
            accepted.operation,
            accepted.busy,
            accepted.location,
            seconds,
            accepted.apply,
            suffered.failure,
            ended,
            accepted.polls,
            accepted.answer,
        )
        return self._world.operations.start(request.call, work)

    def _finish(self, call: Call, answer: Answer) -> None:
        moment = self._world.clock.now().strftime("%Y%m%dT%H%M%SZ")
        answer.headers |= {
            "x-ms-request-id": call.request_id,
            "x-ms-correlation-request-id": call.correlation_id,
            "x-ms-routing-request-id": f"{_REGION}:{moment}:{call.request_id}",
            "Cache-Control": "no-cache",
        }


def _writer(way: Route, call: Call) -> Write:
    write = way.type.writes.get(call.method) if way.path.is_item else None
    if call.method == "POST" and not way.path.is_item:
        write = way.type.action
    if write is None:
        raise _no_such_method(call, way)
    return write


def _happening(way: Route, request: Request, grant: Grant) -> Happening:
    known = way.type.always_there or request.world.store.get(way.scope) is not None
    created = request.call.method == "PUT" and not known
    return Happening(request.call, grant, way.permission, way.verb, way.scope, failed=False, created=created)


def _no_such_method(call: Call, way: Route) -> ArmError:
    # the code is not verified
    return ArmError(
        405, "MethodNotAllowed", f"The resource type '{way.type.name}' does not support {call.method} here."
    )
