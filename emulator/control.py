"""The control API under /_control: what tests and demos use to look inside, to subscribe and to break things.

Every request needs the header X-Control-Secret, which the first line of output tells.
"""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import web
from pydantic import ValidationError

from emulator.arm.door import Door
from emulator.arm.faults import Faults
from emulator.body import Body
from emulator.clock import stamp
from emulator.control_bodies import EVENTS, FaultRules, Metric, Pace, Step
from emulator.defender.alerts import TYPE, Raised, raise_alert
from emulator.defender.export import HubAddress, exported
from emulator.grid.courier import Courier
from emulator.grid.happenings import GridEvent
from emulator.grid.subscriptions import SubscriptionSpec
from emulator.grid.topics import Topics
from emulator.resources.answers import item
from emulator.world import World

HEADER = "X-Control-Secret"
type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Control:
    """The control API."""

    world: World
    door: Door
    faults: Faults
    courier: Courier
    topics: Topics
    reset: Callable[[], None]
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(24))

    def routes(self) -> list[web.RouteDef]:
        """Return the routes, each behind the secret."""
        table: list[tuple[str, str, Handler]] = [
            ("GET", "/state", self._state),
            ("GET", "/calls", self._calls),
            ("DELETE", "/calls", self._forget_calls),
            ("GET", "/events", self._events),
            ("POST", "/events", self._publish),
            ("GET", "/topics/{name}", self._topic),
            ("GET", "/subscriptions", self._subscriptions),
            ("POST", "/subscriptions", self._subscribe),
            ("DELETE", "/subscriptions/{name}", self._unsubscribe),
            ("GET", "/alerts", self._alerts),
            ("POST", "/alerts", self._raise),
            ("POST", "/hub", self._hub),
            ("GET", "/faults", self._list_faults),
            ("POST", "/faults", self._add_faults),
            ("DELETE", "/faults", self._clear_faults),
            ("GET", "/clock", self._clock),
            ("POST", "/clock", self._advance),
            ("POST", "/settings", self._set),
            ("POST", "/metrics", self._measure),
            ("POST", "/reset", self._reset),
        ]
        return [web.route(method, f"/_control{path}", self._guarded(handler)) for method, path, handler in table]

    def _guarded(self, handler: Handler) -> Handler:
        async def guarded(request: web.Request) -> web.StreamResponse:
            sent = request.headers.get(HEADER, "")
            if not secrets.compare_digest(sent.encode(), self.secret.encode()):
                return web.json_response({"error": f"the header {HEADER} is missing or wrong"}, status=401)
            try:
                return await handler(request)
            except ValidationError as error:
                told = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
                return web.json_response({"error": told}, status=400)

        return guarded

    async def _state(self, _: web.Request) -> web.Response:
        found = [{"id": one.id, "type": one.type, **one.body} for one in self.world.store.all()]
        return web.json_response({"now": stamp(self.world.clock.now()), "resources": found})

    async def _calls(self, _: web.Request) -> web.Response:
        return web.json_response(self.door.calls.summary())

    async def _forget_calls(self, _: web.Request) -> web.Response:
        self.door.calls.clear()
        return web.Response(status=204)

    async def _events(self, request: web.Request) -> web.Response:
        wait_seconds = float(request.query.get("settle_seconds", 0))
        if wait_seconds:
            await self.courier.settled(wait_seconds)
        courier = self.courier
        body: Body = {
            "published": [event.as_event_grid() for event in courier.published],
            "deliveries": [one.summary() for one in courier.deliveries],
            "deadLetters": courier.dead_letters,
            "pending": courier.pending,
        }
        return web.json_response(body)

    async def _publish(self, request: web.Request) -> web.Response:
        given = EVENTS.validate_json(await request.read())
        for one in given if isinstance(given, list) else [given]:
            now = self.world.clock.now()
            self.courier.publish(
                GridEvent(one.topic, one.subject, one.eventType, now, one.data, one.dataVersion, one.id)
            )
        return web.Response(status=202)

    async def _topic(self, request: web.Request) -> web.Response:
        return web.json_response({"events": self.topics.received.get(request.match_info["name"], [])})

    async def _subscriptions(self, _: web.Request) -> web.Response:
        return web.json_response({"value": [one.summary() for one in self.courier.subscriptions.values()]})

    async def _subscribe(self, request: web.Request) -> web.Response:
        found = await self.courier.subscribe(SubscriptionSpec.model_validate_json(await request.read()))
        return web.json_response(found.summary(), status=201 if found.active else 400)

    async def _unsubscribe(self, request: web.Request) -> web.Response:
        gone = self.courier.subscriptions.pop(request.match_info["name"], None)
        return web.Response(status=204 if gone else 404)

    async def _alerts(self, request: web.Request) -> web.Response:
        await self.world.export.settled(float(request.query.get("settle_seconds", 0)))
        return web.json_response({"value": [item(one) for one in self.world.store.of_type(TYPE)]})

    async def _raise(self, request: web.Request) -> web.Response:
        given = Raised.model_validate_json(await request.read())
        alert = raise_alert(self.world, given)
        if given.export:
            self.world.export.send(exported(alert))
        return web.json_response({**item(alert), "exported": exported(alert)}, status=201)

    async def _hub(self, request: web.Request) -> web.Response:
        self.world.export.to = HubAddress.model_validate_json(await request.read())
        return web.Response(status=204)

    async def _list_faults(self, _: web.Request) -> web.Response:
        return web.json_response({"calls": self.faults.rules(), "events": self.courier.faults.rules()})

    async def _add_faults(self, request: web.Request) -> web.Response:
        rules = FaultRules.model_validate_json(await request.read())
        for call in rules.calls:
            self.faults.add(call)
        for event in rules.events:
            self.courier.faults.add(event)
        for topic in rules.topics:
            self.topics.add_fault(topic)
        return web.Response(status=204)

    async def _clear_faults(self, _: web.Request) -> web.Response:
        self.faults.clear()
        self.courier.faults.clear()
        self.topics.clear_faults()
        return web.Response(status=204)

    async def _clock(self, _: web.Request) -> web.Response:
        return web.json_response({"now": stamp(self.world.clock.now())})

    async def _advance(self, request: web.Request) -> web.Response:
        self.world.clock.advance(Step.model_validate_json(await request.read()).advance_seconds)
        return web.json_response({"now": stamp(self.world.clock.now())})

    async def _set(self, request: web.Request) -> web.Response:
        pace = Pace.model_validate_json(await request.read())
        if pace.operation_seconds is not None:
            self.world.operation_seconds = pace.operation_seconds
        if pace.retry_after_seconds is not None:
            self.world.operations.retry_after_seconds = pace.retry_after_seconds
        if pace.time_scale is not None:
            self.courier.time_scale = self.world.export.time_scale = pace.time_scale
        if pace.activity_log_lag_seconds is not None:
            self.world.activity.lag_seconds = pace.activity_log_lag_seconds
        return web.Response(status=204)

    async def _measure(self, request: web.Request) -> web.Response:
        given = Metric.model_validate_json(await request.read())
        self.world.metrics[f"{given.resource}/{given.name}".lower()] = given.value
        return web.Response(status=204)

    async def _reset(self, _: web.Request) -> web.Response:
        self.reset()
        return web.Response(status=204)
