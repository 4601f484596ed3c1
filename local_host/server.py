"""The HTTP server that holds the doors together."""

from typing import TYPE_CHECKING

from aiohttp import web

from local_host.admin import AdminDoor
from local_host.event_grid import EventGridDoor
from local_host.event_hubs import PATH as HUBS
from local_host.event_hubs import EventHubDoor
from local_host.http_door import MAX_BODY_BYTES, HttpDoor

if TYPE_CHECKING:
    from local_host.sign_in import SignIn

# only this machine: the keys are for trying things out, not for a network
_ADDRESS = "127.0.0.1"


def application(
    event_grid: EventGridDoor, event_hubs: EventHubDoor, admin: AdminDoor, http: HttpDoor, sign_in: "SignIn | None"
) -> web.Application:
    """Route requests to the doors; what belongs to no other is for the HTTP functions."""
    app = web.Application(client_max_size=MAX_BODY_BYTES)
    if sign_in is not None:
        sign_in.add_to(app)
    # ASP.NET routes take any case, and the documentation writes both
    app.router.add_route("*", "/runtime/webhooks/{extension:(?i:EventGrid)}", event_grid.handle)
    app.router.add_post(HUBS, event_hubs.handle)
    admin.add_to(app)
    app.router.add_route("*", "/{path:.*}", http.handle)
    return app


async def serve(app: web.Application, port: int, drain_seconds: float) -> tuple[web.AppRunner, str]:
    """Listen on `port`, 0 for any free one; returns what to clean up and the base address."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=drain_seconds)
    await runner.setup()
    await web.TCPSite(runner, _ADDRESS, port).start()
    bound: int = runner.addresses[0][1]
    return runner, f"http://{_ADDRESS}:{bound}"
