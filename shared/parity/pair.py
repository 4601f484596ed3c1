"""A copy and its original, as the comparisons take them."""

from dataclasses import dataclass
from enum import StrEnum

from shared.control import Drift
from shared.state import Server, Setting, State, Value
from shared.target import Kind

KIND_WORDS = {Kind.FLEXIBLE: "a flexible server", Kind.SINGLE: "a single server", Kind.CITUS: "a Citus cluster"}


class Aspect(StrEnum):
    """What copies are compared in."""

    FIREWALL = "firewall"
    VIRTUAL_NETWORK_RULES = "virtual-network-rules"
    PUBLIC_ACCESS = "public-access"
    PRIVATE_ENDPOINTS = "private-endpoints"
    ADMINISTRATORS = "administrators"
    SIGN_IN = "sign-in"
    PARAMETERS = "parameters"
    TLS = "tls"
    DIAGNOSTICS = "diagnostics"
    THREAT_PROTECTION = "threat-protection"
    ALERTS = "alerts"
    TAGS = "tags"
    LOCKS = "locks"
    MAINTENANCE = "maintenance"
    BACKUP = "backup"
    AVAILABILITY = "availability"
    ENCRYPTION = "encryption"


class Extras(StrEnum):
    """What is done about what only the copy has."""

    TOLD = "told"
    REMOVED = "removed"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two servers. `follows` says that the copy is a replica of the other."""

    control: str
    copy: State
    original: State
    follows: bool
    extras: Extras = Extras.TOLD

    @property
    def alike(self) -> bool:
        """Whether both are of one kind."""
        return self.copy.target.kind is self.original.target.kind

    @property
    def servers(self) -> tuple[Server, Server] | None:
        """The copy's and the original's own resource, where both were read."""
        if self.copy.server is None or self.original.server is None:
            return None
        return self.copy.server, self.original.server

    @property
    def apart(self) -> bool:
        """Whether they are in different regions."""
        ours, theirs = (_region(state) for state in (self.copy, self.original))
        return bool(ours and theirs and ours != theirs)

    @property
    def kind(self) -> str:
        """What the copy is, in words."""
        return KIND_WORDS[self.copy.target.kind]

    @property
    def source(self) -> str:
        """The original's name."""
        return self.original.target.name

    def differs(self, setting: Setting, found: Value, wanted: Value, why: str, origin: Setting | None = None) -> Drift:
        """A difference that a write can mend. What the original's own controls object to is left to a person; `origin`
        is where it stands there, if elsewhere."""
        reason = self.original.withheld.get(origin or setting, "")
        if reason:
            return self.by_hand(setting, found, "not copied", f"{why}; {reason}", f"put {self.source} right first")
        return Drift(self.control, setting, found, wanted, why)

    def by_hand(self, setting: Setting, found: Value, wanted: Value, why: str, person: str) -> Drift:
        """A difference that only a person can mend."""
        return Drift(self.control, setting, found, wanted, why, person=person)

    def only_here(self, setting: Setting, found: Value, what: str, harm: str) -> list[Drift]:
        """What only the copy has, where that is not kept."""
        why = f"{self.source} has no such {what}, and {harm}"
        match self.extras:
            case Extras.KEPT:
                return []
            case Extras.REMOVED:
                return [Drift(self.control, setting, found, None, why)]
            case Extras.TOLD:
                person = f"remove it if nobody needs it here; with `extras: {Extras.REMOVED}` Holdfast does"
                return [self.by_hand(setting, found, None, why, person)]


def _region(state: State) -> str:
    return state.server.facts.get("location", "").replace(" ", "").lower() if state.server else ""
