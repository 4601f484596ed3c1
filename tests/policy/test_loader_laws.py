"""Whatever stands in the files: a policy, or an error that says where."""

import json
import re
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.errors import BadPolicy
from shared.policy import Policy
from shared.policy_file import load_policy, load_policy_texts
from shared.policy_file.schema import policy_schema
from shared.policy_file.sheet import Sheet
from shared.policy_file.yaml_text import read_yaml
from shared.scope import Place
from tests.builders import CATALOGUE, SUBSCRIPTION, a_target
from tests.examples import examples
from tests.policy.files import loaded

ROOT = Path(__file__).parents[2]
SCHEMA = policy_schema(CATALOGUE)
VALID = jsonschema.Draft202012Validator(SCHEMA)
GUID = "11111111-1111-4111-8111-111111111111"

KEYS = (
    "include name match tags environment subscription hours parameters maximum allowed_ranges expires reason owner "
    "scope ids windows opens"
)
TEXTS = ("enforce", "group:office", "203.0.113.0/24", "2026-12-31", GUID, "a.yaml", "0 22 * * 1-5", "UTC")
words = st.sampled_from([*Sheet.model_fields, *CATALOGUE, *KEYS.split()])
numbers = st.integers(-5, 100_000) | st.floats()
atoms = st.none() | st.booleans() | numbers | st.text(max_size=6) | words | st.sampled_from(TEXTS)
anything = st.recursive(
    atoms, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=6), max_leaves=30
)
mode = st.sampled_from(["off", "audit", "notify", "approve", "enforce"])
control_lines = st.dictionaries(
    st.sampled_from(list(CATALOGUE)),
    st.fixed_dictionaries(
        {}, optional={"mode": mode, "first_sight": mode, "delay": st.fixed_dictionaries({"hours": st.integers(0, 9)})}
    ),
    max_size=3,
)
layer = {"mode": mode, "first_sight": mode, "controls": control_lines}
match = st.one_of(
    st.fixed_dictionaries({"environment": st.sampled_from(["production", "test"])}),
    st.fixed_dictionaries({"subscription": st.just(SUBSCRIPTION)}),
    st.fixed_dictionaries({"server": st.just(a_target().id)}),
    st.fixed_dictionaries(
        {"tags": st.dictionaries(st.sampled_from(["a", "b"]), st.sampled_from(["x", "y"]), min_size=1)}
    ),
)
scope = st.fixed_dictionaries({"name": st.sampled_from(["one", "two", "three"]), "match": match}, optional=layer)
plausible = st.fixed_dictionaries(
    {"environments": st.just({"production": {"tags": {"env": ["p"]}}, "test": {"tags": {"env": "t"}}})},
    optional={
        **layer,
        "version": st.just(1),
        "scopes": st.lists(scope, max_size=3),
        "breaker": st.fixed_dictionaries({}, optional={"fixes": st.integers(1, 5)}),
        "break_glass": st.fixed_dictionaries({"tag": st.text("aB-é $#:", min_size=1, max_size=5)}),
    },
)


def written(data: object) -> str:
    """JSON is YAML."""
    return json.dumps(data, ensure_ascii=False)


@settings(max_examples=examples(300), deadline=None)
@given(anything | st.dictionaries(words, anything, max_size=6))
def test_any_data_is_a_policy_or_an_error_with_its_place(data: object) -> None:
    for line in errors_of(lambda: load_policy(written(data), "p.yaml", CATALOGUE)):
        assert re.match(r"p\.yaml:[1-9]\d*:[1-9]\d*: .{5}|and \d+ more", line)


names = st.sampled_from(["a.yaml", "b.yaml", "sub/c.yaml", "sub/d.yaml"])
includes = names.map(lambda name: PurePosixPath(name).name) | st.just("sub/*.yaml")


@settings(deadline=None)
@given(st.dictionaries(names, st.lists(includes), min_size=1))
def test_any_tangle_of_includes_is_a_policy_or_an_error(tangle: dict[str, list[str]]) -> None:
    texts = {name: written({"include": given}).encode() for name, given in tangle.items()}
    wrong = "".join(errors_of(lambda: load_policy_texts(texts, CATALOGUE)))
    assert not wrong or re.search("circular include|there is no file", wrong)


@settings(deadline=None)
@given(plausible)
def test_a_policy_that_is_read_is_one_for_editors_too_and_has_an_answer_everywhere(data: dict[str, Any]) -> None:
    wrong = errors_of(lambda: answer_everywhere(load_policy(written(data), "p.yaml", CATALOGUE)))
    if wrong:
        assert all(re.search("equal rank|second scope", line) for line in wrong)
    else:
        VALID.validate(data)


def errors_of(work: Callable[[], object]) -> list[str]:
    try:
        work()
    except BadPolicy as error:
        return str(error).splitlines()
    return []


def answer_everywhere(policy: Policy) -> None:
    for tags in ({}, {"env": "p"}, {"a": "x", "b": "y"}):
        for remediator in CATALOGUE.values():
            assert policy.rule(remediator.control, Place(a_target(), tags)).fresh


# The schema


@pytest.mark.parametrize("path", ["shared/default_policy.yaml", "cli/demo_policy.yaml", "tests/e2e/policy.yaml"])
def test_the_policies_of_the_project_are_valid_for_editors(path: str) -> None:
    VALID.validate(read_yaml((ROOT / path).read_bytes(), path).data)


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    "data",
    [
        {"controls": {"tls-requird": {}}},
        {"controls": {"tls-required": {"mode": "enforced"}}},
        {"controls": {"tls-required": {"parameters": {"maximum": 1}}}},
        {"controls": {"firewall-public-ip-range-size": {"parameters": {"maxmum": 1}}}},
        {"scopes": [{"name": "a", "match": {}, "controls": {"nothing": None}}]},
        {
            "exemptions": [
                {"scope": "/subscriptions/x", "controls": ["tls"], "reason": "r", "owner": "o", "expires": "e"}
            ]
        },
        {"modus": "audit"},
        {"version": 2},
        {"trusted": [{"name": "a", "ids": ["somebody"]}]},
    ],
)
def test_what_is_wrong_is_wrong_for_editors_too(data: object) -> None:
    assert not VALID.is_valid(data)


def test_every_key_is_described_and_every_control_has_its_own_parameters() -> None:
    definitions = SCHEMA["$defs"]
    for part in SCHEMA["properties"].values():
        assert "description" in part or definitions[part["$ref"].rpartition("/")[2]]["description"]
    lines = SCHEMA["$defs"]["Controls"]["properties"]
    assert set(lines) == set(CATALOGUE)
    (maximum, _) = SCHEMA["$defs"]["firewall-public-ip-range-size"]["properties"]["parameters"]["anyOf"]
    assert set(maximum["properties"]) == {"maximum"}


def test_a_line_with_nothing_in_it_is_fine_for_both() -> None:
    text = "controls:\n  tls-required:\n"
    VALID.validate(read_yaml(text, "p.yaml").data)
    assert loaded(text)
