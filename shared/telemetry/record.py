"""Where Holdfast tells of its own work. Nobody listens unless the settings want it, and then telling costs nothing.

What is told is of the table in `names`; a listener never makes work fail.
"""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from shared.telemetry.names import Metric, Span

Attributes = Mapping[str, str | int]


class Running(Protocol):
    """A span that is under way."""

    def note(self, attributes: Attributes) -> None:
        """Say more about it."""


class Listener(Protocol):
    """Whoever keeps what is told."""

    def value(self, metric: Metric, value: float, dimensions: Attributes) -> None:
        """Take one value: what a counter grows by, what a histogram saw, what a gauge shows."""

    def span(
        self, span: Span, trace: str, links: Iterable[str], attributes: Attributes
    ) -> AbstractContextManager[Running]:
        """Time what happens inside. `trace` names the trace it belongs to: a correlation id, or any text; empty: that
        of the span it stands in. `links` name other traces."""

    def close(self) -> None:
        """Hand over what was not handed over yet."""


class _Silent:
    def note(self, attributes: Attributes) -> None:
        pass


class _Told:
    """Who listens in this process."""

    listener: Listener | None = None


_SILENT = nullcontext(_Silent())


def listen(listener: Listener | None) -> None:
    """From now on tell this one, and nobody else."""
    _Told.listener = listener


def is_heard() -> bool:
    """Whether anybody listens; asked before something is worked out only to be told."""
    return _Told.listener is not None


def tell(metric: Metric, value: float = 1, **dimensions: str | int) -> None:
    """One value of a metric."""
    if _Told.listener is not None:
        _Told.listener.value(metric, value, dimensions)


def span(
    kind: Span, attributes: Attributes | None = None, trace: str = "", links: Iterable[str] = ()
) -> AbstractContextManager[Running]:
    """Time what happens inside, as a part of what it stands in or of the trace that is named."""
    if _Told.listener is None:
        return _SILENT
    return _Told.listener.span(kind, trace, links, attributes or {})


def close() -> None:
    """Hand over what is left, and tell nobody any more."""
    if _Told.listener is not None:
        _Told.listener.close()
    listen(None)
