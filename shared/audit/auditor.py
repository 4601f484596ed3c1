"""Auditing servers, some at a time: reads what is needed, and hands each server's report on as soon as it is there."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from shared.audit.choice import Choice
from shared.audit.finding import Finding, Report, Status
from shared.audit.judge import audited
from shared.audit.survey import Surveyor
from shared.circumstances import circumstances_at
from shared.control import Catalogue
from shared.errors import Forbidden, Retry, Stop
from shared.journal import now
from shared.orders import Orders
from shared.originals import named, straightened
from shared.policy import Policy
from shared.ports import Arm, Store
from shared.scene import Scene, place_of, place_under
from shared.scope import Place
from shared.select import facets_of, guarded
from shared.standing import orders_of
from shared.state import ORIGINAL, SERVER, Facet, State
from shared.target import Target

# learn.microsoft.com, "Understand how Azure Resource Manager throttles requests": a principal has 250 reads of a
# subscription, and 25 more each second. A server takes about a dozen.
AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Auditor:
    """Reads only: Azure, the policy in force, what the store remembers, exemptions."""

    arm: Arm
    store: Store
    catalogue: Catalogue
    policy: Policy
    choice: Choice
    surveyor: Surveyor
    clock: Callable[[], datetime] = now

    async def reports(self, targets: AsyncIterator[Target]) -> AsyncGenerator[Report]:
        """The report of each server, in the order of the servers; at most `AT_ONCE` are worked on or waiting."""
        orders = await orders_of(self.store)
        under_way: deque[asyncio.Task[Report]] = deque()
        try:
            async for target in targets:
                under_way.append(asyncio.create_task(self.report(target, orders)))
                if len(under_way) >= AT_ONCE:
                    yield await under_way.popleft()
            while under_way:
                yield await under_way.popleft()
        finally:
            for task in under_way:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    async def report(self, target: Target, orders: Orders) -> Report:
        """Everything about one server."""
        facets = facets_of(self.choice.of(self.catalogue, self.policy, target.kind)) | {SERVER}
        memory = (await self.store.load(target)).memory
        survey = await self.surveyor.survey(target, named(facets, memory.copied))
        state, unoriginal = await self._straightened(survey.state)
        names = guarded(self.catalogue, self.policy, state)
        state = replace(state, recalled=memory.last_good().values, guarded=names)
        survey = replace(survey, state=state, errors={**survey.errors, **unoriginal})
        scene = Scene(target, self.policy, memory, ())
        place, unplaced = await self._place(scene, survey.state, orders)
        judges = self.choice.judges(self.catalogue, self.policy, place)
        known = circumstances_at(scene, place, orders, self.clock())
        if unplaced is None and self.policy.needs_tags:
            unplaced = survey.errors.get(SERVER)
        report = audited(survey, judges, known, memory.last_good(), unplaced)
        fails = any(finding.status is Status.FAIL for finding in report.findings)
        if not (fails and self.policy.exempting.azure_policy):
            return report
        try:
            known = replace(known, waivers=await self.arm.waivers(target))
        except (Retry, Stop) as error:
            return replace(report, findings=tuple(_perhaps_exempt(one, error) for one in report.findings))
        return audited(survey, judges, known, memory.last_good(), unplaced)

    async def _straightened(self, state: State) -> tuple[State, dict[Facet, Retry | Stop]]:
        """The state with its original as it is copied, or why that could not be found out."""
        try:
            return await straightened(self.arm, self.store, self.catalogue, self.policy, state), {}
        except (Retry, Stop) as error:
            return replace(state, original=None), {ORIGINAL: error}

    async def _place(self, scene: Scene, state: State, orders: Orders) -> tuple[Place, Retry | Stop | None]:
        """Where the server is, and why that could not be found out."""
        try:
            place = await place_of(self.arm, scene, state)
            return await place_under(self.arm, self.policy, place, orders), None
        except (Retry, Stop) as error:
            return Place(scene.target), error


def _perhaps_exempt(finding: Finding, error: Retry | Stop) -> Finding:
    if finding.status is not Status.FAIL:
        return finding
    permission = error.permission if isinstance(error, Forbidden) else ""
    return replace(finding, reason=f"its Azure Policy exemptions could not be read: {error}", missing=permission)
