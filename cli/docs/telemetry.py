"""The page about telemetry: every metric and every span, from the one table."""

from cli.docs.markdown import page, table
from shared.telemetry.names import METRICS, SPANS, Metric

_BEFORE = """Holdfast tells how it fares itself by OpenTelemetry: traces, metrics and what it logs. What it did to
servers is in its records instead, which are complete; telemetry may be lost, and nothing rests on it.

| where | set | what comes |
|---|---|---|
| Application Insights | `APPLICATIONINSIGHTS_CONNECTION_STRING`, as the [templates](deploy.md) do | everything |
| a file on a laptop | `HOLDFAST_TELEMETRY=file:PATH` | OTLP JSON, one line for each batch |
| the terminal | `HOLDFAST_TELEMETRY=console` | the same on stderr |

With neither set nobody is told, and no library for it is imported. Into Application Insights the app's managed
identity signs in. Leave `PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY` and `PYTHON_ENABLE_OPENTELEMETRY` unset: the
worker would tell everything a second time. How it is done, and what it costs:
[decision 0022](decisions/0022-telemetry.md).

One trace leads from the event to whoever was told: `holdfast.receive`, then `holdfast.reconcile` with the reading, the
writing and the proof in it, then `holdfast.tell` for each message. Events that waited for the same look are linked to
it. The trace's id is the correlation id of whoever made the change, without its dashes: search `operation_Id` for it.
"""

_AFTER = """
**Verified how.** Tests read the OTLP JSON, and what a local stand-in for Application Insights gets from Microsoft's
exporter: names, dimensions, the operation id. Application Insights itself could not be reached.
"""


def telemetry() -> str:
    """The page as Markdown."""
    metrics = table(("metric", "kind", "unit", "what", "dimensions"), [_metric(one) for one in METRICS])
    rows = [
        (f"`{one.name}`", str(one.kind), one.meaning, ", ".join(f"`{name}`" for name in one.attributes))
        for one in SPANS
    ]
    spans = table(("span", "kind", "what", "attributes"), rows)
    return page("Telemetry", [_BEFORE, "## Metrics", metrics, "## Spans", spans, _AFTER])


def _metric(one: Metric) -> tuple[str, ...]:
    dimensions = "; ".join(f"`{name}`: {meaning}" for name, meaning in one.dimensions.items())
    return f"`{one.name}`", str(one.kind), one.unit, one.meaning, dimensions
