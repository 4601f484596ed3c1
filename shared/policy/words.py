"""The small words of the policy file that several of its parts share."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict
from pydantic_core import PydanticCustomError

from shared.errors import MalformedEvent
from shared.scope import WANTED, parse_scope


class Frozen(BaseModel):
    """A part of the file: unknown keys are refused, nothing changes afterwards."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _scope_id(text: str) -> str:
    try:
        scope = parse_scope(text)
    except MalformedEvent as error:
        raise PydanticCustomError("scope", "{wanted}", {"wanted": WANTED}) from error
    if not scope:
        raise PydanticCustomError("scope", "{wanted}", {"wanted": WANTED})
    return scope


ScopeId = Annotated[str, AfterValidator(_scope_id)]
"""The ARM id of a management group, subscription, resource group or server, kept in lower case."""
