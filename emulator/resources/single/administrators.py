"""The one Microsoft Entra administrator of a single server. Its `type` is really answered as written here."""

from emulator.arm.operations import Polls
from emulator.arm.registry import Request
from emulator.arm.store import Resource
from emulator.body import Body, dig
from emulator.errors import invalid_value
from emulator.resources.answers import item
from emulator.resources.children import Child, Operations
from emulator.resources.single.kind import SINGLE, VERSIONS

_POLLS = Polls(status="administratorAzureAsyncOperation", result="administratorOperationResults", in_group=True)
_MEMBERS = ("login", "sid", "tenantId")


def _read(request: Request, _: Resource) -> Body:
    properties: Body = {"administratorType": "ActiveDirectory"}
    if dig(request.body, "properties.administratorType") != "ActiveDirectory":
        raise invalid_value("administratorType")
    for name in _MEMBERS:
        value = dig(request.body, f"properties.{name}")
        if not isinstance(value, str) or not value:
            raise invalid_value(name)
        properties[name] = value
    return {"properties": properties}


def _show(_: Request, one: Resource) -> Body:
    return item(one) | {"type": "PostgreSQL.Server.PAL"}


TYPES = (
    Child(
        SINGLE,
        "administrators",
        VERSIONS,
        Operations(
            "CreateActiveDirectoryAdministrator",
            "UpdateActiveDirectoryAdministrator",
            "DropActiveDirectoryAdministrator",
            _POLLS,
        ),
        _read,
        show=_show,
        only="activeDirectory",
    ).type(),
)
