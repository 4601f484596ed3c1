"""The small words of the policy file that several of its parts share."""

from collections.abc import Mapping, Sized
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from shared.errors import MalformedEvent
from shared.scope import MANAGEMENT_GROUP, WANTED, parse_scope


class Frozen(BaseModel):
    """A part of the file: unknown keys are refused, nothing changes afterwards."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)


def wanted(text: str) -> PydanticCustomError:
    """The error about a value of which only can be said what would be right."""
    return PydanticCustomError("wanted", "{wanted}", {"wanted": text})


def _scope_id(text: str) -> str:
    try:
        scope = parse_scope(text)
    except MalformedEvent as error:
        raise wanted(WANTED) from error
    if not scope:
        raise wanted(WANTED)
    return scope


ScopeId = Annotated[str, AfterValidator(_scope_id)]
"""The ARM id of a management group, subscription, resource group or server, kept in lower case."""


def _below_a_subscription(scope: str) -> str:
    if scope.startswith(MANAGEMENT_GROUP):
        raise wanted(
            "a subscription, resource group or server: /subscriptions/GUID[/resourceGroups/NAME[/providers/...]]"
        )
    return scope


ServerScopeId = Annotated[ScopeId, AfterValidator(_below_a_subscription)]
"""The same without management groups: what it covers is known without asking Azure."""


def _some[T: Sized](parts: T) -> T:
    if not parts:
        raise wanted("at least one")
    return parts


Some = AfterValidator(_some)
"""A list or mapping that may not be empty. (pydantic's own check also speaks when what is in the list is wrong.)"""

Name = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[a-z0-9][a-z0-9-]*$")]
"""What the policy itself calls something: lower-case letters, digits and dashes."""

TagName = Annotated[str, Field(min_length=1, max_length=512)]
"""The name of a tag; Azure does not mind its case."""


def one_case(tags: Mapping[str, object]) -> None:
    """Refuse tags that differ only in the case of their names: to Azure they are one. Raises ValueError."""
    seen: dict[str, str] = {}
    for name in tags:
        if name.lower() in seen:
            raise ValueError(f"the tags {seen[name.lower()]!r} and {name!r} are one to Azure; write it once")
        seen[name.lower()] = name
