"""What a response to a security alert is: a card with a judgement, as every control has, and what people are told."""

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Any

from shared.control import NotApplicable, Parameters, Remediator
from shared.responses.attack import Attack
from shared.state import State

DOMAIN = "Security alerts / Response"


class Brief(Parameters):
    """What a response is told besides the server's state.

    `attacks` are what the alerts say, `given` the parameters of the playbook, `allowed` the networks that the policy's
    list of firewall rules allows.
    """

    attacks: tuple[Attack, ...] = ()
    given: Any = Parameters()
    allowed: tuple[IPv4Network, ...] = ()

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses that the attacks come from, each once."""
        return tuple(dict.fromkeys(one for attack in self.attacks for one in attack.addresses))

    @property
    def logins(self) -> tuple[str, ...]:
        """The names that the attacks signed in with, or tried to, each once."""
        return tuple(dict.fromkeys(one for attack in self.attacks for one in attack.logins))

    @property
    def said(self) -> str:
        """The alerts' titles, for a sentence."""
        return " and ".join(dict.fromkeys(f"'{attack.title}'" for attack in self.attacks))


def _nothing(_: State, __: Brief) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Response:
    """A response. `does` is what it does, as people read it. `lifts` says that it can end by itself, `undo` how it is
    taken back. `notes` says, of a state, what is not done, and why; `idle` what is so when there is nothing to do."""

    remediator: Remediator
    does: str
    undo: str
    idle: str
    lifts: bool = True
    notes: Callable[[State, Brief], tuple[str, ...]] = _nothing

    @property
    def id(self) -> str:
        """That of its card."""
        return self.remediator.control.id

    def why_nothing(self, state: State, brief: Brief) -> str:
        """Why there is nothing to do, as far as the state says."""
        finding = self.remediator.detect(state, brief)
        notes = self.notes(state, brief)
        return finding.reason if isinstance(finding, NotApplicable) else "; ".join(notes) or self.idle
