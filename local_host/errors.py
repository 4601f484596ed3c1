"""What can go wrong in the host itself, as opposed to in a function.

HostError
├── AppNotLoaded       the app could not be indexed, or binds to what this host does not offer
├── BadHostJson        host.json holds a value that cannot be used; the message names it
├── BadSchedule        an NCRONTAB expression cannot be read
├── QueueUnavailable   the queue service did not answer; asking again may help
└── UnknownFunction    no function of that name
"""


class HostError(Exception):
    """Root of everything the host raises on purpose."""


class AppNotLoaded(HostError):
    """The app cannot run here."""


class BadHostJson(HostError):
    """host.json cannot be used."""


class BadSchedule(HostError):
    """A schedule cannot be read."""


class QueueUnavailable(HostError):
    """The queue service did not answer, or refused."""


class UnknownFunction(HostError):
    """The app has no function of that name."""


class BadPeople(HostError):
    """The file of people who can sign in cannot be used."""
