"""Which management groups are above a subscription, in one Resource Graph query for all subscriptions.

`properties.managementGroupAncestorsChain` of a subscription in `resourcecontainers` lists them, nearest first:
learn.microsoft.com, "Azure Resource Graph sample queries for management groups".
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from shared.arm.answers import elements, members, text
from shared.arm.client import Pipeline
from shared.arm.graph import rows
from shared.errors import Forbidden

_QUERY = (
    "resourcecontainers | where type =~ 'microsoft.resources/subscriptions'"
    " | project id, subscriptionId, chain = properties.managementGroupAncestorsChain | order by id asc"
)
_FRESH = timedelta(hours=1)
# A subscription that is not in a known answer may be new; asking again at once for each would be a query per server.
_ASK_AGAIN = timedelta(minutes=1)


class ManagementGroups:
    """The tree above the subscriptions, kept for an hour. A failed query keeps nothing and raises."""

    def __init__(self, client: Pipeline, clock: Callable[[], datetime]) -> None:
        self._client, self._clock = client, clock
        self._chains: dict[str, tuple[str, ...]] = {}
        self._asked_at: datetime | None = None
        self._asking = asyncio.Lock()

    async def above(self, subscription: str) -> tuple[str, ...]:
        """Their names, nearest first, lower case. Raises Forbidden for a subscription that Azure does not show us."""
        wanted = subscription.lower()
        async with self._asking:
            if self._is_stale(wanted):
                self._chains = {name: chain async for name, chain in self._ask()}
                self._asked_at = self._clock()
        if wanted not in self._chains:
            scope = f"/subscriptions/{wanted}"
            raise Forbidden(
                f"Resource Graph does not show {scope}, so its management groups are unknown",
                "Microsoft.Resources/subscriptions/read",
                scope,
            )
        return self._chains[wanted]

    def _is_stale(self, wanted: str) -> bool:
        if self._asked_at is None:
            return True
        return self._clock() - self._asked_at >= (_FRESH if wanted in self._chains else _ASK_AGAIN)

    async def _ask(self) -> Any:
        async for row in rows(self._client, _QUERY):
            yield text(row.get("subscriptionId"), "subscriptionId").lower(), _chain(row)


def _chain(row: Mapping[str, Any]) -> tuple[str, ...]:
    what = f"managementGroupAncestorsChain of {row['subscriptionId']}"
    groups = [members(group, what) for group in elements(row.get("chain"), what)]
    return tuple(text(group.get("name"), what).lower() for group in groups)
