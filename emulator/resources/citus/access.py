"""Who may reach a Citus cluster: its firewall rules and its roles."""

from emulator.arm.registry import Request
from emulator.arm.store import Resource
from emulator.body import Body, dig
from emulator.errors import invalid_value
from emulator.resources.addresses import read_range
from emulator.resources.answers import item
from emulator.resources.children import Child, Operations
from emulator.resources.citus.kind import CITUS, PREVIEW, VERSIONS

_UPDATING = Operations("Updating", "Updating", "Updating")
_PRINCIPALS = ("user", "servicePrincipal", "group")


def _range(request: Request, _: Resource) -> Body:
    return {"properties": read_range(request)}


def _role(request: Request, _: Resource) -> Body:
    """A password makes a role of the database; with the preview, an identity makes one of Microsoft Entra."""
    identity = dig(request.body, "properties.externalIdentity")
    if request.call.api_version == PREVIEW and isinstance(identity, dict):
        return {"properties": {"roleType": _role_type(request), "externalIdentity": _identity(request, identity)}}
    if not dig(request.body, "properties.password"):
        raise invalid_value("password")
    return {"properties": {"roleType": "user"}}


def _role_type(request: Request) -> str:
    kind = dig(request.body, "properties.roleType") or "user"
    if kind not in ("user", "admin"):
        raise invalid_value("roleType")
    return str(kind)


def _identity(request: Request, given: Body) -> Body:
    if not given.get("objectId") or given.get("principalType") not in _PRINCIPALS:
        raise invalid_value("externalIdentity")
    tenant = given.get("tenantId") or request.world.fleet.tenant_id
    return {"objectId": given["objectId"], "principalType": given["principalType"], "tenantId": tenant}


def _show(request: Request, one: Resource) -> Body:
    running = request.world.operations.running(one.id.rsplit("/", 2)[0])
    shown = item(one)
    shown["properties"]["provisioningState"] = "InProgress" if running else "Succeeded"
    return shown


def _show_role(request: Request, one: Resource) -> Body:
    shown = _show(request, one)
    if request.call.api_version != PREVIEW:  # recorded: nothing but the state
        shown["properties"] = {"provisioningState": shown["properties"]["provisioningState"]}
    return shown


TYPES = (
    Child(CITUS, "firewallRules", VERSIONS, _UPDATING, _range, show=_show, answers_items=True).type(),
    Child(CITUS, "roles", VERSIONS, _UPDATING, _role, show=_show_role, answers_items=True).type(),
)
