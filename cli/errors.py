"""Why a command ends with a non-zero exit code; the text is for the person at the terminal.

0 is well; 1 says that the command could not do its work, or that the answer is no; 2 that what was asked for is wrong
or refused; 3 that an audit was made and something fails.
"""

from shared.errors import Conflict, HoldfastError, LeaseLost, Retry, Stop, StoreUnavailable

COULD_NOT, REFUSED, FAILS = 1, 2, 3


class CommandFailed(Exception):
    """The command could not do its work."""


class NoAnswer(Exception):
    """The command could not do its work, and 1 would be taken for an answer."""


def exit_code(error: Exception) -> int | None:
    """The exit code for an expected failure; None for any other."""
    if isinstance(error, CommandFailed | Retry | Stop | StoreUnavailable | LeaseLost | Conflict):
        return COULD_NOT
    return REFUSED if isinstance(error, HoldfastError | NoAnswer) else None
