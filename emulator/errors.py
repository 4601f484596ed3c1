"""The errors ARM answers with: status, code and the service's own words.

Texts come from recorded traffic and Microsoft's documentation; where neither had one, the line says "not verified".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass
class ArmError(Exception):
    """A refusal that becomes an answer {"error": {"code", "message"}}."""

    status: int
    code: str
    message: str
    headers: Mapping[str, str] = field(default_factory=dict)
    details: tuple[tuple[str, str], ...] = ()  # further codes and messages
    is_bare: bool = False  # code and message stand at the top of the answer, as some providers have it


class DroppedConnection(Exception):
    """A fault: the connection ends without an answer."""


def not_found(resource_type: str, name: str, group: str) -> ArmError:
    """A resource that ARM itself tracks is not there."""
    text = (
        f"The Resource '{resource_type}/{name}' under resource group '{group}' was not found. "
        "For more details please go to https://aka.ms/ARMResourceNotFoundFix"
    )
    return ArmError(404, "ResourceNotFound", text)


def child_not_found(resource_type: str, name: str) -> ArmError:
    """A child that only the resource provider knows is not there."""
    text = f"The requested resource of type '{resource_type}' with name '{name}' was not found."
    return ArmError(404, "ResourceNotFound", text)


def parent_not_found(verb: str, resource_type: str, parent: str) -> ArmError:
    """The server that a child should hang on is not there."""
    short = resource_type.split("/", 1)[1]
    text = (
        f"Failed to perform '{verb}' on resource(s) of type '{short}', "
        f"because the parent resource '{parent}' could not be found."
    )
    return ArmError(404, "ParentResourceNotFound", text)


def group_not_found(name: str) -> ArmError:
    """No such resource group."""
    return ArmError(404, "ResourceGroupNotFound", f"Resource group '{name}' could not be found.")


def subscription_not_found(name: str) -> ArmError:
    """No such subscription."""
    return ArmError(404, "SubscriptionNotFound", f"The subscription '{name}' could not be found.")


def not_emulated(what: str) -> ArmError:
    """Azure may well have it, this emulator does not: said aloud instead of a made-up answer."""
    return ArmError(501, "NotEmulated", f"The emulator does not serve {what}.")


def server_is_busy(name: str) -> ArmError:
    """Another operation runs on the server; status 409 as for other conflicts, the pair is not verified."""
    return ArmError(409, "ServerIsBusy", f"Server '{name}' is busy with other operations. Please try again later")


def invalid_value(parameter: str) -> ArmError:
    """A property has a value that the service does not know."""
    text = f"Invalid value given for parameter '{parameter}'. Specify a valid parameter value."
    return ArmError(400, "InvalidParameterValue", text)


def bad_content(why: str) -> ArmError:
    """The body is not what the operation takes."""
    return ArmError(
        400, "InvalidRequestContent", f"The request content was invalid and could not be deserialized: '{why}'."
    )
