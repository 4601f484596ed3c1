"""The policy file as a JSON Schema (draft 2020-12), for editors: every key described, every control with its own
parameters."""

from copy import deepcopy
from typing import Any

from shared.control import Catalogue, Control
from shared.policy_file.sheet import Sheet
from shared.policy_file.sheet_exemptions import ALL
from shared.policy_file.sheet_playbooks import response_schemas
from shared.responses import CARDS

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_CONTROLS = {"$ref": "#/$defs/Controls"}
_INCLUDE = {
    "type": "array",
    "items": {"type": "string", "pattern": r"\.ya?ml$"},
    "description": "Other files of this policy, relative to this one: [limits.yaml, teams/*.yaml].",
}


def policy_schema(catalogue: Catalogue) -> dict[str, Any]:
    """The schema of a policy file; one file of several, too."""
    schema = Sheet.model_json_schema()
    definitions = schema["$defs"]
    line = definitions.pop("ControlSheet")
    definitions.pop("Parameters", None)
    controls = {}
    for name, remediator in catalogue.items():
        definitions[name] = _control(line, remediator.control, definitions)
        controls[name] = {"anyOf": [{"$ref": f"#/$defs/{name}"}, {"type": "null"}]}
    definitions["Controls"] = {"type": "object", "additionalProperties": False, "properties": controls}
    for owner in (schema, definitions["ScopeSheet"]):
        held = owner["properties"]["controls"]
        owner["properties"]["controls"] = {"description": held["description"], "anyOf": [_CONTROLS, {"type": "null"}]}
    _name_controls(definitions["ExemptionSheet"]["properties"]["controls"], [*catalogue, *CARDS])
    responses = definitions["PlaybookSheet"]["properties"]["responses"]
    responses["items"] = {"anyOf": response_schemas(definitions.pop("ResponseSheet"), definitions)}
    schema["properties"]["include"] = _INCLUDE
    return {"$schema": _DIALECT, **schema}


def _control(line: dict[str, Any], control: Control, definitions: dict[str, Any]) -> dict[str, Any]:
    """A control's line, with its own parameters."""
    own = control.parameters.model_json_schema()
    definitions |= own.pop("$defs", {})
    found = deepcopy(line)
    found["title"] = control.title
    held = found["properties"]["parameters"]
    found["properties"]["parameters"] = {"description": held["description"], "anyOf": [own, {"type": "null"}]}
    return found


def _name_controls(held: dict[str, Any], names: list[str]) -> None:
    """An exemption names controls, or says that it is about all of them."""
    description = held["description"]
    held.clear()
    listed = {"type": "array", "items": {"enum": names}, "minItems": 1}
    held |= {"description": description, "anyOf": [{"const": ALL}, listed]}
