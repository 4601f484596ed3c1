"""A listener that keeps what it is told, and takes nothing that the table of names does not have."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from shared.telemetry.names import METRICS, SPANS, Metric, Span
from shared.telemetry.record import Attributes, Running


@dataclass
class Told:
    """One span, as it was told."""

    name: str
    trace: str
    links: tuple[str, ...]
    attributes: dict[str, str | int]

    def note(self, attributes: Attributes) -> None:
        self.attributes.update(attributes)


@dataclass
class StrictListener:
    """What was told."""

    values: list[tuple[str, float, dict[str, str | int]]] = field(default_factory=list)
    spans: list[Told] = field(default_factory=list)

    def value(self, metric: Metric, value: float, dimensions: Attributes) -> None:
        assert metric in METRICS
        assert dimensions.keys() == metric.dimensions.keys(), metric.name
        self.values.append((metric.name, value, dict(dimensions)))

    @contextmanager
    def span(self, span: Span, trace: str, links: Iterable[str], attributes: Attributes) -> Iterator[Running]:
        assert span in SPANS
        told = Told(span.name, trace, tuple(links), dict(attributes))
        self.spans.append(told)
        yield told
        assert told.attributes.keys() <= set(span.attributes), span.name

    def close(self) -> None:
        """Nothing is left."""

    def of(self, metric: Metric) -> list[dict[str, str | int]]:
        """The dimensions of every value of a metric."""
        return [dimensions for name, _, dimensions in self.values if name == metric.name]
