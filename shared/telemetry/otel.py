"""Telling by OpenTelemetry: instruments for the table of `names`, spans in the caller's own trace.

Imported only where somebody wants telemetry (shared.telemetry.start).
"""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Any
from uuid import UUID

from opentelemetry import context, trace
from opentelemetry.instrumentation.logging.handler import LoggingHandler
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import Link, NonRecordingSpan, SpanContext, Status, StatusCode, TraceFlags

from shared.telemetry.names import METRICS, Kind, Metric, Span, SpanKind
from shared.telemetry.record import Attributes, Running

_KINDS = {
    SpanKind.CONSUMER: trace.SpanKind.CONSUMER,
    SpanKind.INTERNAL: trace.SpanKind.INTERNAL,
    SpanKind.CLIENT: trace.SpanKind.CLIENT,
}
_SAMPLED = TraceFlags(TraceFlags.SAMPLED)


class OpenTelemetry:
    """A listener that hands everything to these providers, what is logged under `holdfast` included."""

    def __init__(self, traces: TracerProvider, metrics: MeterProvider, logs: LoggerProvider) -> None:
        self._providers = (traces, metrics, logs)
        self._tracer = traces.get_tracer("holdfast")
        meter = metrics.get_meter("holdfast")
        self._tell = {metric.name: _instrument(meter, metric) for metric in METRICS}
        self._handler = LoggingHandler(logger_provider=logs)
        logging.getLogger("holdfast").addHandler(self._handler)

    def value(self, metric: Metric, value: float, dimensions: Attributes) -> None:
        """Hand one value over."""
        self._tell[metric.name](value, dict(dimensions))

    @contextmanager
    def span(self, span: Span, trace: str, links: Iterable[str], attributes: Attributes) -> Iterator[Running]:
        """A span; an exception that leaves it marks it as failed, without the exception's text, which may name much."""
        parent = _context_of(trace) if trace else None
        with self._tracer.start_as_current_span(
            span.name,
            context=parent,
            kind=_KINDS[span.kind],
            attributes=dict(attributes),
            links=[Link(_address(one)) for one in links],
            record_exception=False,
            set_status_on_exception=False,
        ) as begun:
            try:
                yield _Running(begun)
            except BaseException as error:
                begun.set_status(Status(StatusCode.ERROR, type(error).__name__))
                raise

    def close(self) -> None:
        """Hand over what is left."""
        logging.getLogger("holdfast").removeHandler(self._handler)
        for provider in self._providers:
            provider.shutdown()


class _Running:
    def __init__(self, span: trace.Span) -> None:
        self._span = span

    def note(self, attributes: Attributes) -> None:
        self._span.set_attributes(dict(attributes))


def trace_id(name: str) -> int:
    """The trace that belongs to a name: a correlation id is one itself, so that it can be searched for."""
    try:
        known = UUID(name).int
    except ValueError:
        known = 0
    return known or int.from_bytes(sha256(name.encode()).digest()[:16]) or 1


def _address(name: str) -> SpanContext:
    """Where everything about a name hangs: whoever came before us is a remote parent whom nobody has seen."""
    parent = int.from_bytes(sha256(b"parent " + name.encode()).digest()[:8]) or 1
    return SpanContext(trace_id(name), parent, is_remote=True, trace_flags=_SAMPLED)


def _context_of(name: str) -> context.Context:
    return trace.set_span_in_context(NonRecordingSpan(_address(name)), context.Context())


def _instrument(meter: Any, metric: Metric) -> Any:
    told = {"unit": metric.unit, "description": metric.meaning}
    if metric.kind is Kind.COUNTER:
        return meter.create_counter(metric.name, **told).add
    if metric.kind is Kind.GAUGE:
        return meter.create_gauge(metric.name, **told).set
    return meter.create_histogram(metric.name, explicit_bucket_boundaries_advisory=list(metric.bounds), **told).record
