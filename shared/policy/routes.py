"""Ways to reach people, as the policy names them."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from shared.control import Severity
from shared.journal import NoticeKind
from shared.policy.words import Frozen, ScopeId

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


_Domain = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$"), AfterValidator(str.lower)]


class Route(Frozen):
    """A way to reach people: an Apprise URL, kept in an application setting since it holds a secret.

    It takes notices of at least `minimum_severity`, of the `kinds` (empty: all), about servers below one of the
    `scopes` (ARM ids, lower case; empty: all) that have these `tags`. With `to_actor` or `to_owner` the URL contains
    `{address}`, which becomes the mail address of who made the change, or of who answers for the server, if it is one
    of `domains`. An `escalation` route takes only what nobody answered in time, and holds.
    """

    name: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[a-z0-9][a-z0-9-]*$")]
    url_setting: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]
    minimum_severity: Annotated[Severity, BeforeValidator(_severity)] = Severity.LOW
    kinds: tuple[Annotated[NoticeKind, BeforeValidator(_notice_kind)], ...] = ()
    scopes: tuple[ScopeId, ...] = ()
    tags: Mapping[str, str] = Field(default_factory=dict)
    to_actor: bool = False
    to_owner: bool = False
    domains: tuple[_Domain, ...] = ()
    escalation: bool = False

    @model_validator(mode="after")
    def _addresses_somebody(self) -> Self:
        if self.to_actor and self.to_owner:
            raise ValueError(f"the route {self.name} goes to the actor and to the owner; make two routes of it")
        if (self.to_actor or self.to_owner) and not self.domains:
            raise ValueError(f"the route {self.name} needs `domains`: the mail domains it may write to")
        return self
