"""GET /subscriptions/ID/providers/Microsoft.Insights/eventtypes/management/values: the activity log.

learn.microsoft.com, "Activity Logs - List": a start is needed, an end and one of four conditions may follow, and "no
other syntax is allowed". The az command line also sends `eventChannels`, and
times without quotes and time zone.
"""

import base64
import binascii
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from emulator.activity import Entry
from emulator.arm.call import Answer
from emulator.arm.registry import Request, ResourceType
from emulator.body import Body
from emulator.errors import ArmError, subscription_not_found

_PAGE = 200
_KEPT = timedelta(days=90)
_FILTER = re.compile(
    r"eventTimestamp ge '?(?P<since>[^' ]+)'?"
    r"(?: and eventTimestamp le '?(?P<until>[^' ]+)'?)?"
    r"(?: and eventChannels eq 'Admin, Operation')?"
    r"(?: and (?P<name>resourceGroupName|resourceUri|resourceProvider|correlationId) eq '(?P<value>[^']*)')?",
    re.IGNORECASE,
)
_CONDITIONS: dict[str, Callable[[Body], str]] = {
    "resourcegroupname": lambda body: body["resourceGroupName"],
    "resourceuri": lambda body: body["resourceId"],
    "resourceprovider": lambda body: body["resourceProviderName"]["value"],
    "correlationid": lambda body: body["correlationId"],
}
_SELECTABLE = frozenset(
    {
        "authorization", "claims", "correlationId", "description", "eventDataId",
        "eventName", "eventTimestamp", "httpRequest", "level", "operationId",
        "operationName", "properties", "resourceGroupName", "resourceProviderName", "resourceId",
        "status", "submissionTimestamp", "subStatus", "subscriptionId",
    }
)  # fmt: skip


def _values(request: Request) -> Answer:
    subscription = request.path.scope.rpartition("/")[2]
    if request.world.subscription(subscription) is None:
        raise subscription_not_found(subscription)
    wanted, columns = _wanted(request), _columns(request)
    found = [entry.body for entry in request.world.activity.shown(subscription) if wanted(entry)]
    start = _start(request)
    shown = found[start : start + _PAGE]
    if columns:
        shown = [{name: body[name] for name in columns} for body in shown]
    body: Body = {"value": shown}
    if start + _PAGE < len(found):
        body["nextLink"] = _next_link(request, start + _PAGE)
    return Answer(200, body)


def _wanted(request: Request) -> Callable[[Entry], bool]:
    text = request.call.query.get("$filter", "")
    match = _FILTER.fullmatch(text)
    if match is None:
        raise _refused(f"the filter {text!r} is none of the five patterns that are allowed")
    since, until = _moment(match["since"]), _moment(match["until"]) if match["until"] else None
    if since < request.world.clock.now() - _KEPT:
        raise _refused("the start is more than 90 days ago")
    read, value = _CONDITIONS.get((match["name"] or "").lower()), (match["value"] or "").lower()

    def wanted(entry: Entry) -> bool:
        in_time = since <= entry.at and (until is None or entry.at <= until)
        return in_time and (read is None or read(entry.body).lower() == value)

    return wanted


def _columns(request: Request) -> list[str]:
    text = request.call.query.get("$select", "")
    given = [one.strip() for one in text.split(",") if one.strip()]
    known = {one.lower(): one for one in _SELECTABLE}
    unknown = [one for one in given if one.lower() not in known]
    if unknown:
        raise _refused(f"$select names {unknown[0]!r}, which cannot be selected")
    return [known[one.lower()] for one in given]


def _start(request: Request) -> int:
    token = request.call.query.get("$skiptoken", "")
    try:
        return int(base64.urlsafe_b64decode(token)) if token else 0
    except (binascii.Error, ValueError) as error:
        raise _refused("the $skiptoken is invalid") from error


def _next_link(request: Request, start: int) -> str:
    query = {**request.call.query, "$skiptoken": base64.urlsafe_b64encode(str(start).encode()).decode()}
    parameters = "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())
    return f"{request.call.base_url}{quote(request.call.path)}?{parameters}"


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise _refused(f"{text!r} is not a time") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _refused(why: str) -> ArmError:
    # the code is not verified
    return ArmError(400, "BadRequest", f"The request is invalid: {why}.")


TYPES = (ResourceType("Microsoft.Insights/eventtypes/values", ("2015-04-01",), list=_values),)
