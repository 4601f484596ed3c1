"""The shape of the policy file, key by key. The JSON Schema for editors is made of it."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, SerializeAsAny

from shared.control import Parameters
from shared.policy.layer import ControlPolicy, Delay
from shared.policy.mode import Mode
from shared.policy.routes import Route
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
from shared.policy.trust import Trusted
from shared.policy.words import Frozen, Name
from shared.policy_file.names import Names
from shared.policy_file.sheet_exemptions import ExemptionSheet
from shared.policy_file.sheet_playbooks import PlaybookSheet
from shared.policy_file.sheet_scopes import EnvironmentSheet, MatchSheet
from shared.references import Ids

_MODE = (
    "What may be done about a drift: off, audit (record), notify (tell), approve (ask somebody), enforce (put back)."
)
_FIRST_SIGHT = "The same for a drift that was already there when Holdfast first saw the server."
_MOST_SCOPES = 1000
_MOST_PLAYBOOKS = 200


class DelaySheet(Frozen):
    """Warn now, fix later."""

    hours: Annotated[float, Field(ge=0, le=90 * 24)] = Field(
        description="How long the fix waits after the drift was told; 0: it does not."
    )
    remind_hours_before: tuple[Annotated[float, Field(gt=0)], ...] = Field(
        default=(), description="People are reminded so many hours before the fix."
    )


class ControlSheet(Frozen):
    """One control's line. What it leaves out comes from above."""

    mode: Mode | None = Field(default=None, description=_MODE)
    first_sight: Mode | None = Field(default=None, description=_FIRST_SIGHT)
    parameters: SerializeAsAny[Parameters] | None = Field(default=None, description="What this control takes.")
    delay: DelaySheet | None = Field(default=None, description="Warn now, fix later.")

    def control_policy(self) -> ControlPolicy:
        """The line, ready for use."""
        delay = Delay(self.delay.hours, self.delay.remind_hours_before) if self.delay else None
        return ControlPolicy(self.mode, self.first_sight, self.parameters, delay)


class LayerSheet(Frozen):
    """What the policy itself and its scopes can say alike."""

    mode: Mode | None = Field(default=None, description=_MODE)
    first_sight: Mode | None = Field(default=None, description=_FIRST_SIGHT)
    controls: Mapping[str, ControlSheet] = Field(default={}, description="One line for each control that is to differ.")

    def control_policies(self) -> Mapping[str, ControlPolicy]:
        """The controls' lines, ready for use."""
        return {name: line.control_policy() for name, line in self.controls.items()}


class ScopeSheet(LayerSheet):
    """A part of the fleet with lines of its own; what it leaves out comes from the more general ones."""

    name: Name = Field(description="What records and `holdfast policy explain` call it.")
    match: MatchSheet = Field(description="Which servers it is about: exactly one of the keys below.")


class Sheet(LayerSheet, Names):
    """A Holdfast policy."""

    version: Literal[1] = Field(default=1, description="The version of this format.")
    mode: Mode = Field(default=Mode.AUDIT, description=_MODE)
    scopes: Annotated[tuple[ScopeSheet, ...], Field(max_length=_MOST_SCOPES)] = Field(
        default=(), description="Parts of the fleet with lines of their own. The more specific one wins."
    )
    environments: Mapping[Name, EnvironmentSheet] = Field(
        default={}, description="Environments, by the tags of their servers."
    )
    exemptions: tuple[ExemptionSheet, ...] = Field(
        default=(), description="Drift that is borne for a while, with a reason."
    )
    exempting: Exempting = Field(default=Exempting(), description="How long exemptions may last.")
    breaker: Breaker = Field(default=Breaker(), description="When somebody fights back: stop.")
    flapping: Flapping = Field(default=Flapping(), description="When a drift comes and goes: stop telling.")
    blast_radius: BlastRadius = Field(
        default=BlastRadius(), description="When too much is changed at once: stop and ask."
    )
    retention: Retention = Field(default=Retention(), description="How long what is over is kept.")
    approvals: Approvals = Field(default=Approvals(), description="Who may approve plans, and for how long they can.")
    failover: FailoverRules = Field(
        default=FailoverRules(), description="When a replica may take over, and who says so."
    )
    operators: Ids = Field(
        default=(),
        description="Object ids of people or groups who may undo, hold and exempt from the web page; none: nobody.",
    )
    trusted: tuple[Trusted, ...] = Field(default=(), description="Deployment identities whose changes are let stand.")
    break_glass: BreakGlass | None = Field(
        default=None, description="A tag that keeps Holdfast from writing for a while."
    )
    default_playbooks: Mode = Field(
        default=Mode.NOTIFY,
        description="The most that the playbooks of default_playbooks.yaml may do; yours come first. off: none.",
    )
    playbooks: Annotated[tuple[PlaybookSheet, ...], Field(max_length=_MOST_PLAYBOOKS)] = Field(
        default=(), description="What is done about security alerts. The first one that matches answers."
    )
    routes: tuple[Route, ...] = Field(default=(), description="Ways to tell people.")
    databases: tuple[DatabaseAccess, ...] = Field(
        default=(), description="Servers whose databases Holdfast may look into; none: it opens no database."
    )
