"""Defender's alerts: read by subscription, and moved through their life. Api-version 2022-01-01.

Microsoft.Security, Alerts_List and Alerts_UpdateResourceGroupLevelStateTo...: the actions have no body, so Defender has
no place for a comment of ours. Where an alert is kept, below a group or the subscription itself, its id says; a door
that did not say it makes us look.
"""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from shared.alert import AlertStatus, StatusWish
from shared.arm.answers import members
from shared.arm.client import Call, Pipeline
from shared.arm.pages import pages
from shared.errors import Gone, Refused

API_VERSION = "2022-01-01"
READ = "Microsoft.Security/alerts/read"
_PROVIDER = "providers/Microsoft.Security"
_ACTIONS = {
    AlertStatus.ACTIVE: "activate",
    AlertStatus.IN_PROGRESS: "inProgress",
    AlertStatus.RESOLVED: "resolve",
    AlertStatus.DISMISSED: "dismiss",
}
_ID = re.compile(
    r"/subscriptions/(?P<subscription>[0-9a-f-]{36})(?:/resourcegroups/(?P<group>[\w.()-]{1,90}))?"
    r"/providers/microsoft\.security/locations/(?P<location>[a-z0-9]{2,40})/alerts/(?P<alert>[\w.-]{1,200})"
)


class SecurityAlerts:
    """Defender for Cloud, as far as alerts go."""

    def __init__(self, client: Pipeline) -> None:
        self._client = client

    async def listed(self, subscription: str) -> AsyncIterator[Mapping[str, Any]]:
        """Every alert that Defender keeps for the subscription, each as REST shows it."""
        scope = f"/subscriptions/{subscription}"
        async for one in pages(self._client, Call("GET", f"{scope}/{_PROVIDER}/alerts", API_VERSION, READ, scope)):
            yield one

    async def set_status(self, wish: StatusWish) -> None:
        """Give the alert the wished status. Raises Refused where somebody has decided otherwise, Gone where Defender
        knows no such alert, and the errors of every call."""
        wish, found = await self._found(wish)
        status = _word(members(found.get("properties"), "an alert").get("status"))
        if status == wish.status:
            return
        if status == AlertStatus.DISMISSED:
            raise Refused(f"somebody has dismissed alert {wish.alert} in Defender, and that stays")
        if status == AlertStatus.RESOLVED and wish.status is AlertStatus.IN_PROGRESS:
            raise Refused(f"alert {wish.alert} is resolved in Defender already, and that stays")
        action = _ACTIONS[wish.status]
        permission = f"Microsoft.Security/locations/alerts/{action}/action"
        path = _path(wish)
        await self._client.send(Call("POST", f"{path}/{action}", API_VERSION, permission, path))

    async def _found(self, wish: StatusWish) -> tuple[StatusWish, Mapping[str, Any]]:
        """The alert, and the wish with where it is really kept."""
        if wish.location:
            # It may hang elsewhere than the door said.
            with suppress(Gone):
                return wish, await self._read(wish)
        async for one in self.listed(wish.subscription):
            kept = _ID.fullmatch(str(one.get("id", "")).lower())
            if kept is not None and wish.alert in (kept["alert"], str(one.get("name", "")).lower()):
                there = replace(wish, location=kept["location"], group=kept["group"] or "", alert=kept["alert"])
                return there, one
        raise Gone(f"Defender knows no alert {wish.alert} in subscription {wish.subscription}")

    async def _read(self, wish: StatusWish) -> Mapping[str, Any]:
        path = _path(wish)
        permission = "Microsoft.Security/locations/alerts/read"
        answer = await self._client.send(Call("GET", path, API_VERSION, permission, path))
        return members(answer.body, f"alert {wish.alert}")


def _path(wish: StatusWish) -> str:
    group = f"/resourceGroups/{wish.group}" if wish.group else ""
    scope = f"/subscriptions/{wish.subscription}{group}"
    return f"{scope}/{_PROVIDER}/locations/{wish.location}/alerts/{wish.alert}"


def _word(status: object) -> str:
    return str(status or "").lower().replace(" ", "")
