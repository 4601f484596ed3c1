"""Microsoft.Resources/tags/default: all tags of a resource, merged, replaced or taken off without touching the rest.

From Microsoft's documentation ("Tags - Update At Scope"): Merge adds and overwrites, Replace leaves no others, Delete
takes off tags by name and value. A resource has 50 tags at most.
"""

from emulator.arm.call import Answer
from emulator.arm.registry import Done, Outcome, Request, ResourceType
from emulator.arm.store import Resource
from emulator.body import Body, dig
from emulator.errors import ArmError, child_not_found, invalid_value
from emulator.resources.around.scopes import require_scope

KIND = "Microsoft.Resources/tags"
_ONLY, _MOST = "default", 50


def _tagged(request: Request) -> Resource:
    if request.name.lower() != _ONLY:
        raise child_not_found(KIND, request.name)
    found = request.world.store.get(require_scope(request.world, request.path.scope))
    if found is None:  # a subscription or a group, whose tags nobody here asks for
        raise child_not_found(KIND, request.name)
    return found


def _show(one: Resource) -> Body:
    path = f"{one.id}/providers/{KIND}/{_ONLY}"
    return {"id": path, "name": _ONLY, "type": KIND, "properties": {"tags": dict(one.body.get("tags") or {})}}


def _get(request: Request) -> Answer:
    return Answer(200, _show(_tagged(request)))


def _patch(request: Request) -> Outcome:
    one, sent = _tagged(request), dig(request.body, "properties.tags")
    if not isinstance(sent, dict) or not all(isinstance(text, str) for text in sent.values()):
        raise invalid_value("tags")
    tags = _changed(dict(one.body.get("tags") or {}), str(request.body.get("operation")), sent)
    if len(tags) > _MOST:  # code and text not verified
        raise ArmError(400, "InvalidTagCount", f"The number of tags exceeds the maximum of {_MOST}.")
    one.body["tags"] = tags
    return Done(Answer(200, _show(one)))


def _changed(tags: Body, operation: str, sent: Body) -> Body:
    """Return the tags after the operation; their names are compared without case."""
    low = {name.lower(): text for name, text in sent.items()}
    match operation.lower():
        case "merge":
            return {**{name: text for name, text in tags.items() if name.lower() not in low}, **sent}
        case "replace":
            return dict(sent)
        case "delete":
            return {name: text for name, text in tags.items() if low.get(name.lower()) != text}
        case _:
            raise invalid_value("operation")


TYPES = (ResourceType(KIND, ("2021-04-01", "2025-04-01"), get=_get, writes={"PATCH": _patch}, always_there=True),)
