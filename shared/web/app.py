"""The web door of one process: its signing keys, its pages, its links. Pages are imported when one is asked for."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from shared.control import Catalogue
from shared.policy import Policy
from shared.ports import Store
from shared.settings import Settings
from shared.tokens import Tokens, tokens_of
from shared.web.links import PageLinks

if TYPE_CHECKING:
    from shared.web.http import Request, Response
    from shared.web.site import Front, Site


class Web:
    """Pages over the store that `store` opens, under the policy that is in force when a page is asked for."""

    def __init__(
        self,
        settings: Settings,
        store: Callable[[], Store],
        catalogue: Callable[[], Catalogue],
        policy: Callable[[], Awaitable[Policy]],
    ) -> None:
        self._settings = settings
        self._store = store
        self._catalogue = catalogue
        self._policy = policy
        self._tokens: Tokens | None = None

    async def answer(self, page: str, request: "Request") -> "Response":
        """Answer a person's browser."""
        from shared.web.door import answer
        from shared.web.site import Front

        front = Front(self._settings.address, self._settings.signs_people_in)
        return await answer(front, lambda: self._site(front), page, request)

    async def links(self) -> PageLinks | None:
        """Where messages lead to; nowhere while nothing says where people reach the app."""
        if not self._settings.address:
            return None
        policy = await self._policy()
        return PageLinks(self._settings.address, await self._signing(), policy.approvals.valid_hours)

    async def _site(self, front: "Front") -> "Site":
        from shared.web.site import Site

        return Site(self._store(), await self._policy(), self._catalogue(), await self._signing(), front)

    async def _signing(self) -> Tokens:
        if self._tokens is None:
            self._tokens = await tokens_of(self._settings.signing_keys, self._store())
        return self._tokens
