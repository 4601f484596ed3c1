"""Ways to reach people, as the policy names them."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from shared.control import Severity
from shared.journal import NoticeKind
from shared.policy.words import Frozen, Name, ScopeId, TagName, one_case

SEVERITIES = {str(severity): severity for severity in Severity}
NOTICE_KINDS = {kind.value.removeprefix("Holdfast."): kind for kind in NoticeKind}


def _severity(word: object) -> Severity:
    if isinstance(word, Severity):
        return word
    if str(word) not in SEVERITIES:
        raise _unknown_word(SEVERITIES)
    return SEVERITIES[str(word)]


def _notice_kind(word: object) -> NoticeKind:
    short = str(word).removeprefix("Holdfast.")
    if short not in NOTICE_KINDS:
        raise _unknown_word(NOTICE_KINDS)
    return NOTICE_KINDS[short]


def _unknown_word(words: Iterable[str]) -> PydanticCustomError:
    return PydanticCustomError("enum", "one of {expected}", {"expected": ", ".join(map(repr, words))})


_MinimumSeverity = Annotated[Severity, BeforeValidator(_severity), WithJsonSchema({"enum": list(SEVERITIES)})]
_Kind = Annotated[
    NoticeKind,
    BeforeValidator(_notice_kind),
    WithJsonSchema({"enum": [*NOTICE_KINDS, *(kind.value for kind in NoticeKind)]}),
]
_Domain = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$"), AfterValidator(str.lower)]


class Route(Frozen):
    """A way to reach people: an Apprise URL, kept in an application setting since it holds a secret, and a filter."""

    name: Name = Field(description="What records call it; each route its own.")
    url_setting: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")] = Field(
        description="The application setting that holds the Apprise URL. The URL itself never stands in this file."
    )
    minimum_severity: _MinimumSeverity = Field(default=Severity.LOW, description="Only notices at least as severe.")
    kinds: tuple[_Kind, ...] = Field(default=(), description="Only notices of these kinds; none: all kinds.")
    scopes: tuple[ScopeId, ...] = Field(
        default=(), description="Only about servers below these ARM ids; none: every server."
    )
    tags: Mapping[TagName, str] = Field(
        default={}, description="Only about servers that have these tags with these values."
    )
    to_actor: bool = Field(
        default=False, description="`{address}` in the URL becomes the mail address of whoever made the change."
    )
    to_owner: bool = Field(
        default=False,
        description="`{address}` in the URL becomes the mail address of whoever answers for what is reported.",
    )
    domains: tuple[_Domain, ...] = Field(default=(), description="The mail domains that `{address}` may lie in.")
    escalation: bool = Field(default=False, description="Only approvals that nobody answered in time, and holds.")

    @model_validator(mode="after")
    def _addresses_somebody(self) -> Self:
        one_case(self.tags)
        if self.to_actor and self.to_owner:
            raise ValueError(f"the route {self.name} goes to the actor and to the owner; make two routes of it")
        if (self.to_actor or self.to_owner) and not self.domains:
            raise ValueError(f"the route {self.name} needs `domains`: the mail domains it may write to")
        return self
