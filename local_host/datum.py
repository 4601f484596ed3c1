"""The values that pass between host and worker, typed as the host's RPC types them.

The real host sends a string as `string`, bytes as `bytes`, a JSON object as `json`, and everything
else, numbers and dates included, as its JSON text (Azure/azure-functions-host,
GrpcMessageConversionExtensions.cs). The worker library's converters look at `type` and `value` only.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace


@dataclass(frozen=True, slots=True)
class Datum:
    """A value with the name of its RPC type."""

    value: object
    type: str | None


type Metadata = Mapping[str, Datum]


def text(value: str) -> Datum:
    return Datum(value, "string")


def raw(value: bytes) -> Datum:
    return Datum(value, "bytes")


def as_json(value: object) -> Datum:
    return Datum(json.dumps(value), "json")


def many_texts(values: list[str]) -> Datum:
    return Datum(SimpleNamespace(string=values), "collection_string")


def many_raws(values: list[bytes]) -> Datum:
    return Datum(SimpleNamespace(bytes=values), "collection_bytes")
