"""What is done about security alerts: which alert a playbook is for, and its responses in order.

The first playbook that matches answers, and no other: what is special stands before what is general.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from shared.alert import Alert
from shared.control import Parameters
from shared.policy.mode import Mode, least
from shared.policy.words import Frozen, ScopeId, TagName, one_case
from shared.scope import Place, covers

SAMPLE = "[sample alert]"


def _one_case(tags: Mapping[str, str]) -> Mapping[str, str]:
    one_case(tags)
    return tags


_Glob = Annotated[str, Field(min_length=1, max_length=200)]
_Severity = Literal["informational", "low", "medium", "high"]


class EntityMatch(Frozen):
    """Something that an alert is about."""

    kind: Annotated[str, Field(min_length=1, max_length=64)] = Field(
        description="Defender's word, in any case: ip, account, host, azureResource, ..."
    )
    name: _Glob = Field(default="*", description="Its address or name; `*` and `?` stand for any.")


class AlertMatch(Frozen):
    """Which alerts a playbook is for: all that is said must be so; of a list, one. Nothing said: every alert."""

    types: tuple[_Glob, ...] = Field(
        default=(), description="Alert types, in any case: SQL.PostgreSQL_BruteForce, *_BruteForce."
    )
    severities: tuple[_Severity, ...] = Field(default=(), description="Defender's severities.")
    titles: tuple[_Glob, ...] = Field(
        default=(), description='What the alert is called, in any case: "*successful*". Three alerts share BruteForce.'
    )
    entities: tuple[EntityMatch, ...] = Field(default=(), description="Alerts that name one of these.")
    scopes: tuple[ScopeId, ...] = Field(default=(), description="Only servers below these ARM ids; none: every server.")
    tags: Annotated[Mapping[TagName, str], AfterValidator(_one_case)] = Field(
        default={}, description="Only servers that have these tags with these values."
    )

    def fits(self, alert: Alert) -> bool:
        """Whether the alert is one of these, wherever its server is."""
        title = alert.title.lower().removeprefix(SAMPLE).strip()
        return (
            _any(self.types, alert.type)
            and (not self.severities or alert.severity in self.severities)
            and _any(self.titles, title)
            and (not self.entities or any(_is(one, alert) for one in self.entities))
        )

    def holds(self, place: Place) -> bool:
        """Whether the server is one of these."""
        return (not self.scopes or any(covers(scope, place) for scope in self.scopes)) and all(
            place.tag(name) == value for name, value in self.tags.items()
        )


@dataclass(frozen=True, slots=True)
class Step:
    """One response of a playbook. `hours` is for how long what it changes stands; 0: for good.

    `where` is the policy's line; `asked` is the mode that line asks for, where the playbook as a whole may do less.
    """

    response: str
    mode: Mode = Mode.NOTIFY
    hours: float = 0
    parameters: Parameters = field(default_factory=Parameters)
    where: str = ""
    asked: Mode | None = None


@dataclass(frozen=True, slots=True)
class Playbook:
    """One playbook. `shipped` says that it came with Holdfast."""

    name: str
    match: AlertMatch
    steps: tuple[Step, ...] = ()
    where: str = ""
    shipped: bool = False

    def at_most(self, mode: Mode) -> "Playbook":
        """The same, but no step does more than this."""
        steps = tuple(
            Step(one.response, least(one.mode, mode), one.hours, one.parameters, one.where, one.mode)
            for one in self.steps
        )
        return Playbook(self.name, self.match, steps, self.where, self.shipped)


def playbook_for(playbooks: tuple[Playbook, ...], alert: Alert, place: Place) -> Playbook | None:
    """The first one that is for this alert on this server."""
    return next((one for one in playbooks if one.match.fits(alert) and one.match.holds(place)), None)


def _any(globs: tuple[str, ...], text: str) -> bool:
    return not globs or any(_like(glob, text) for glob in globs)


def _like(glob: str, text: str) -> bool:
    # Brackets are letters here: titles have them.
    return fnmatchcase(text.lower(), glob.lower().replace("[", "[[]"))


def _is(entity: EntityMatch, alert: Alert) -> bool:
    return any(_like(entity.name, name) for name in alert.named(entity.kind.lower()))


def tags_of(playbooks: tuple[Playbook, ...]) -> Iterator[str]:
    """The names of the tags that they speak of."""
    for one in playbooks:
        yield from one.match.tags


def scopes_of(playbooks: tuple[Playbook, ...]) -> Iterator[str]:
    """The scopes that they speak of."""
    for one in playbooks:
        yield from one.match.scopes
