"""Why a command ends with a non-zero exit code; the text is for the person at the terminal."""


class CommandFailed(Exception):
    """The command could not do its work."""
