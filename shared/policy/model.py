"""What the owner of the servers wants, ready for use. Frozen; the defaults observe and change nothing."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial

from shared.control import Control, Parameters
from shared.orders import Exemption
from shared.policy.layer import ControlPolicy, Key, Layer
from shared.policy.mode import Mode
from shared.policy.playbooks import Playbook, scopes_of, tags_of
from shared.policy.routes import Route
from shared.policy.rule import Rule, make_rule
from shared.policy.scopes import Scope, ScopeIndex
from shared.policy.sections import (
    Approvals,
    BlastRadius,
    Breaker,
    BreakGlass,
    DatabaseAccess,
    Exempting,
    FailoverRules,
    Flapping,
    Retention,
)
from shared.policy.spot import Spot
from shared.policy.trust import Trusted
from shared.scope import MANAGEMENT_GROUP, Place, covers
from shared.target import Target


@dataclass(frozen=True, eq=False)
class Policy:
    """The whole policy. `mode` holds for every control that no line and no scope says more about.

    `operators` are the ids of people and groups who may undo, hold and exempt from the web page; empty: nobody.
    `default_playbooks` is the most that the playbooks which come with Holdfast may do; they stand after `playbooks`.
    """

    version: int = 1
    mode: Mode = Mode.AUDIT
    first_sight: Mode | None = None
    controls: Mapping[str, ControlPolicy] = field(default_factory=dict)
    scopes: tuple[Scope, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
    exempting: Exempting = field(default_factory=Exempting)
    breaker: Breaker = field(default_factory=Breaker)
    flapping: Flapping = field(default_factory=Flapping)
    blast_radius: BlastRadius = field(default_factory=BlastRadius)
    retention: Retention = field(default_factory=Retention)
    approvals: Approvals = field(default_factory=Approvals)
    failover: FailoverRules = field(default_factory=FailoverRules)
    operators: tuple[str, ...] = ()
    trusted: tuple[Trusted, ...] = ()
    break_glass: BreakGlass | None = None
    routes: tuple[Route, ...] = ()
    playbooks: tuple[Playbook, ...] = ()
    default_playbooks: Mode = Mode.NOTIFY
    databases: tuple[DatabaseAccess, ...] = ()
    lines: Mapping[Key, Spot] = field(default_factory=dict)

    def rule(self, control: Control, place: Place) -> Rule:
        """What this policy says about one control at one place."""
        return self.rules(place)(control)

    def rules(self, place: Place) -> Callable[[Control], Rule]:
        """What this policy says at one place about any control: for who asks about many, the scopes are found once."""
        return partial(self._rule, levels=self._index.levels(place))

    def standing_at(self, place: Place) -> tuple[int, ...]:
        """What tells the places apart at which this policy says different things; of no meaning to another policy."""
        return tuple(map(id, self.scopes_at(place)))

    def general_rule(self, control: Control) -> Rule:
        """What holds where no scope matches."""
        return self._rule(control, ())

    def scopes_at(self, place: Place) -> tuple[Scope, ...]:
        """The scopes that hold at this place, from general to specific."""
        return tuple(scope for level in self._index.levels(place) for scope in level)

    def database_access(self, target: Target) -> DatabaseAccess | None:
        """As whom Holdfast looks into this server's databases: the line nearest to it; None: it does not."""
        place = Place(target)
        near = [one for one in self.databases if covers(one.scope, place)]
        return max(near, key=lambda one: len(one.scope), default=None)

    def possible(self, control: Control) -> bool:
        """Whether the control is anything but off somewhere: known before a server's tags are."""
        if control.id not in self._possible:
            self._possible[control.id] = any(mode is not Mode.OFF for mode in self._modes(control))
        return self._possible[control.id]

    def modes(self, control: Control) -> frozenset[Mode]:
        """Every mode that the control can have, wherever a server lies and whatever its tags are."""
        return frozenset(self._modes(control))

    def told(self, control: Control) -> tuple[Parameters, ...]:
        """What any line tells the control: known before a server's tags are."""
        levels = (self.controls, *(scope.controls for scope in self.scopes))
        lines = (level.get(control.id) for level in levels)
        return tuple(line.parameters for line in lines if line is not None and line.parameters is not None)

    def _modes(self, control: Control) -> Iterator[Mode]:
        general = self.general_rule(control)
        yield from (general.fresh, general.first_sight)
        for scope in self.scopes:
            if control.id in scope.controls or not control.optional:
                rule = self._rule(control, ((scope,),))
                yield from (rule.fresh, rule.first_sight)

    @cached_property
    def tag_names(self) -> frozenset[str]:
        """The names of all tags that the policy speaks of, lower case."""
        return frozenset(name.lower() for name in self._tags())

    @property
    def needs_tags(self) -> bool:
        """Whether a server's tags bear on anything."""
        return bool(self.tag_names)

    @cached_property
    def needs_management_groups(self) -> bool:
        """Whether it bears on anything below which management groups a server lies."""
        return any(scope.startswith(MANAGEMENT_GROUP) for scope in self._scope_ids())

    def _rule(self, control: Control, levels: tuple[tuple[Scope, ...], ...]) -> Rule:
        # Few sets of scopes exist, and a rule is asked for on every look at every server.
        key = (control.id, tuple(map(id, (scope for level in levels for scope in level))))
        if key not in self._rules:
            self._rules[key] = make_rule(control, ((self._base,), *levels))
        return self._rules[key]

    @cached_property
    def _base(self) -> Layer:
        return Layer(self.mode, self.first_sight, self.controls, self.lines)

    @cached_property
    def _index(self) -> ScopeIndex:
        return ScopeIndex(self.scopes)

    @cached_property
    def _possible(self) -> dict[str, bool]:
        return {}

    @cached_property
    def _rules(self) -> dict[tuple[str, tuple[int, ...]], Rule]:
        return {}

    def _tags(self) -> Iterator[str]:
        for scope in self.scopes:
            yield from scope.tags
        for exemption in self.exemptions:
            yield from exemption.tags
        for route in self.routes:
            yield from route.tags
        yield from (trusted.ticket_tag for trusted in self.trusted if trusted.ticket_tag)
        if self.break_glass is not None:
            yield self.break_glass.tag
        yield from tags_of(self.playbooks)

    def _scope_ids(self) -> Iterator[str]:
        yield from (scope.scope for scope in self.scopes)
        yield from (exemption.scope for exemption in self.exemptions)
        for trusted in self.trusted:
            yield from trusted.scopes
        for route in self.routes:
            yield from route.scopes
        yield from scopes_of(self.playbooks)
