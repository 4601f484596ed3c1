"""How a host is to run; everything here has a command-line option of the same name."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from local_host.keys import Keys

if TYPE_CHECKING:
    from local_host.sign_in import SignIn


@dataclass(frozen=True, slots=True)
class Options:
    """Times in seconds. Port 0: any free one.

    `lease_seconds` is how long a message stays hidden without renewal; the real host's is ten minutes.
    Shorter values bring the message of a killed process back sooner. Without `sign_in` nobody can sign in.
    """

    port: int = 0
    keys: Keys = field(default_factory=Keys)
    timers: bool = True
    lease_seconds: float = 600.0
    drain_seconds: float = 10.0
    sign_in: "SignIn | None" = None
