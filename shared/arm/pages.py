"""List answers of ARM, page by page."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from shared.arm.answers import elements, members
from shared.arm.client import Call, Pipeline


async def pages(client: Pipeline, call: Call) -> AsyncIterator[Mapping[str, Any]]:
    """Every element over all pages. An answer that is no list of objects is an error, never an empty list."""
    what = f"{call.method} {call.scope}"
    answer = await client.send(call)
    while True:
        body = members(answer.body, what)
        for element in elements(body.get("value"), what):
            yield members(element, what)
        following = body.get("nextLink")
        if not following:
            return
        answer = await client.follow(str(following), call)
