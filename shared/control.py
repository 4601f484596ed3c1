"""What a control is: a name card, and two pure functions that judge and propose.

A remediator is handed state and gives back data. It reaches nothing, so it can be tested with nothing, and the check
that finds the drift is, by construction, the check that proves it gone.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum, StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

from shared.state import Facet, Setting, State, Value
from shared.target import PROVIDER, Kind

RESPONSE = "respond-"
"""How the ids of what answers security alerts begin."""


def is_response(control: str) -> bool:
    """Whether the id is that of a response to a security alert, not of a control."""
    return control.startswith(RESPONSE)


class Severity(IntEnum):
    """How bad it is while the control does not hold."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    def __str__(self) -> str:
        return self.name.lower()


class Disposition(StrEnum):
    """What the catalogue says may be done about a drift, before the owner's policy speaks."""

    AUTO = "auto"
    APPROVAL = "approval"
    NOTIFY = "notify"


class Revert(StrEnum):
    """What it takes to mend a drift of the control, by Azure's own limits."""

    IN_PLACE = "in place"
    RESTART = "in place, with a restart"
    RISKY = "in place, risky"
    CREATE_TIME = "when the server is created only"
    PERSON = "by a person"


class Parameters(BaseModel):
    """A control's parameters in the policy; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True, slots=True)
class Needs:
    """What a control needs on one kind of server: reads, the operations that can break it, permissions of its fix.

    `revert` is set where a drift is mended otherwise than on other kinds, and then `risk` is what that fix can do.
    """

    facets: tuple[Facet, ...]
    operations: frozenset[str]
    permissions: frozenset[str]
    revert: Revert | None = None
    risk: "Risk | None" = None


@dataclass(frozen=True, slots=True)
class Control:
    """The name card of one sentence that must hold.

    `operations` are the ARM operations, below the server's type and lower case, that can break it
    (`firewallrules/write`; the server's own write is `write`). `fresh` says what may be done when a write broke a
    control that held; `first_sight` when no earlier good value is known. `permissions` are the exact ARM actions its
    fix needs, below the server's type; one that belongs to another provider is written whole
    (`Microsoft.Authorization/locks/write`); `rights` are what it needs inside the database. `variants` says where a
    kind of server needs something else. `risk` is what the fix can do to people beyond what its changes show by
    themselves. An `optional` control is off until the policy names it. `reads` says which further facets its parameters
    in the policy ask for. `unobserved` says why Holdfast
    cannot see by itself whether it holds. `frameworks` are ids of standards beyond those of `shared.standards`.
    """

    id: str
    title: str
    domain: str
    severity: Severity
    facets: tuple[Facet, ...]
    operations: frozenset[str]
    permissions: frozenset[str]
    fresh: Disposition = Disposition.AUTO
    first_sight: Disposition = Disposition.APPROVAL
    revert: Revert = Revert.IN_PLACE
    kinds: frozenset[Kind] = frozenset({Kind.FLEXIBLE})
    parameters: type[Parameters] = Parameters
    frameworks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    variants: Mapping[Kind, Needs] = field(default_factory=dict)
    risk: "Risk | None" = None
    optional: bool = False
    unobserved: str = ""
    rights: frozenset[str] = frozenset()
    reads: Callable[[Kind, Any], tuple[Facet, ...]] | None = None

    def actions(self, kind: Kind) -> frozenset[str]:
        """The ARM actions that its fix needs on this kind of server, whole."""
        needed = self.on(kind).permissions
        return frozenset(one if "." in one else f"{PROVIDER}/{kind.type_name}/{one}" for one in needed)

    def on(self, kind: Kind, *given: Any) -> "Control":
        """The same card as it reads for this kind of server, and with these parameters from the policy."""
        needs = self.variants.get(kind, Needs(self.facets, self.operations, self.permissions))
        if kind not in self.variants and self.reads is None:
            return self
        more = () if self.reads is None else (facet for one in given for facet in self.reads(kind, one))
        return replace(
            self,
            facets=tuple(dict.fromkeys((*needs.facets, *more))),
            operations=needs.operations,
            permissions=needs.permissions,
            revert=needs.revert or self.revert,
            risk=needs.risk if needs.revert else self.risk,
            variants={},
        )


@dataclass(frozen=True, slots=True)
class Drift:
    """A control that does not hold, for one setting.

    `wanted` is the value the policy asks for (None: the setting must not exist). `parts` are the settings that make
    up the finding where it is about several. `person` is set where no write can mend it: it says what a person does.
    """

    control: str
    setting: Setting
    found: Value
    wanted: Value
    why: str
    parts: tuple[Setting, ...] = ()
    person: str = ""

    @property
    def key(self) -> str:
        """Under which name the drift is remembered: `control|setting`."""
        return f"{self.control}|{self.setting}"

    @property
    def settings(self) -> tuple[Setting, ...]:
        """Every setting the finding is about."""
        return self.parts or (self.setting,)


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """The control says nothing about this server; `reason` says why."""

    reason: str


type Finding = tuple[Drift, ...] | NotApplicable
"""What `detect` answers: drifts (none means that the control holds), or why it does not apply."""


class Source(StrEnum):
    """Where a wanted value comes from."""

    LAST_GOOD = "last known good"
    POLICY = "policy"
    PERSON = "a person's wish"
    ALERT = "the answer to a security alert"
    ORIGINAL = "the server it was copied from"
    LIFTED = "what stood there before the alert"


class Risk(StrEnum):
    """What a change can do to the people who use the server."""

    SAFE = "safe"
    MAY_CUT_CLIENTS = "may-cut-clients"
    ENDS_RECORDING = "ends-recording"
    CUTS_ONLY_DOOR = "cuts-only-door"
    NEEDS_RESTART = "needs-restart"
    WIDENS_ACCESS = "widens-access"
    IRREVERSIBLE = "irreversible"


@dataclass(frozen=True, slots=True)
class Change:
    """One step of a plan: this setting, from this value, to that value; not without the changes of `needs`."""

    setting: Setting
    before: Value
    after: Value
    source: Source
    risk: Risk = Risk.SAFE
    needs: tuple[Setting, ...] = ()

    @property
    def key(self) -> str:
        """Stands for exactly this change: equal for equal ones, whatever order a mapping's members have."""
        values = (sorted(value.items()) if isinstance(value, Mapping) else value for value in (self.before, self.after))
        text = repr((str(self.setting), *values, self.source.value, self.risk.value))
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    def undo(self) -> "Change":
        """The step that takes this one back."""
        return Change(self.setting, self.after, self.before, self.source, self.risk)


@dataclass(frozen=True, slots=True)
class Refusal:
    """There is no write that would mend the drift; `reason` says why and what a person can do."""

    reason: str


@dataclass(frozen=True, slots=True)
class LastGood:
    """The values of settings when no control objected to them.

    `seen` are the facets that have been judged at least once: a setting of such a facet that is in neither `values`
    nor `standing` is known not to have existed; a property of the server does not come and go, so of that one nothing
    is known. `standing` are settings that were already drifting at first sight.
    """

    values: Mapping[Setting, Value] = field(default_factory=dict)
    seen: frozenset[Facet] = frozenset()
    standing: frozenset[Setting] = frozenset()

    def knows(self, setting: Setting) -> bool:
        """Whether an earlier good value (absence included) is known."""
        if setting.on_server:
            return setting in self.values
        return setting in self.values or (setting.facet in self.seen and setting not in self.standing)

    def value(self, setting: Setting) -> Value:
        """The earlier good value; None means that it did not exist. Only meaningful where `knows`."""
        return self.values.get(setting)

    def changed_since(self, setting: Setting, found: Value) -> bool:
        """Whether `found` is a departure from a known good value (a fresh drift)."""
        return self.knows(setting) and self.value(setting) != found


@dataclass(frozen=True, slots=True)
class Case:
    """What a remediator is given to propose a fix: the state, its own drifts, what was good before."""

    state: State
    drifts: tuple[Drift, ...]
    last_good: LastGood
    parameters: Any


type Proposal = tuple[Change, ...] | Refusal


def put_back(case: Case) -> Proposal:
    """Propose the policy's value for each drifting setting: right wherever a setting stands for itself."""
    mended = [drift for drift in case.drifts if not drift.person]
    if not mended:
        return Refusal(case.drifts[0].person)
    return tuple(Change(drift.setting, drift.found, drift.wanted, Source.POLICY) for drift in mended)


@dataclass(frozen=True, slots=True)
class Remediator:
    """A control with its judgement. `plan` proposes; shared.plan prefers the last known good value where allowed."""

    control: Control
    detect: Callable[[State, Any], Finding]
    plan: Callable[[Case], Proposal] = put_back

    def on(self, kind: Kind, *given: Any) -> "Remediator":
        """The same with its card as it reads for this kind of server, and with these parameters from the policy."""
        card = self.control.on(kind, *given)
        return self if card is self.control else replace(self, control=card)


type Catalogue = Mapping[str, Remediator]
"""All remediators by control id."""
