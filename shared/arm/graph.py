"""Azure Resource Graph: queries over all that the identity may read, page by page. Api-version 2024-04-01.

learn.microsoft.com, "Resources - Resources" (REST), and "Working with large Azure resource data sets": without the
column `id` there is no next page, so every query here has it.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from shared.arm.answers import elements, members
from shared.arm.client import Call, Pipeline

API_VERSION = "2024-04-01"
_PAGE = 1000


async def rows(client: Pipeline, query: str, subscriptions: Sequence[str] = ()) -> AsyncIterator[Mapping[str, Any]]:
    """Every row that the query finds; `subscriptions` narrows it, empty means all the identity can see."""
    token = ""
    while True:
        answer = members((await client.send(_call(query, subscriptions, token))).body, "Resource Graph")
        for row in elements(answer.get("data"), "data of Resource Graph"):
            yield members(row, "a row of Resource Graph")
        token = str(answer.get("$skipToken") or "")
        if not token:
            return


def _call(query: str, subscriptions: Sequence[str], skip_token: str) -> Call:
    body: dict[str, Any] = {"query": query, "options": {"$top": _PAGE, "resultFormat": "objectArray"}}
    if subscriptions:
        body["subscriptions"] = list(subscriptions)
    if skip_token:
        body["options"]["$skipToken"] = skip_token
    return Call(
        "POST",
        "/providers/Microsoft.ResourceGraph/resources",
        API_VERSION,
        "Microsoft.ResourceGraph/resources/read",
        "the subscriptions of the fleet",
        body,
    )
