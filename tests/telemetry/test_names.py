"""The table of metrics and spans is one that other tools can go by."""

import re

from shared.telemetry.names import METRICS, SPANS, Kind

_NAME = re.compile(r"holdfast(\.[a-z_]+)+")


def test_every_name_stands_once_and_in_one_form() -> None:
    names = [*(metric.name for metric in METRICS), *(span.name for span in SPANS)]
    assert [name for name in names if not _NAME.fullmatch(name)] == []
    assert len(names) == len(set(names))


def test_every_metric_says_its_unit_its_meaning_and_what_stands_in_its_dimensions() -> None:
    for metric in METRICS:
        assert metric.unit
        assert metric.meaning
        assert all(metric.dimensions.values()), metric.name


def test_only_histograms_have_bounds_and_they_grow() -> None:
    for metric in METRICS:
        assert bool(metric.bounds) == (metric.kind is Kind.HISTOGRAM)
        assert list(metric.bounds) == sorted(set(metric.bounds))
