"""Who may come in: function keys, the master key, the Event Grid system key.

A key comes as the query value `code` or the header `x-functions-key` (learn.microsoft.com, "Work with
access keys in Azure Functions"). Core Tools checks none on a laptop; this host does, as Azure does.
"""

import hmac
import secrets
from dataclasses import dataclass, field

from aiohttp import web

from local_host.functions import Auth


def _fresh() -> str:
    return secrets.token_urlsafe(32)


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one host. `event_grid` empty: the webhook takes events without a key, as Core Tools does."""

    function: str = field(default_factory=_fresh, repr=False)
    master: str = field(default_factory=_fresh, repr=False)
    event_grid: str = field(default="", repr=False)

    def open(self, request: web.Request, auth: Auth) -> bool:
        """Say whether the request may call a function of this level."""
        match auth:
            case Auth.ANONYMOUS:
                return True
            case Auth.FUNCTION:
                return _holds(request, self.function, self.master)
            case Auth.ADMIN:
                return _holds(request, self.master)

    def open_webhook(self, request: web.Request) -> bool:
        """Say whether the request may use the Event Grid webhook."""
        return not self.event_grid or _holds(request, self.event_grid, self.master)


def _holds(request: web.Request, *accepted: str) -> bool:
    shown = request.headers.get("x-functions-key") or request.query.get("code") or ""
    return any(hmac.compare_digest(shown.encode(), key.encode()) for key in accepted)
