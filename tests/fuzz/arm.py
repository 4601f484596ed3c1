"""What the emulator answered once, played again with one answer spoiled."""

import asyncio
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from azure.identity.aio import ManagedIdentityCredential

from emulator.app import Emulator
from emulator.fleet import DEFAULT_FLEET, Fleet
from emulator.settings import Settings
from shared.arm.answers import parsed
from shared.arm.azure import AzureArm
from shared.arm.client import Answer, ArmClient, Call
from shared.errors import Gone, HoldfastError
from shared.journal import now
from shared.select import facets_of
from shared.state import EVERY_PARAMETER
from shared.target import Target
from tests.arm.conftest import ARCHIVE, LEDGER, REPORTING, RISK
from tests.builders import CATALOGUE

MOMENT = now()
TARGETS = (LEDGER, ARCHIVE, REPORTING, RISK)
_PATH = re.compile(r"(/([\w.~-]|%[0-9A-F]{2})+)+", re.ASCII)


def key_of(call: Call) -> str:
    """The question, whole."""
    return f"{call.method} {call.address} {call.body or ''}"


@dataclass
class Recorder:
    """A client that keeps what it was answered."""

    client: ArmClient
    answers: dict[str, Answer] = field(default_factory=dict)

    async def send(self, call: Call) -> Answer:
        answer = self.answers[key_of(call)] = await self.client.send(call)
        return answer

    async def follow(self, url: str, call: Call) -> Answer:
        answer = self.answers[url] = await self.client.follow(url, call)
        return answer

    async def identity(self) -> frozenset[str]:
        return frozenset({"us"})


@dataclass
class Played:
    """The same answers, some of them spoiled. What was never asked does not exist."""

    answers: Mapping[str, Answer]
    spoiled: Mapping[str, Any]
    writes: list[Call] = field(default_factory=list)

    async def send(self, call: Call) -> Answer:
        assert _PATH.fullmatch(call.address.partition("?")[0]), f"no path of ARM: {call.path!r}"
        assert not {"..", "."} & set(call.path.split("/"))
        if call.method not in ("GET", "POST"):
            self.writes.append(call)
            return Answer(200, {}, {})
        return self._answer(key_of(call))

    async def follow(self, url: str, call: Call) -> Answer:
        return self._answer(url)

    async def identity(self) -> frozenset[str]:
        return frozenset({"us"})

    async def close(self) -> None:
        pass

    def _answer(self, key: str) -> Answer:
        if key not in self.answers:
            raise Gone("nobody asked for it when Azure was well")
        answer = self.answers[key]
        return replace(answer, body=parsed(json.dumps(self.spoiled[key]).encode())) if key in self.spoiled else answer


def arm_on(client: Recorder | Played) -> AzureArm:
    """Our adapter over such a client; its time stands still, so that questions repeat themselves."""
    return AzureArm(client, clock=lambda: MOMENT)  # type: ignore[arg-type]


async def ask_everything(arm: AzureArm, target: Target, failures: list[HoldfastError]) -> None:
    """Every question that Holdfast has about a server; a refusal in our own words is an answer."""
    kept = [one.control.on(target.kind) for one in CATALOGUE.values() if target.kind in one.control.kinds]
    facets = {facet for facet in facets_of(kept) if not facet.kind.value.startswith("database")}
    questions = [
        arm.observe(target, facets),
        arm.observe(target, {EVERY_PARAMETER}),
        arm.management_groups(target.subscription),
        arm.writers(target, "", MOMENT),
        arm.creation(target),
        arm.waivers(target),
    ]
    for answer in await asyncio.gather(*questions, return_exceptions=True):
        if isinstance(answer, HoldfastError):
            failures.append(answer)
        elif isinstance(answer, BaseException):
            raise answer


@cache
def recorded(target: Target) -> Mapping[str, Answer]:
    """What the emulator answers about this server."""
    return asyncio.run(_record(target))


async def _record(target: Target) -> Mapping[str, Answer]:
    async with Emulator(Fleet.load(DEFAULT_FLEET), Settings()).running() as azure:
        before = dict(os.environ)
        os.environ.update(azure.environment())
        try:
            client = ArmClient(azure.arm, "https://management.azure.com", ManagedIdentityCredential(), azure.tls())
        finally:
            os.environ.clear()
            os.environ.update(before)
        recorder = Recorder(client)
        await ask_everything(arm_on(recorder), target, [])
        await client.close()
        return recorder.answers
