"""The words of a failover: what was seen of the servers, how it is to be done, what a check found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from shared.memory import Memory
from shared.orders import Exemption, Orders
from shared.policy import FailoverRules
from shared.ports import Lag
from shared.scope import Place
from shared.state import Facet, State
from shared.target import Target


class Option(StrEnum):
    """Whether the replica first takes over all that the primary has (planned), or goes with what it has (forced)."""

    PLANNED = "planned"
    FORCED = "forced"


class Way(StrEnum):
    """What becomes of the old primary: it follows the new one, or it stands there by itself, writable."""

    SWITCHOVER = "switchover"
    STANDALONE = "standalone"


class Weight(StrEnum):
    """What a check means: all is well, somebody should know, or nothing is done."""

    GOOD = "good"
    WARN = "warn"
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: on which server (its name), what was found, what is wanted, what to do."""

    name: str
    server: str
    weight: Weight
    found: str
    wanted: str = ""
    do: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """One server as it was seen. `state` None: it could not be read, and `why` says why. `unseen` are parts of it that
    could not, with the reason. `break_glass_until` is set while a break-glass tag stands on it; `busy` says which other
    failover it takes part in."""

    target: Target
    state: State | None
    why: str = ""
    unseen: Mapping[Facet, str] = field(default_factory=dict)
    lag: Lag = field(default_factory=Lag)
    memory: Memory = field(default_factory=Memory)
    place: Place | None = None
    break_glass_until: datetime | None = None
    busy: str = ""

    @property
    def name(self) -> str:
        """The server's name."""
        return self.target.name

    @property
    def facts(self) -> Mapping[str, str]:
        """The server's properties, none where it could not be read."""
        return self.state.server.facts if self.state is not None and self.state.server is not None else {}


@dataclass(frozen=True, slots=True)
class Survey:
    """A primary and its replicas at one moment, and what people have ordered. `listed`: Azure told the replicas."""

    at: datetime
    primary: Seen
    replicas: tuple[Seen, ...] = ()
    listed: bool = True
    orders: Orders = field(default_factory=Orders)
    exemptions: tuple[Exemption, ...] = ()
    rules: FailoverRules = field(default_factory=FailoverRules)

    def replica(self, target: Target) -> Seen | None:
        """What was seen of this replica."""
        return next((one for one in self.replicas if one.target == target), None)


@dataclass(frozen=True, slots=True)
class Question:
    """What the checks are asked: whether this replica may take over, in this manner."""

    survey: Survey
    replica: Seen
    option: Option
    way: Way

    @property
    def primary(self) -> Seen:
        """The server whose place is taken."""
        return self.survey.primary

    @property
    def pair(self) -> tuple[Seen, Seen]:
        """Both servers, the primary first."""
        return self.primary, self.replica

    @property
    def unless_forced(self) -> Weight:
        """The weight of what a forced failover may pass over."""
        return Weight.WARN if self.option is Option.FORCED else Weight.BLOCK


def blocking(checks: tuple[Check, ...]) -> tuple[Check, ...]:
    """The checks that forbid it."""
    return tuple(check for check in checks if check.weight is Weight.BLOCK)
