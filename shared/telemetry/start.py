"""Sets up who listens: Application Insights in Azure, a file or the terminal on a laptop.

The exporter of Azure Monitor takes longer to import than an event to be handled, so it is made by the thread that
exports, when there is something to export (docs/decisions/0022-telemetry.md).
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from opentelemetry.sdk._logs import LoggerProvider, ReadableLogRecord
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor, LogRecordExporter, LogRecordExportResult
from opentelemetry.sdk.metrics import Counter, Histogram, MeterProvider
from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    MetricExporter,
    MetricExportResult,
    MetricsData,
    PeriodicExportingMetricReader,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from shared.telemetry.otel import OpenTelemetry

_DELTA = AggregationTemporality.DELTA
_SINCE_THE_LAST: dict[type, AggregationTemporality] = {Counter: _DELTA, Histogram: _DELTA}


@dataclass(frozen=True, slots=True)
class Exporters:
    """Where traces, metrics and logs go; each is made when it is first needed."""

    traces: Callable[[TracerProvider], Any]
    metrics: Callable[[], Any]
    logs: Callable[[], Any]


def listener(exporters: Exporters, instance: str) -> OpenTelemetry:
    """Who hands everything to these exporters. `instance` names this process among those of the app."""
    resource = Resource.create({"service.name": "holdfast", "service.instance.id": instance})
    traces = TracerProvider(resource=resource)
    traces.add_span_processor(BatchSpanProcessor(_Spans(lambda: exporters.traces(traces))))
    logs = LoggerProvider(resource=resource)
    logs.add_log_record_processor(BatchLogRecordProcessor(_Logs(exporters.logs)))
    reader = PeriodicExportingMetricReader(_Metrics(exporters.metrics))
    return OpenTelemetry(traces, MeterProvider([reader], resource=resource), logs)


def to_azure(connection: str, credential: Callable[[], Any] | None) -> Exporters:
    """Application Insights. `credential` makes what signs in there; None where the connection's key is enough."""

    def made(kind: str, **more: Any) -> Any:
        from azure.monitor.opentelemetry import exporter

        signs_in = {"credential": credential()} if credential is not None else {}
        return getattr(exporter, f"AzureMonitor{kind}Exporter")(connection_string=connection, **signs_in, **more)

    return Exporters(lambda traces: made("Trace", tracer_provider=traces), lambda: made("Metric"), lambda: made("Log"))


def to_file(path: str) -> Exporters:
    """A file of OTLP JSON, one line for each batch; `-` is the terminal (stderr)."""
    from opentelemetry.exporter.otlp.json.file import FileMetricExporter, FileSpanExporter
    from opentelemetry.exporter.otlp.json.file._log_exporter import FileLogExporter

    place: dict[str, Any] = {"stream": sys.stderr} if path == "-" else {"path": path}
    return Exporters(
        lambda _: FileSpanExporter(**place), lambda: FileMetricExporter(**place), lambda: FileLogExporter(**place)
    )


class _Spans(SpanExporter):
    def __init__(self, make: Callable[[], Any]) -> None:
        self._late = _Late(make)

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result: SpanExportResult = self._late.exporter.export(spans)
        return result

    def shutdown(self) -> None:
        self._late.shutdown()


class _Logs(LogRecordExporter):
    def __init__(self, make: Callable[[], Any]) -> None:
        self._late = _Late(make)

    def export(self, batch: Sequence[ReadableLogRecord]) -> LogRecordExportResult:
        result: LogRecordExportResult = self._late.exporter.export(batch)
        return result

    def force_flush(self, timeout_millis: int = 10_000) -> bool:  # noqa: ARG002 - the library's own signature
        return True

    def shutdown(self) -> None:
        self._late.shutdown()


class _Metrics(MetricExporter):
    def __init__(self, make: Callable[[], Any]) -> None:
        super().__init__(preferred_temporality=_SINCE_THE_LAST)
        self._late = _Late(make)

    def export(self, metrics_data: MetricsData, timeout_millis: float = 10_000, **kwargs: Any) -> MetricExportResult:
        result: MetricExportResult = self._late.exporter.export(metrics_data, timeout_millis, **kwargs)
        return result

    def force_flush(self, timeout_millis: float = 10_000) -> bool:  # noqa: ARG002 - the library's own signature
        return True

    def shutdown(self, timeout_millis: float = 30_000, **kwargs: Any) -> None:  # noqa: ARG002 - as above
        self._late.shutdown()


class _Late:
    """An exporter that is made when it is first used."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self._made: Any = None

    @property
    def exporter(self) -> Any:
        if self._made is None:
            self._made = self._make()
        return self._made

    def shutdown(self) -> None:
        if self._made is not None:
            self._made.shutdown()
