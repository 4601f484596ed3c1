"""What the owner of the servers wants. Frozen; unknown keys are refused; the defaults observe and change nothing."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from shared.control import Control, Disposition, Parameters, Severity
from shared.errors import MalformedEvent
from shared.journal import NoticeKind
from shared.target import PROVIDER, parse_target


class Mode(StrEnum):
    """What Holdfast may do about a drift, from nothing to everything."""

    OFF = "off"
    AUDIT = "audit"
    NOTIFY = "notify"
    APPROVE = "approve"
    ENFORCE = "enforce"

    @property
    def rank(self) -> int:
        """Position on the scale."""
        return _RANKS[self]


_RANKS = {mode: rank for rank, mode in enumerate(Mode)}


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ControlPolicy(_Frozen):
    """One control's line in the policy. What it leaves out comes from the policy's own defaults."""

    mode: Mode | None = None
    first_sight: Mode | None = None
    parameters: Parameters | None = None


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


def _scope(text: str) -> str:
    """Check by completing it to a server's id: what Azure would not take as a part of one is no scope."""
    parts = text.rstrip("/").split("/")
    if len(parts) not in (3, 5, 9):
        raise PydanticCustomError("scope", _SCOPE)
    try:
        parse_target("/".join([*parts, *_SOME_SERVER[len(parts) :]]))
    except MalformedEvent as error:
        raise PydanticCustomError("scope", _SCOPE) from error
    return "/".join(parts).lower()


def _unknown_word(words: Iterable[str]) -> PydanticCustomError:
    return PydanticCustomError("enum", "one of {expected}", {"expected": ", ".join(map(repr, words))})


_SOME_SERVER = ("", "subscriptions", "", "resourceGroups", "any", "providers", PROVIDER, "flexibleServers", "any")
_SCOPE = (
    "a subscription, resource group or server: "
    "/subscriptions/GUID[/resourceGroups/NAME[/providers/Microsoft.DBforPostgreSQL/flexibleServers/NAME]]"
)


class Route(_Frozen):
    """A way to reach people: an Apprise URL, kept in an application setting since it holds a secret.

    It takes notices of at least `minimum_severity`, of the `kinds` (empty: all), about servers below one of the
    `scopes` (ARM ids, lower case; empty: all).
    """

    name: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[a-z0-9][a-z0-9-]*$")]
    url_setting: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]
    minimum_severity: Annotated[Severity, BeforeValidator(_severity)] = Severity.LOW
    kinds: tuple[Annotated[NoticeKind, BeforeValidator(_notice_kind)], ...] = ()
    scopes: tuple[Annotated[str, AfterValidator(_scope)], ...] = ()


class Policy(_Frozen):
    """The whole policy. `mode` holds for every control without a line of its own."""

    version: Literal[1] = 1
    mode: Mode = Mode.AUDIT
    first_sight: Mode | None = None
    controls: Mapping[str, ControlPolicy] = Field(default_factory=dict)
    routes: tuple[Route, ...] = ()

    def rule(self, control: Control) -> "Rule":
        """What this policy says about one control.

        A line that names the control decides alone. A default is held back by the catalogue: where the catalogue
        asks for a person, a default of `enforce` asks for a person too.
        """
        own = self.controls.get(control.id, ControlPolicy())
        return Rule(
            fresh=own.mode or _capped(self.mode, control.fresh),
            first_sight=own.first_sight
            or min(
                _capped(self.first_sight or self.mode, control.first_sight),
                own.mode or Mode.ENFORCE,
                key=lambda mode: mode.rank,
            ),
            parameters=own.parameters or control.parameters(),
            named=own.mode is not None,
        )


class Rule(_Frozen):
    """The policy about one control: modes for a fresh drift and for a drift found at first sight."""

    fresh: Mode
    first_sight: Mode
    parameters: Parameters
    named: bool


_CAP = {
    Disposition.AUTO: Mode.ENFORCE,
    Disposition.APPROVAL: Mode.APPROVE,
    Disposition.NOTIFY: Mode.NOTIFY,
}


def _capped(mode: Mode, disposition: Disposition) -> Mode:
    return min(mode, _CAP[disposition], key=lambda candidate: candidate.rank)
