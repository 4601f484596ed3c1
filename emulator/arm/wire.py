"""Between HTTP and the front of ARM: a request becomes a call, an answer becomes a response."""

import json
import uuid

from aiohttp import web

from emulator.arm.call import Answer, Call
from emulator.body import Body
from emulator.errors import ArmError, bad_content


def read_call(request: web.Request) -> Call:
    """Return the call of a request, its body not yet read."""
    request_id = str(uuid.uuid4())
    return Call(
        method=request.method,
        base_url=f"{request.scheme}://{request.host}",
        path=request.rel_url.path,
        raw_path=request.raw_path if request.raw_path.startswith("/") else request.rel_url.raw_path_qs,
        query={key.lower(): value for key, value in request.query.items()},
        headers=request.headers,
        body=None,
        request_id=request_id,
        correlation_id=request.headers.get("x-ms-correlation-request-id", request_id),
    )


async def read_body(request: web.Request) -> Body | None:
    """Return the JSON object of a request, None when it has no body."""
    raw = await request.read()
    if not raw.strip():
        return None
    try:
        body = json.loads(raw)
    except ValueError as error:
        raise bad_content(str(error)) from error
    if not isinstance(body, dict):
        raise bad_content(f"an object was due, {type(body).__name__} was found")
    return body


def refusal(error: ArmError) -> Answer:
    """Return the answer of an error, in ARM's shape."""
    told: Body = {"code": error.code, "message": error.message}
    if error.details:
        told["details"] = [{"code": code, "message": message} for code, message in error.details]
    return Answer(error.status, told if error.is_bare else {"error": told}, dict(error.headers))


def response(answer: Answer) -> web.Response:
    """Return the HTTP response of an answer."""
    text = None if answer.body is None else json.dumps(answer.body)
    kind = None if text is None else "application/json"
    return web.Response(status=answer.status, text=text, content_type=kind, headers=answer.headers)
