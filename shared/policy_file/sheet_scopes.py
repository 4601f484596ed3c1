"""The shape of scopes and environments in the file."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from shared.errors import MalformedEvent
from shared.policy.scopes import Tags
from shared.policy.words import Frozen, Name, Some, TagName, one_case, wanted
from shared.scope import MANAGEMENT_GROUP, parse_scope


def _below(before: str, parts: int, right: str) -> AfterValidator:
    """A scope of this many parts; what does not begin with a slash is completed by what stands before it."""

    def check(text: str) -> str:
        try:
            scope = parse_scope(text if text.startswith("/") else before + text)
        except MalformedEvent as error:
            raise wanted(right) from error
        if scope.startswith(MANAGEMENT_GROUP) != (before == MANAGEMENT_GROUP) or scope.count("/") != parts:
            raise wanted(right)
        return scope

    return AfterValidator(check)


_GROUP = "/subscriptions/GUID/resourceGroups/NAME"
_ManagementGroup = Annotated[str, _below(MANAGEMENT_GROUP, 4, "the id of a management group: its name, not its title")]
_Subscription = Annotated[str, _below("/subscriptions/", 2, "the id of a subscription, a GUID")]
_ResourceGroup = Annotated[str, _below("", 4, f"the ARM id of a resource group: {_GROUP}")]
_Server = Annotated[
    str, _below("", 8, f"the ARM id of a server: {_GROUP}/providers/Microsoft.DBforPostgreSQL/flexibleServers/NAME")
]


def _listed(value: object) -> object:
    return value if isinstance(value, list | tuple | dict) else (value,)


_Values = Annotated[
    tuple[str, ...],
    BeforeValidator(_listed),
    Some,
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}),
]


def _selector(tags: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
    if not tags:
        raise wanted("at least one tag: {env: production}, or {env: [production, prod]}")
    one_case(tags)
    return tags


Selector = Annotated[Mapping[TagName, _Values], AfterValidator(_selector)]
"""Tags that a server must have, each with its value or one of several."""


def selected(tags: Mapping[str, tuple[str, ...]]) -> Tags:
    """The selector, ready for use."""
    return {name.lower(): frozenset(values) for name, values in tags.items()}


class EnvironmentSheet(Frozen):
    """An environment: the servers that have these tags."""

    tags: Selector = Field(description="Tags that a server must have, each with its value or one of several.")


class MatchSheet(Frozen):
    """Which servers a scope is about: exactly one of these."""

    management_group: _ManagementGroup | None = Field(
        default=None, description="Id (not display name) of a management group."
    )
    subscription: _Subscription | None = Field(default=None, description="Id of a subscription, a GUID.")
    resource_group: _ResourceGroup | None = Field(default=None, description=f"ARM id of a resource group: {_GROUP}.")
    server: _Server | None = Field(default=None, description="ARM id of a server.")
    tags: Selector | None = Field(default=None, description="Tags, each with its value or one of several.")
    environment: Name | None = Field(default=None, description="The name of one of the `environments`.")

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        given = self.model_fields_set
        if len(given) != 1:
            found = " and ".join(sorted(given)) or "nothing"
            raise ValueError(f"found {found}; right is exactly one of {', '.join(MatchSheet.model_fields)}")
        return self

    @property
    def scope(self) -> str:
        """The ARM id below which the scope holds, or nothing where tags decide."""
        return self.management_group or self.subscription or self.resource_group or self.server or ""
