"""Alert rules and workbook ask for metrics that Holdfast records, by the dimensions that these have."""

import re
from collections.abc import Iterator

import pytest

from shared.telemetry.names import METRICS
from tests.infra.templates import INFRA, fact

RULES = fact("unwell")
KNOWN = {metric.name: metric for metric in METRICS}
# learn.microsoft.com, "Create or edit a log search alert rule": what Azure takes for these two.
WINDOWS = ("PT1M", "PT5M", "PT10M", "PT15M", "PT30M", "PT45M", "PT1H", "PT2H", "PT3H", "PT4H", "PT5H", "PT6H", "P1D")


def queries() -> Iterator[tuple[str, str]]:
    """Every query, with what it is of."""
    yield from ((rule["name"], rule["query"]) for rule in RULES)
    yield from ((one["name"], one["content"]["query"]) for one in fact("workbook")["items"] if one["type"] == 3)


EACH = pytest.mark.parametrize("query", [query for _, query in queries()], ids=[name for name, _ in queries()])


@EACH
def test_a_query_asks_for_one_metric_that_is_recorded(query: str) -> None:
    (name,) = re.findall(r"\bname == '([^']+)'", query)
    assert name in KNOWN


@EACH
def test_a_query_asks_for_dimensions_and_values_that_the_metric_has(query: str) -> None:
    (name,) = re.findall(r"\bname == '([^']+)'", query)
    assert set(re.findall(r"customDimensions\.(\w+)", query)) <= KNOWN[name].dimensions.keys()
    for dimension, value in re.findall(r"customDimensions\.(\w+) == '([^']+)'", query):
        assert re.search(rf"\b{value}\b", KNOWN[name].dimensions[dimension])


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule["name"]))
def test_a_rule_is_what_azure_takes_and_says_what_is_wrong(rule: dict[str, str]) -> None:
    assert {rule["windowSize"], rule["evaluationFrequency"]} <= set(WINDOWS)
    assert WINDOWS.index(rule["evaluationFrequency"]) <= WINDOWS.index(rule["windowSize"])
    assert "measured = " in rule["query"].splitlines()[-1]
    for page in re.findall(r"docs/[\w/-]+\.md", rule["description"]):
        assert (INFRA.parent / page).is_file()


def test_the_workbook_shows_every_metric() -> None:
    shown = {name for one in fact("workbook")["items"] for name in re.findall(r"name == '([^']+)'", str(one))}
    assert shown == KNOWN.keys()


def test_a_fleet_that_is_swept_no_more_is_noticed_though_nothing_is_recorded() -> None:
    (rule,) = [rule for rule in RULES if rule["name"] == "holdfast-no-sweep"]
    assert rule["operator"] == "LessThan"
    assert "coalesce(" in rule["query"]
