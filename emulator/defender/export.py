"""Continuous export: an alert as it is streamed to an event hub, and the way there.

The record is flat and in PascalCase, the resource id in upper case, a new alert's status `New`; real records that
others have published are so, whatever "Alerts schemas" says (elastic/integrations, microsoft_defender_cloud).
"""

import asyncio
import json
from collections import deque
from typing import Any

import aiohttp
from pydantic import BaseModel, ConfigDict

from emulator.arm.store import Resource
from emulator.body import Body

_KEPT = 5000
_FIRST_WAIT_SECONDS = 1.0
_ATTEMPTS = 20
_TIMEOUT_SECONDS = 60
_ABSENT = ("ProviderAlertStatus", "ConfidenceLevel", "ConfidenceScore", "ConfidenceReasons", "AgentId")
_RENAMED = {"TimeGeneratedUtc": "TimeGenerated", "ProcessingEndTimeUtc": "ProcessingEndTime"}
_NOT_EXPORTED = ("Version", "ProductComponentName", "Techniques", "SubTechniques")


class HubAddress(BaseModel):
    """What POST /_control/hub takes: where batches are posted, and with which headers; an empty url: nowhere."""

    model_config = ConfigDict(extra="forbid")

    url: str
    headers: dict[str, str] = {}


def exported(alert: Resource) -> Body:
    """The record of an alert."""
    flat: Body = dict.fromkeys(_ABSENT)
    for name, value in _pascal(alert.properties).items():
        if name not in _NOT_EXPORTED:
            flat[_RENAMED.get(name, name)] = value
    flat["Status"] = {"Active": "New"}.get(flat["Status"], flat["Status"])
    about = alert.properties["resourceIdentifiers"][0]["azureResourceId"]
    flat["AzureResourceId"] = about.upper()
    flat.setdefault("CorrelationKey", None)
    # the keys of extendedProperties are texts for people, as they are
    flat["ExtendedProperties"] = dict(alert.properties["extendedProperties"])
    for number, entity in enumerate(flat["Entities"], 4):
        entity["$id"] = str(number)
    return flat


def _pascal(value: Any) -> Any:
    if isinstance(value, dict):
        return {f"{name[:1].upper()}{name[1:]}": _pascal(one) for name, one in value.items()}
    return [_pascal(one) for one in value] if isinstance(value, list) else value


class Export:
    """Streams records to whoever plays the consumer of the hub, again until it takes them. `time_scale` is a factor on
    the waits in between."""

    def __init__(self, time_scale: float) -> None:
        self.to = HubAddress(url="")
        self.time_scale = time_scale
        self.records: deque[Body] = deque(maxlen=_KEPT)
        self._tasks: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None

    def send(self, *records: Body) -> None:
        """Stream these records as one batch."""
        self.records.extend(records)
        if not self.to.url or not records:
            return
        task = asyncio.create_task(self._deliver(list(records)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def clear(self) -> None:
        """Forget what was streamed, and give up what is under way."""
        self.records.clear()
        for task in self._tasks:
            task.cancel()

    async def settled(self, seconds: float) -> None:
        """Wait so long for all that is under way."""
        if self._tasks and seconds:
            await asyncio.wait(self._tasks, timeout=seconds)

    async def stop(self) -> None:
        """Give up what is on its way and close the client."""
        for task in list(self._tasks):
            task.cancel()
        await self.settled(1)
        if self._session is not None:
            await self._session.close()

    async def _deliver(self, records: list[Body]) -> None:
        for attempt in range(_ATTEMPTS):
            if await self._taken(records):
                return
            await asyncio.sleep(min(60, _FIRST_WAIT_SECONDS * 2**attempt) * self.time_scale)

    async def _taken(self, records: list[Body]) -> bool:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_TIMEOUT_SECONDS))
        headers = {"Content-Type": "application/json", **self.to.headers}
        try:
            async with self._session.post(self.to.url, data=json.dumps(records), headers=headers) as answer:
                await answer.read()
                return answer.status < 300
        except (aiohttp.ClientError, TimeoutError):
            return False
