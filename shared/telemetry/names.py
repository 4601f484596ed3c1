"""Every metric and every span of Holdfast: the one table that code, workbook, alert rules and docs go by.

In Application Insights a metric stands in `customMetrics` (`AppMetrics` of a Log Analytics workspace) under its name,
with its dimensions in `customDimensions` (`Properties`). Spans are `requests` and `dependencies`, by `Span.kind`
(learn.microsoft.com, "Application Insights telemetry data model").
"""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How a metric counts. A counter only grows, and each export brings what came since the last one."""

    COUNTER = "counter"
    HISTOGRAM = "histogram"
    GAUGE = "gauge"


class SpanKind(StrEnum):
    """What a span is to others: work begun by a message from outside, work of our own, or a request to somebody."""

    CONSUMER = "consumer"
    INTERNAL = "internal"
    CLIENT = "client"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric. `unit` is UCUM's (`s`, `{event}`, `1`); `dimensions` maps each one's name to what stands in it.

    `bounds` are a histogram's upper bounds.
    """

    name: str
    kind: Kind
    unit: str
    meaning: str
    dimensions: dict[str, str]
    bounds: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """One kind of span, and the attributes that it may carry."""

    name: str
    kind: SpanKind
    meaning: str
    attributes: tuple[str, ...] = ()


_CONTROL = "the control's id"
_SECONDS = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0, 14400.0, 86400.0)

EVENTS = Metric(
    "holdfast.events",
    Kind.COUNTER,
    "{event}",
    "events that came in at any door",
    {
        "door": "event_grid, queue",
        "outcome": "taken: a server is looked at; known: of what servers use; ignored: not ours; malformed",
    },
)
ALERTS = Metric(
    "holdfast.alerts",
    Kind.COUNTER,
    "{alert}",
    "security alerts that came in at any door",
    {"door": "event hub, event grid, http, poll", "outcome": "what became of it (shared.alert_door.Fate)"},
)
LOOKS = Metric(
    "holdfast.looks",
    Kind.COUNTER,
    "{look}",
    "looks at a server that had a reason",
    {
        "origin": "event, sweep, person, appointment, alert, or none: work that was begun",
        "outcome": "ok; failed: the message comes again",
    },
)
DRIFT = Metric(
    "holdfast.drift",
    Kind.COUNTER,
    "{drift}",
    "drifts that were found and not told before",
    {
        "control": _CONTROL,
        "severity": "low, medium, high, critical",
        "verb": "what was decided, as the records say it",
    },
)
FIXES = Metric(
    "holdfast.fixes",
    Kind.COUNTER,
    "{fix}",
    "fixes, undos and promotions that came to their end",
    {"purpose": "fix, undo, promote", "outcome": "proven, failed"},
)
TIME_TO_REVERT = Metric(
    "holdfast.time_to_revert",
    Kind.HISTOGRAM,
    "s",
    "from hearing of a drift until its fix was proven by reading again",
    {"severity": "low, medium, high, critical"},
    _SECONDS,
)
ARM_CALLS = Metric(
    "holdfast.arm.calls",
    Kind.COUNTER,
    "{call}",
    "requests to Azure Resource Manager",
    {"method": "GET, PUT, PATCH, POST, DELETE", "status": "the HTTP status; 0: no answer"},
)
ARM_THROTTLES = Metric(
    "holdfast.arm.throttles",
    Kind.COUNTER,
    "{call}",
    "requests that Azure Resource Manager turned away as too many (429)",
    {"method": "GET, PUT, PATCH, POST, DELETE"},
)
QUEUE_AGE = Metric(
    "holdfast.queue.age",
    Kind.HISTOGRAM,
    "s",
    "how long the oldest work had waited when it was taken up",
    {"queue": "reconcile: since it was heard of; deliver: since the message was written"},
    _SECONDS,
)
BREAKER_TRIPS = Metric(
    "holdfast.breaker.trips",
    Kind.COUNTER,
    "{trip}",
    "times that Holdfast stopped itself",
    {"brake": "loop: one control on one server; radius: everything"},
)
APPROVALS_WAITING = Metric(
    "holdfast.approvals.waiting",
    Kind.GAUGE,
    "{plan}",
    "plans that wait for a person, as each sweep finds them",
    {},
)
DELIVERIES = Metric(
    "holdfast.deliveries",
    Kind.COUNTER,
    "{message}",
    "messages that a channel took",
    {"channel": "the route's name"},
)
DELIVERY_FAILURES = Metric(
    "holdfast.delivery.failures",
    Kind.COUNTER,
    "{message}",
    "messages that a channel did not take",
    {"channel": "the route's name", "outcome": "failed: it is tried again; refused: it never will be taken"},
)
DEAD_LETTERS = Metric(
    "holdfast.dead_letters",
    Kind.COUNTER,
    "{letter}",
    "what could not be handled and was kept for an operator",
    {"source": "event, alert, reconcile, deliver, notification, sweep, poll"},
)
SWEEPS = Metric(
    "holdfast.sweeps",
    Kind.COUNTER,
    "{sweep}",
    "sweeps over the fleet; none for two hours means that events alone hold it",
    {"outcome": "ok, failed"},
)
SWEEP_LAST = Metric(
    "holdfast.sweep.last",
    Kind.GAUGE,
    "s",
    "when the last sweep gave every server its turn, in seconds since 1970-01-01 UTC",
    {},
)
SWEEP_SERVERS = Metric(
    "holdfast.sweep.servers",
    Kind.GAUGE,
    "{server}",
    "servers that the last sweep found",
    {},
)

METRICS: tuple[Metric, ...] = (
    EVENTS,
    ALERTS,
    LOOKS,
    DRIFT,
    FIXES,
    TIME_TO_REVERT,
    ARM_CALLS,
    ARM_THROTTLES,
    QUEUE_AGE,
    BREAKER_TRIPS,
    APPROVALS_WAITING,
    DELIVERIES,
    DELIVERY_FAILURES,
    DEAD_LETTERS,
    SWEEPS,
    SWEEP_LAST,
    SWEEP_SERVERS,
)

_TARGET = "holdfast.target"
CORRELATION = "azure.correlation_id"
"""The attribute with the caller's correlation id: that of the event, so of the request that made the drift."""

RECEIVE = Span(
    "holdfast.receive",
    SpanKind.CONSUMER,
    "one event is read, and kept as a reason to look",
    (_TARGET, "holdfast.operation", "holdfast.event_id", CORRELATION),
)
SWEEP = Span("holdfast.sweep", SpanKind.CONSUMER, "every server of the fleet gets a reason to be looked at")
RECONCILE = Span(
    "holdfast.reconcile",
    SpanKind.CONSUMER,
    "one look at one server, linked to every event that waited for it",
    (_TARGET, CORRELATION),
)
OBSERVE = Span("holdfast.observe", SpanKind.INTERNAL, "the state is read", (_TARGET,))
DECIDE = Span(
    "holdfast.decide",
    SpanKind.INTERNAL,
    "what drifts, and what is done about it, with all that has to be asked",
)
APPLY = Span("holdfast.apply", SpanKind.INTERNAL, "the changes are written", ("holdfast.record",))
PROVE = Span("holdfast.prove", SpanKind.INTERNAL, "the state is read again, by the same checks", ("holdfast.record",))
ARM = Span(
    "holdfast.arm",
    SpanKind.CLIENT,
    "one request to Azure Resource Manager",
    ("http.request.method", "http.response.status_code", "url.path", CORRELATION),
)
DELIVER = Span("holdfast.deliver", SpanKind.CONSUMER, "one server's outbox is emptied", (_TARGET,))
TELL = Span(
    "holdfast.tell",
    SpanKind.CLIENT,
    "one message goes to one channel, in the trace of what it is about",
    (_TARGET, "holdfast.record", "holdfast.channel", "holdfast.notice"),
)

SPANS: tuple[Span, ...] = (
    RECEIVE,
    SWEEP,
    RECONCILE,
    OBSERVE,
    DECIDE,
    APPLY,
    PROVE,
    ARM,
    DELIVER,
    TELL,
)
