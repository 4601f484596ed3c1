"""The benchmark itself, small: that it measures what it says."""

import json

import pytest

from bench.children import fake_azure

pytestmark = pytest.mark.e2e


def test_holdfast_and_the_floor_make_the_same_calls() -> None:
    with fake_azure(0) as azure:
        ours = azure.child("bench.ours", "all", 4, 2)
        floor = azure.child("bench.floor", 4, 2, BENCH_ASKED=json.dumps(ours["pass"]["asked"]))

    assert ours["pass"]["arm_calls"] == floor["pass"]["arm_calls"] == 5
    assert ours["events"]["arm_calls"] == floor["events"]["arm_calls"] == 4
    assert floor["events"]["first_ms"] > 0
