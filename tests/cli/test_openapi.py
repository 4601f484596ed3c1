"""The OpenAPI document says what the functions say."""

import json

from cli.docs.openapi import openapi

PATHS = json.loads(openapi())["paths"]


def test_every_route_and_method_is_there() -> None:
    assert {"get", "post"} == PATHS["/holds"].keys()
    assert PATHS["/records/{record}"]["get"]["parameters"][0]["name"] == "record"


def test_what_needs_a_key_says_so_and_what_changes_anything_needs_a_key_or_a_sign_in() -> None:
    assert PATHS["/alerts"]["post"]["security"] == [{"key": []}]
    assert all(methods["post"]["security"] for methods in PATHS.values() if "post" in methods)


def test_only_the_probes_are_open_to_everybody() -> None:
    free = {path for path, methods in PATHS.items() for one in methods.values() if not one["security"]}
    assert free == {"/health/live", "/health/ready"}
