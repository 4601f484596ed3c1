"""The parameters that a control takes in the policy, in words: made from its schema and its docstring."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.control import Parameters

_NAMES = r"(?:`\w+`(?:, | and )?)+"
_MEANING = re.compile(rf"({_NAMES}):\s+(.*?)\.?\s*(?={_NAMES}:\s|$)", re.DOTALL)
_WORDS = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}
_FORMATS = ("date", "date-time", "time")
_NULL = {"type": "null"}


@dataclass(frozen=True, slots=True)
class Taken:
    """One parameter: its name, what kind of value it takes, its default (empty: it must be given), what it means."""

    name: str
    takes: str
    default: str
    meaning: str


def parameters_of(model: type[Parameters]) -> tuple[Taken, ...]:
    """Every parameter that the model takes."""
    schema = model.model_json_schema()
    definitions = schema.get("$defs", {})
    meanings = {name: text for one in reversed(model.__mro__) for name, text in _meanings(one.__doc__ or "").items()}
    return tuple(
        Taken(name, _takes(held, definitions), _default(held), held.get("description") or meanings.get(name, ""))
        for name, held in schema.get("properties", {}).items()
    )


def _meanings(text: str) -> dict[str, str]:
    found = ((re.findall(r"`(\w+)`", match[1]), " ".join(match[2].split())) for match in _MEANING.finditer(text))
    return {name: meaning for names, meaning in found for name in names}


def _default(held: Mapping[str, Any]) -> str:
    if "default" not in held:
        return ""
    default = held["default"]
    if isinstance(default, list | dict):
        return ", ".join(map(str, default)) or "none"
    if isinstance(default, bool):
        return str(default).lower()
    return "not set" if default is None else str(default) or "empty"


def _takes(held: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    if "$ref" in held:
        return _takes(definitions[held["$ref"].rpartition("/")[2]], definitions)
    if "anyOf" in held:
        return " or ".join(dict.fromkeys(_takes(one, definitions) for one in held["anyOf"] if one != _NULL))
    if "enum" in held:
        return " or ".join(map(str, held["enum"]))
    return _simple(held, definitions)


def _simple(held: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    kind = held.get("type", "")
    if kind == "array":
        return f"list of {_takes(held.get('items', {}), definitions)}"
    if kind == "object":
        names = ", ".join(held.get("properties", ()))
        inner = next(iter(held.get("patternProperties", {}).values()), held.get("additionalProperties", {}))
        return f"{{{names}}}" if names else f"name: {_takes(inner, definitions)}"
    low, high = held.get("minimum"), held.get("maximum")
    bounds = f" from {low} to {high}" if low is not None and high is not None else f" from {low}" if low else ""
    word = held["format"] if held.get("format") in _FORMATS else _WORDS.get(kind, kind or "any value")
    return f"{word}{bounds}"
