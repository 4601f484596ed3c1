"""Everything Holdfast raises on purpose, in one tree, split by what the caller should do.

HoldfastError
├── Retry              look again after `after_seconds`; nothing is known to be wrong for good
│   ├── Busy           the server works on another operation (409 ServerIsBusy)
│   ├── Throttled      Azure asks for a pause (429)
│   └── Unreachable    Azure, or the way to it, failed (5xx, dropped connection, time-out)
├── Stop               trying again changes nothing; a person has to know
│   ├── Forbidden      a permission is missing (401, 403)
│   │   └── Hidden     the whole subscription is not shown to us, or does not exist (404 SubscriptionNotFound)
│   ├── Gone           the server does not exist (404)
│   ├── Frozen         the setting cannot be changed in the server's present state
│   ├── NotOpened      the policy does not have Holdfast look into this server's databases
│   ├── NoAnswer       a database did not answer this time; the next look asks again
│   └── Rejected       Azure refused the request, or the operation ended `Failed`
├── LeaseLost          another worker took the target over; write nothing more
├── StoreUnavailable   the store did not answer; nothing may be written anywhere
├── Conflict           a stored document was changed by somebody else since it was read
├── Refused            a person asked for what may not be done; the text says why and what they can do
├── BadToken           a link or form that we did not make
│   └── ExpiredToken   we made it, and its time is over
├── MalformedEvent     an event that cannot be understood: kept as a dead letter
├── BadPolicy          the policy cannot be used; the message says where and what would be right
├── BadControls        the folder of the owner's own controls cannot be used; the message says where and what is right
├── BadFile            a file that a person handed in cannot be used; the message says where and what would be right
├── BadSettings        an application setting is missing or wrong
└── DeliveryFailed     a notification was not taken by its receiver
    └── DeliveryRefused  and never will be: sending it again changes nothing
"""


class HoldfastError(Exception):
    """Root of all errors raised on purpose. The text is written for an operator."""


class Retry(HoldfastError):
    """Look again after `after_seconds` (seconds, at least 0)."""

    def __init__(self, message: str, after_seconds: float = 10.0) -> None:
        super().__init__(message)
        self.after_seconds = max(0.0, after_seconds)


class Busy(Retry):
    """The server refuses writes while another operation runs on it: wait, this is no failure."""


class Throttled(Retry):
    """Azure asked for a pause; `after_seconds` is its own Retry-After."""


class Unreachable(Retry):
    """The request failed on its way or inside Azure; a write may or may not have been applied."""


class Stop(HoldfastError):
    """Trying again changes nothing."""


class Forbidden(Stop):
    """The identity lacks `permission` at `scope`."""

    def __init__(self, message: str, permission: str, scope: str) -> None:
        super().__init__(message)
        self.permission = permission
        self.scope = scope


class Hidden(Forbidden):
    """Azure shows us nothing of the subscription: whether the server exists cannot be told."""


class Gone(Stop):
    """The resource does not exist any more."""


class Frozen(Stop):
    """Azure does not let this setting be changed while the server is in its present state."""


class NotOpened(Stop):
    """Nobody told Holdfast to look into this server's databases: nothing is wrong, and nothing is seen."""


class NoAnswer(Stop):
    """A database did not answer, which must not keep anybody from what ARM shows of the server."""


class Rejected(Stop):
    """Azure understood the request and refused it; `code` is Azure's own error code."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class LeaseLost(HoldfastError):
    """The lease on the target ended before the work did."""


class StoreUnavailable(HoldfastError):
    """The store did not answer."""


class Conflict(HoldfastError):
    """The document was written by somebody else since it was read, or exists already."""


class Refused(HoldfastError):
    """What a person asked for may not be done."""


class BadToken(HoldfastError):
    """A signed text was not made by us, or not for this use."""


class ExpiredToken(BadToken):
    """The signed text is ours, but its time is over."""


class MalformedEvent(HoldfastError):
    """The event does not have the shape its schema promises."""


class BadPolicy(HoldfastError):
    """The policy file cannot be used."""


class BadControls(HoldfastError):
    """The owner's own controls cannot be used."""


class BadFile(HoldfastError):
    """A file that a person handed to a command cannot be used."""


class BadSettings(HoldfastError):
    """The environment lacks a setting or holds an unusable one."""


class DeliveryFailed(HoldfastError):
    """A receiver did not take a notification."""


class DeliveryRefused(DeliveryFailed):
    """A receiver will never take this notification."""
