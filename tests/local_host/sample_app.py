"""The app that the tests run behind the host. It writes down every call in the file `TOLD`."""

import json
import os
import time
from typing import List  # noqa: UP035 - the worker library takes no `list[...]`

import azure.functions as func

app = func.FunctionApp()
STORAGE = "AzureWebJobsStorage"


def tell(function: str, **facts: object) -> None:
    line = json.dumps({"function": function, "pid": os.getpid(), "at": time.time()} | facts)
    descriptor = os.open(os.environ["TOLD"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, line.encode() + b"\n")
    os.close(descriptor)


@app.event_grid_trigger(arg_name="event")
async def on_event(event: func.EventGridEvent) -> None:
    # a CloudEvents delivery comes as another class, whatever is annotated
    kind = getattr(event, "event_type", None) or getattr(event, "type", None)
    tell("on_event", id=event.id, kind=kind, cls=type(event).__name__, data=event.get_json())
    if event.id == "bad":
        raise ValueError("this event is bad")


@app.event_grid_trigger(arg_name="event")
@app.queue_output(arg_name="out", queue_name="%WORK_QUEUE%", connection=STORAGE)
def on_event_to_queue(event: func.EventGridEvent, out: func.Out[str]) -> None:
    tell("on_event_to_queue", id=event.id)
    out.set(str(event.get_json()["body"]))


@app.queue_trigger(arg_name="message", queue_name="%WORK_QUEUE%", connection=STORAGE)
async def on_work(message: func.QueueMessage) -> None:
    body = message.get_body().decode()
    receipt = message.pop_receipt
    tell("on_work", body=body, count=message.dequeue_count, id=message.id, receipt=receipt)
    if body.startswith("bad"):
        raise ValueError(f"cannot do {body}")
    if body.startswith("slow"):
        # not time.sleep: a worker has one event loop
        import asyncio

        await asyncio.sleep(float(body.split()[1]))
        tell("on_work_end", body=body)


@app.queue_trigger(arg_name="message", queue_name="blocking", connection=STORAGE)
def on_blocking(message: func.QueueMessage) -> None:
    tell("on_blocking", body=message.get_body().decode())
    time.sleep(float(message.get_body().decode()))
    tell("on_blocking_end")


@app.queue_trigger(arg_name="message", queue_name="exit", connection=STORAGE)
async def on_exit(message: func.QueueMessage) -> None:
    tell("on_exit", count=message.dequeue_count)
    raise SystemExit(3)


@app.timer_trigger(arg_name="timer", schedule="%SCHEDULE%")
async def on_timer(timer: func.TimerRequest) -> None:
    tell("on_timer", past_due=timer.past_due, status=getattr(timer, "schedule_status", None))


@app.event_hub_message_trigger(
    arg_name="events", event_hub_name="%HUB%", connection="HUB_CONNECTION", cardinality="many"
)
async def on_alerts(events: List[func.EventHubEvent]) -> None:  # noqa: UP006
    tell("on_alerts", bodies=[event.get_body().decode() for event in events])
    assert [event.sequence_number for event in events] == list(range(len(events)))


@app.route("things/{id:int}/{part?}", methods=["GET", "POST"])
async def things(req: func.HttpRequest) -> func.HttpResponse:
    seen = {
        "method": req.method,
        "params": dict(req.params),
        "route": dict(req.route_params),
        "header": req.headers.get("x-asked"),
        "body": req.get_body().decode(),
    }
    return func.HttpResponse(json.dumps(seen), status_code=201, mimetype="application/json")


@app.route("open", auth_level=func.AuthLevel.ANONYMOUS)
def open_to_all(req: func.HttpRequest) -> str:
    return "welcome"


@app.route("masters", auth_level=func.AuthLevel.ADMIN)
def masters(req: func.HttpRequest) -> str:
    return "master"


@app.route("broken", auth_level=func.AuthLevel.ANONYMOUS)
def broken(req: func.HttpRequest) -> str:
    raise RuntimeError("broken on purpose")


@app.route("never", auth_level=func.AuthLevel.ANONYMOUS)
async def never(req: func.HttpRequest) -> str:
    import asyncio

    await asyncio.sleep(3600)
    return "late"


@app.route("enqueue", auth_level=func.AuthLevel.ANONYMOUS)
@app.queue_output(arg_name="out", queue_name="%WORK_QUEUE%", connection=STORAGE)
def enqueue(req: func.HttpRequest, out: func.Out[List[str]]) -> str:  # noqa: UP006
    out.set(json.loads(req.get_body()))
    return "sent"


@app.route("who", auth_level=func.AuthLevel.ANONYMOUS)
def who(req: func.HttpRequest) -> str:
    said = {name: text for name, text in req.headers.items() if name.startswith("x-ms-")}
    settings = {name: os.environ.get(name, "") for name in ("WEBSITE_AUTH_ENABLED", "WEBSITE_HOSTNAME")}
    return json.dumps({"said": said} | settings)
