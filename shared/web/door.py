"""Which page answers, and what is shown where none can."""

from collections.abc import Awaitable, Callable, Mapping

from shared.errors import HoldfastError
from shared.web.approve import approve
from shared.web.charts import charts
from shared.web.history import history
from shared.web.holds import holds
from shared.web.http import Request, Response
from shared.web.overview import overview
from shared.web.records import record, undo
from shared.web.server import server
from shared.web.site import Front, Site, trouble

type Page = Callable[[Site, Request], Awaitable[Response]]
PAGES: Mapping[str, Page] = {
    "overview": overview,
    "servers": server,
    "charts": charts,
    "history": history,
    "approve": approve,
    "records": record,
    "undo": undo,
    "holds": holds,
}


async def answer(front: Front, site: Callable[[], Awaitable[Site]], page: str, request: Request) -> Response:
    """The page, or one that says why it cannot be shown. `site` may fail: store and policy are outside."""
    try:
        return await PAGES[page](await site(), request)
    except HoldfastError as error:
        return trouble(front.visit(request), error)
