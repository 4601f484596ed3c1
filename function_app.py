"""The doors of Holdfast: one short function per way a message can arrive. Bindings only; the work is in shared.runtime.

The runtime is imported by the first invocation, not while functions are indexed: that is what a cold start waits for.
"""

from typing import TYPE_CHECKING, List  # noqa: UP035 - as the worker library takes it

import azure.functions as func

if TYPE_CHECKING:
    from shared.runtime import Holdfast

app = func.FunctionApp(http_auth_level=func.AuthLevel.FUNCTION)


def holdfast() -> "Holdfast":
    """The process's one instance."""
    from remediators import load_all
    from shared.runtime import instance

    return instance(load_all)


@app.function_name("on_resource_change")
@app.event_grid_trigger(arg_name="event")
async def on_resource_change(event: func.EventGridEvent) -> None:
    """A resource was written, deleted or acted upon somewhere in a subscription (Event Grid schema or CloudEvents)."""
    await holdfast().receive(event)


@app.function_name("on_queued_change")
@app.queue_trigger(arg_name="message", queue_name="holdfast-events", connection="AzureWebJobsStorage")
async def on_queued_change(message: func.QueueMessage) -> None:
    """The same, through a queue into which only Event Grid's own identity writes (docs/decisions/0004)."""
    await holdfast().receive_queued(message.get_body())


# Defender for Cloud. A door that is not used is switched off by a setting: docs/alerts.md.


@app.function_name("on_alert_batch")
@app.event_hub_message_trigger(
    arg_name="events", event_hub_name="holdfast-alerts", connection="HOLDFAST_ALERTS", cardinality="many"
)
@app.retry(
    strategy="exponential_backoff", max_retry_count="-1", minimum_interval="00:00:05", maximum_interval="00:05:00"
)
async def on_alert_batch(events: List[func.EventHubEvent]) -> None:  # noqa: UP006 - the worker takes no `list[...]`
    """Security alerts by continuous export. Only a store that does not answer makes the batch come again."""
    await holdfast().alerts.receive([event.get_body() for event in events], "event hub")


@app.function_name("on_alert")
@app.event_grid_trigger(arg_name="event")
async def on_alert(event: func.EventGridEvent) -> None:
    """A security alert that somebody publishes to a custom topic (Event Grid schema or CloudEvents)."""
    await holdfast().alerts.receive_event(event)


@app.function_name("alerts")
@app.route(route="alerts", methods=["POST"])
async def alerts(req: func.HttpRequest) -> func.HttpResponse:
    """Security alerts from a Logic App or a webhook."""
    status, body = await holdfast().alerts.posted(req.get_body())
    return func.HttpResponse(body, status_code=status, mimetype="application/json")


@app.function_name("signed_alerts")
@app.route(route="alerts/signed", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
async def signed_alerts(req: func.HttpRequest) -> func.HttpResponse:
    """The same for senders who sign in with Entra instead of holding a key."""
    headers = {header.lower(): text for header, text in req.headers.items()}
    status, body = await holdfast().alerts.posted_signed(headers, req.get_body())
    return func.HttpResponse(body, status_code=status, mimetype="application/json")


@app.function_name("poll_alerts")
@app.timer_trigger(arg_name="timer", schedule="30 */5 * * * *")
async def poll_alerts(timer: func.TimerRequest) -> None:  # noqa: ARG001 - as below
    """Ask Defender for its alerts, where HOLDFAST_POLL_ALERTS says so."""
    await holdfast().poll_alerts()


@app.function_name("reconcile")
@app.queue_trigger(arg_name="message", queue_name="holdfast-reconcile", connection="AzureWebJobsStorage")
async def reconcile(message: func.QueueMessage) -> None:
    """Look at one server, and put it right."""
    await holdfast().reconcile(message.get_body())


@app.function_name("sweep_turn")
@app.queue_trigger(arg_name="message", queue_name="holdfast-sweep", connection="AzureWebJobsStorage")
async def sweep_turn(message: func.QueueMessage) -> None:
    """Look at one server because its turn has come: apart from `reconcile`, so that no event waits behind a sweep."""
    await holdfast().sweep_turn(message.get_body())


@app.function_name("deliver")
@app.queue_trigger(arg_name="message", queue_name="holdfast-deliver", connection="AzureWebJobsStorage")
async def deliver(message: func.QueueMessage) -> None:
    """Send what waits in one server's outbox."""
    await holdfast().deliver(message.get_body())


@app.function_name("on_queued_change_poison")
@app.queue_trigger(arg_name="message", queue_name="holdfast-events-poison", connection="AzureWebJobsStorage")
async def on_queued_change_poison(message: func.QueueMessage) -> None:
    """Events that could not be taken in again and again become a dead letter; the sweep finds what they were about."""
    await holdfast().bury("event", message.get_body())


@app.function_name("reconcile_poison")
@app.queue_trigger(arg_name="message", queue_name="holdfast-reconcile-poison", connection="AzureWebJobsStorage")
async def reconcile_poison(message: func.QueueMessage) -> None:
    """A look that failed again and again becomes a dead letter."""
    await holdfast().bury("reconcile", message.get_body())


@app.function_name("sweep_turn_poison")
@app.queue_trigger(arg_name="message", queue_name="holdfast-sweep-poison", connection="AzureWebJobsStorage")
async def sweep_turn_poison(message: func.QueueMessage) -> None:
    """A turn that failed again and again becomes a dead letter."""
    await holdfast().bury("sweep", message.get_body())


@app.function_name("deliver_poison")
@app.queue_trigger(arg_name="message", queue_name="holdfast-deliver-poison", connection="AzureWebJobsStorage")
async def deliver_poison(message: func.QueueMessage) -> None:
    """A delivery that failed again and again becomes a dead letter."""
    await holdfast().bury("deliver", message.get_body())


@app.function_name("sweep")
@app.timer_trigger(arg_name="timer", schedule="0 17 * * * *")
async def sweep(timer: func.TimerRequest) -> None:  # noqa: ARG001 - bindings are passed by name
    """Every hour, give every server its turn to be looked at: what an event did not bring, the sweep finds."""
    await holdfast().sweep()


@app.function_name("health")
@app.route(route="health", methods=["GET"])
async def health(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001 - as above
    """Whether the app can work: settings, policy, store. 200 or 503, JSON."""
    status, body = await holdfast().health()
    return func.HttpResponse(body, status_code=status, mimetype="application/json")


@app.function_name("health_live")
@app.route(route="health/live", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
async def health_live(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001 - as above
    """That the process answers; nothing is looked at. The platform's own probes send no key."""
    return func.HttpResponse('{"live": true}', mimetype="application/json")


@app.function_name("health_ready")
@app.route(route="health/ready", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
async def health_ready(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001 - as above
    """Whether the app can work, for probes without a key: names of what fails, and no more."""
    status, body = await holdfast().ready()
    return func.HttpResponse(body, status_code=status, mimetype="application/json")


# The pages ask for no function key: a person could not send one. A plan opens with its signed link, everything else
# with a sign-in that the platform vouches for, and nothing changes without one.


@app.function_name("overview")
@app.route(route="overview", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
async def overview(req: func.HttpRequest) -> func.HttpResponse:
    """See the fleet: every server by every domain, the worst first."""
    return await _page("overview", req)


@app.function_name("servers")
@app.route(route="servers/{server}", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
async def servers(req: func.HttpRequest) -> func.HttpResponse:
    """See one server: how it stands, and what happened when."""
    return await _page("servers", req)


@app.function_name("charts")
@app.route(route="charts", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
async def charts(req: func.HttpRequest) -> func.HttpResponse:
    """See drift by day, time to revert, and who and what drifts most."""
    return await _page("charts", req)


@app.function_name("approve")
@app.route(route="approve/{token}", methods=["GET", "POST"], auth_level=func.AuthLevel.ANONYMOUS)
async def approve(req: func.HttpRequest) -> func.HttpResponse:
    """See a plan that waits for a person, and decide about it."""
    return await _page("approve", req)


@app.function_name("history")
@app.route(route="records", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
async def history(req: func.HttpRequest) -> func.HttpResponse:
    """See what happened lately, and search it."""
    return await _page("history", req)


@app.function_name("records")
@app.route(route="records/{record}", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
async def records(req: func.HttpRequest) -> func.HttpResponse:
    """See what happened, from the event to who was told."""
    return await _page("records", req)


@app.function_name("undo")
@app.route(route="records/{record}/undo", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
async def undo(req: func.HttpRequest) -> func.HttpResponse:
    """Have what a record changed taken back."""
    return await _page("undo", req)


@app.function_name("holds")
@app.route(route="holds", methods=["GET", "POST"], auth_level=func.AuthLevel.ANONYMOUS)
async def holds(req: func.HttpRequest) -> func.HttpResponse:
    """The kill switch: see, place and release holds."""
    return await _page("holds", req)


async def _page(name: str, req: func.HttpRequest) -> func.HttpResponse:
    from shared.web.http import Request

    headers = {header.lower(): text for header, text in req.headers.items()}
    request = Request(req.method, req.url, headers, dict(req.route_params), req.get_body())
    response = await holdfast().page(name, request)
    return func.HttpResponse(response.body, status_code=response.status, headers=dict(response.headers))
