"""Microsoft.Authorization/roleAssignments and roleDefinitions: who has which role where, and what a role may do.

An assignment to a principal of the fleet takes effect at once, and ends with its removal. Texts are remembered from the
service, not verified.
"""

import re

from emulator.arm.call import Answer
from emulator.arm.registry import Request, ResourceType
from emulator.arm.store import Resource
from emulator.body import Body, dig
from emulator.errors import ArmError, invalid_value
from emulator.fleet import Role
from emulator.ids import extended, subscription_of
from emulator.resources.answers import page
from emulator.resources.around.forms import Form
from emulator.resources.around.plain import Plain
from emulator.resources.around.scopes import near, require_scope
from emulator.resources.locations import LOCATIONS
from emulator.resources.settable import TEXT, Choice
from emulator.world import World

KIND = "Microsoft.Authorization/roleAssignments"
_DEFINITIONS = "Microsoft.Authorization/roleDefinitions"
_VERSIONS = ("2022-04-01",)
_FILTER = re.compile(r"(?:(principalId eq |assignedTo\()'([^']+)'\)?)", re.IGNORECASE)
_FIXED = ("principalId", "roleDefinitionId")
_EPOCH = "2026-01-01T00:00:00.0000000Z"
_NO_UPDATE = "Tenant ID, application ID, principal ID, and scope are not allowed to be updated."


def definition_id(role_id: str, scope: str) -> str:
    """Return the id of a role as it is written at a scope."""
    subscription = subscription_of(scope)
    head = f"/subscriptions/{subscription}" if subscription else ""
    return f"{head}/providers/{_DEFINITIONS}/{role_id}"


def seed(world: World) -> None:
    """Make the assignments of the fleet's principals resources."""
    for caller in world.access.callers.values():
        who = caller.principal
        for grant in caller.grants:
            properties = {
                "roleDefinitionId": definition_id(grant.role_id, grant.scope),
                "principalId": who.object_id,
                "principalType": "User" if who.kind == "User" else "ServicePrincipal",
            }
            place = f"{grant.scope.rstrip('/')}/providers/{KIND}/{grant.assignment_id}"
            world.store.put(Resource(place, KIND, {"properties": properties}))


def _shown(_: World, one: Resource) -> Body:
    dates = one.body.get("systemData") or {}
    created = dates.get("createdAt", _EPOCH)
    optional = ("condition", "conditionVersion", "description", "delegatedManagedIdentityResourceId")
    facts: Body = {name: one.properties.get(name) for name in optional}
    return facts | {
        "scope": extended(one.id),
        "createdOn": created,
        "updatedOn": dates.get("lastModifiedAt", created),
        "createdBy": one.body.get("writtenBy"),
        "updatedBy": one.body.get("writtenBy"),
    }


def _check(request: Request, old: Body | None, new: Body) -> None:
    properties = new["properties"]
    role_id = str(properties["roleDefinitionId"]).rpartition(f"/{_DEFINITIONS}/")[2]
    if not re.fullmatch(r"[0-9a-fA-F-]{36}", role_id):
        raise invalid_value("roleDefinitionId")
    for name in _FIXED:
        if old is not None and str(dig(old, f"properties.{name}")).lower() != properties[name].lower():
            raise ArmError(403, "RoleAssignmentUpdateNotPermitted", _NO_UPDATE)
    for other in request.world.store.children(request.path.scope or "/", KIND):
        same = all(
            other.properties[name].lower() == properties[name].lower() for name in ("principalId", "roleDefinitionId")
        )
        if same and other.name.lower() != request.name.lower():
            raise ArmError(409, "RoleAssignmentExists", "The role assignment already exists.")
    new["writtenBy"] = request.call.caller.principal.object_id


def _stored(world: World, one: Resource) -> None:
    role_id = one.properties["roleDefinitionId"].rpartition("/")[2]
    world.access.assign(one.properties["principalId"], role_id, extended(one.id), one.name)
    world.standings.touched = world.clock.now()


def _removed(world: World, one: Resource) -> None:
    world.access.unassign(one.name)
    world.standings.touched = world.clock.now()


def _list(request: Request) -> Answer:
    text = request.call.query.get("$filter", "")
    match = _FILTER.search(text)
    rest = _FILTER.sub("", text).lower().replace(" ", "").replace("and", "")
    if rest not in ("", "atscope()"):
        raise ArmError(400, "InvalidFilterInQueryString", f"The filter '{text}' in the query string is invalid.")
    found = near(request, KIND, below=not rest)
    if match is not None:  # members of groups are not known here
        found = [one for one in found if one.properties["principalId"].lower() == match[2].lower()]
    return page([_ASSIGNMENTS.shown(request.world, one) for one in found])


class _Assignments(Plain):
    __slots__ = ()

    def shown(self, world: World, one: Resource) -> Body:
        """Return an assignment without what is ours alone."""
        body = Plain.shown(self, world, one)
        body.pop("writtenBy", None)
        return body


def _described(role_id: str, role: Role, scope: str, *, is_own: bool) -> Body:
    permission = {
        "actions": list(role.actions),
        "notActions": list(role.not_actions),
        "dataActions": list(role.data_actions),
        "notDataActions": [],
    }
    properties = {
        "roleName": role.name,
        "type": "CustomRole" if is_own else "BuiltInRole",
        "description": "",
        "assignableScopes": ["/"],
        "permissions": [permission],
        "createdOn": _EPOCH,
        "updatedOn": _EPOCH,
        "createdBy": None,
        "updatedBy": None,
    }
    return {"id": definition_id(role_id, scope), "type": _DEFINITIONS, "name": role_id, "properties": properties}


def _definitions(request: Request) -> list[Body]:
    scope = require_scope(request.world, request.path.scope)
    own = {role.name for role in request.world.fleet.roles}
    return [
        _described(role_id, role, scope, is_own=role.name in own)
        for role_id, role in request.world.access.roles.items()
    ]


def _list_definitions(request: Request) -> Answer:
    found, text = _definitions(request), request.call.query.get("$filter", "")
    match = re.fullmatch(r"(roleName|type) eq '([^']+)'", text, re.IGNORECASE)
    if text and match is None:
        raise ArmError(400, "InvalidFilterInQueryString", f"The filter '{text}' in the query string is invalid.")
    if match is not None:
        name = "roleName" if match[1].lower() == "rolename" else "type"
        found = [one for one in found if one["properties"][name].lower() == match[2].lower()]
    return page(found)


def _get_definition(request: Request) -> Answer:
    for one in _definitions(request):
        if one["name"].lower() == request.name.lower():
            return Answer(200, one)
    text = f"The specified role definition with ID '{request.name}' does not exist."
    raise ArmError(404, "RoleDefinitionDoesNotExist", text)


_FORM = Form(
    {
        "roleDefinitionId": TEXT,
        "principalId": TEXT,
        "principalType": Choice(("User", "Group", "ServicePrincipal", "ForeignGroup", "Device")),
        "description": TEXT,
        "condition": TEXT,
        "conditionVersion": TEXT,
    },
    required=("properties.roleDefinitionId", "properties.principalId"),
    defaults={"principalType": "User"},
)
_ASSIGNMENTS = _Assignments(
    KIND,
    _VERSIONS,
    _FORM,
    facts=_shown,
    statuses=(201, 201, 200),
    check=_check,
    stored=_stored,
    removed=_removed,
    listed=_list,
    gives_back=True,
)
PLAIN = (_ASSIGNMENTS,)
TYPES = (ResourceType(_DEFINITIONS, _VERSIONS, get=_get_definition, list=_list_definitions, locations=LOCATIONS),)
