"""The shape of playbooks in the file."""

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, SerializeAsAny, ValidationError, WithJsonSchema
from pydantic_core import PydanticCustomError

from shared.control import Parameters
from shared.policy import Mode
from shared.policy.playbooks import AlertMatch, Playbook, Step
from shared.policy.words import Frozen, Name, wanted
from shared.policy_file.document import Document, Path
from shared.policy_file.wording import note_errors
from shared.references import References
from shared.responses import RESPONSES

_HOURS = {"m": 1 / 60, "h": 1.0, "d": 24.0}
_LASTS = re.compile(r"(\d{1,4}(?:\.\d{1,2})?)\s*([mhd])")
_LASTS_WANTED = "a time such as 30m, 4h or 2d, 90d at most"
_LONGEST_HOURS = 90 * 24.0
_MOST = 200


def _hours(value: object) -> float:
    found = _LASTS.fullmatch(value.strip().lower()) if isinstance(value, str) else None
    hours = float(found[1]) * _HOURS[found[2]] if found else 0.0
    if not 0 < hours <= _LONGEST_HOURS:
        raise wanted(_LASTS_WANTED)
    return hours


def _response(value: object) -> str:
    name = str(value)
    if name not in RESPONSES:
        raise PydanticCustomError(
            "unknown_name", "unknown {what}", {"what": "response", "name": name, "known": list(RESPONSES)}
        )
    return name


_Lasts = Annotated[
    float, BeforeValidator(_hours), WithJsonSchema({"type": "string", "pattern": r"^\d+(\.\d+)?\s*[mhd]$"})
]
_ResponseId = Annotated[str, BeforeValidator(_response), WithJsonSchema({"enum": list(RESPONSES)})]


class ResponseSheet(Frozen):
    """One response of a playbook."""

    response: _ResponseId = Field(description="Which response; docs/alerts.md lists them.")
    mode: Mode = Field(
        default=Mode.NOTIFY,
        description="What may be done: audit (record), notify (tell), approve (ask somebody), enforce (do it).",
    )
    for_: _Lasts | None = Field(
        default=None,
        alias="for",
        description="For how long what it changes stands: 30m, 4h, 2d. Left out: until somebody takes it back.",
    )
    parameters: SerializeAsAny[Parameters] | None = Field(default=None, description="What this response takes.")

    def step(self, where: str) -> Step:
        """The response, ready for use."""
        given = self.parameters or RESPONSES[self.response].remediator.control.parameters()
        return Step(self.response, self.mode, self.for_ or 0, given, where)


class PlaybookSheet(Frozen):
    """What is done about some security alerts. The first playbook that matches an alert answers it."""

    name: Name = Field(description="What records and messages call it; each playbook its own.")
    match: AlertMatch = Field(default=AlertMatch(), description="Which alerts it is for.")
    responses: Annotated[tuple[ResponseSheet, ...], Field(max_length=_MOST)] = Field(
        default=(), description="What is done, in this order; none: the alert is recorded and told."
    )


def playbook(sheet: PlaybookSheet, document: Document, index: int) -> Playbook:
    """The playbook, ready for use; what contradicts itself is noted."""
    path: Path = ("playbooks", index)
    steps = []
    for number, line in enumerate(sheet.responses):
        below: Path = (*path, "responses", number)
        if line.for_ and not RESPONSES[line.response].lifts:
            document.note((*below, "for"), f"{line.response} is not taken back by itself; leave `for` out")
        if line.response in {other.response for other in sheet.responses[:number]}:
            document.note((*below, "response"), f"found {line.response} a second time in this playbook; once is right")
        steps.append(line.step(str(document.near(below))))
    return Playbook(sheet.name, sheet.match, tuple(steps), str(document.near(path)))


def with_parameters(document: Document, playbooks: object, named: References) -> object:
    """The playbooks, each response with its parameters checked by the response's own model."""
    if not isinstance(playbooks, list):
        return playbooks
    return [_playbook(document, index, one, named) for index, one in enumerate(playbooks)]


def _playbook(document: Document, index: int, one: object, named: References) -> object:
    if not isinstance(one, dict) or not isinstance(one.get("responses"), list):
        return one
    path: Path = ("playbooks", index, "responses")
    lines = [_line(document, (*path, number), line, named) for number, line in enumerate(one["responses"])]
    return {**one, "responses": lines}


def _line(document: Document, path: Path, line: object, named: References) -> object:
    if not isinstance(line, dict):
        return line
    given, response = line.get("parameters"), RESPONSES.get(str(line.get("response")))
    if given is None or response is None:
        return {name: part for name, part in line.items() if name != "parameters"}
    model = response.remediator.control.parameters
    try:
        return {**line, "parameters": model.model_validate(given, context=named)}
    except ValidationError as error:
        note_errors(document, (*path, "parameters"), model, error)
        return {name: part for name, part in line.items() if name != "parameters"}


def response_schemas(line: Mapping[str, Any], definitions: dict[str, Any]) -> list[dict[str, Any]]:
    """The shape of a response line, once for each response, with its own parameters."""
    found = []
    for name, response in RESPONSES.items():
        control = response.remediator.control
        own = control.parameters.model_json_schema()
        definitions |= own.pop("$defs", {})
        held = dict(line["properties"])
        held["response"] = {"const": name, "description": control.title}
        described = {"description": held["parameters"]["description"]}
        held["parameters"] = described | {"anyOf": [own, {"type": "null"}]}
        if not response.lifts:
            held.pop("for")
        found.append({**line, "title": control.title, "properties": held})
    return found
