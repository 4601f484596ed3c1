"""The stories that `holdfast demo STORY` plays: each a module with `async def tell(console)`, named and told in a line.

A story starts what it needs, plays its acts, and checks each step; the first that does not happen ends it.
"""

import importlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass

from rich.console import Console

from cli.errors import CommandFailed

type Tell = Callable[[Console], Coroutine[None, None, None]]


@dataclass(frozen=True, slots=True)
class Story:
    """A story: its name on the command line, what happens in it, the module that tells it."""

    name: str
    about: str
    module: str

    def told(self) -> Tell:
        """What plays it."""
        tell: Tell = importlib.import_module(self.module).tell
        return tell


STORIES = (
    Story("drift", "servers are changed, and put right again", "cli.stories.drift"),
    Story("alert", "an attacker is kept out, for as long as it takes", "cli.stories.alert"),
    Story("restore", "a restored server gets what protects its source", "cli.stories.restore"),
    Story("failover", "a replica takes its primary's place, and gives it back", "cli.stories.failover"),
    Story("key", "a server loses the right to its key, and has it back within seconds", "cli.stories.key"),
    Story("login", "a login with a password appears in a database, and no event tells", "cli.stories.login"),
)


def story(name: str) -> Story:
    """The story of this name. Raises CommandFailed."""
    for one in STORIES:
        if one.name == name:
            return one
    known = ", ".join(one.name for one in STORIES)
    raise CommandFailed(f"there is no story {name!r}; there are: {known}")
