"""docs/openapi.json: the HTTP routes of the app as OpenAPI 3.1, made from the functions themselves.

Routes, methods, keys and descriptions are the code's; what an answer looks like stands in the table here.
"""

import json
import re
from collections.abc import Iterator, Mapping
from runpy import run_path
from typing import Any

from shared.settings import ROOT

_JSON, _PAGE, _FORM = "application/json", "text/html", "application/x-www-form-urlencoded"
_MEANINGS = {
    200: "here it is",
    202: "taken in",
    400: "it cannot be read",
    401: "nobody is signed in, or the key is wrong",
    403: "not for you",
    404: "there is no such thing",
    409: "nothing was done, and the page says why",
    413: "too large",
    503: "something that it needs does not answer",
}
_PAGE_STATUSES = (200, 202, 400, 401, 403, 404, 409, 503)
# The doors that answer JSON; every other is a page.
_STATUSES: Mapping[str, tuple[int, ...]] = {
    "alerts": (202, 400, 401, 413, 503),
    "signed_alerts": (202, 400, 401, 403, 413, 503),
    "health": (200, 401, 503),
    "health_live": (200,),
    "health_ready": (200, 503),
}


def openapi() -> str:
    """The document."""
    # A copy of its own: an app can list its functions only once.
    app = run_path(str(ROOT / "function_app.py"))["app"]
    paths: dict[str, dict[str, Any]] = {}
    for name, function in ((one.get_function_name(), one) for one in app.get_functions()):
        trigger = function.get_trigger()
        if trigger is not None and trigger.type == "httpTrigger":
            operations = dict(_operations(name, function, trigger))
            paths.setdefault(f"/{trigger.route}", {}).update(operations)
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Holdfast", "version": "0", "description": "Made by `make docs` from function_app.py."},
        "servers": [{"url": "/api"}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "x-functions-key"},
                "sign_in": {"type": "apiKey", "in": "cookie", "name": "AppServiceAuthSession"},
            }
        },
    }
    return json.dumps(document, indent=2) + "\n"


def _operations(name: str, function: Any, trigger: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    names = re.findall(r"\{(\w+)\}", trigger.route)
    given = [{"name": one, "in": "path", "required": True, "schema": {"type": "string"}} for one in names]
    for method in sorted(str(one.value).lower() for one in trigger.methods):
        operation: dict[str, Any] = {
            "operationId": f"{name}_{method}" if len(trigger.methods) > 1 else name,
            "summary": function.get_user_function().__doc__.split("\n")[0],
            "security": _security(name, trigger),
            "parameters": given,
            "responses": _responses(name),
        }
        if method == "post":
            operation["requestBody"] = _body(name)
        yield method, {part: value for part, value in operation.items() if value or part == "security"}


def _security(name: str, trigger: Any) -> list[dict[str, list[str]]]:
    if trigger.auth_level.name != "ANONYMOUS":
        return [{"key": []}]
    return [] if name.startswith("health") else [{"sign_in": []}]


def _responses(name: str) -> dict[str, Any]:
    kind = _JSON if name in _STATUSES else _PAGE
    # Where the host itself refuses, there is no body.
    return {
        str(status): {"description": _MEANINGS[status], "content": {kind: {"schema": {}}}}
        for status in _STATUSES.get(name, _PAGE_STATUSES)
    }


def _body(name: str) -> dict[str, Any]:
    if name in _STATUSES:
        return {"required": True, "content": {_JSON: {"schema": {"type": ["object", "array"]}}}}
    texts = {"type": "object", "additionalProperties": {"type": "string"}}
    return {"required": True, "content": {_FORM: {"schema": texts}}}
