"""All checks in their order. What a check cannot get at is a finding too: the doctor never falls ill."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace

from cli.checkup import azure, message, parts, topics, work
from cli.checkup.model import Check, Finding, Patient
from shared.errors import BadControls, BadPolicy, Forbidden, HoldfastError, StoreUnavailable
from shared.target import Target

_HERE: Mapping[str, Check] = {
    "store": work.store,
    "controls": parts.controls,
    "policy": parts.policy,
    "routes": parts.routes,
    "people": parts.people,
    "holds": parts.holds,
    "dead letters": work.letters,
    "sweep": work.sweep,
    "servers": work.servers,
}
_AZURE: Mapping[str, Check] = {
    "identity": azure.identity,
    "subscriptions": azure.subscriptions,
    "permissions": azure.permissions,
    "events": topics.topics,
}
_MENDS: tuple[tuple[type[HoldfastError], str], ...] = (
    (BadPolicy, "holdfast policy check"),
    (BadControls, "holdfast controls list"),
    (StoreUnavailable, "give the app's identity its three roles on the storage account, or run the newer Holdfast"),
    (Forbidden, "az functionapp identity assign (on a laptop: az login)"),
)


async def make_round(patient: Patient, *, in_azure: bool = False, test_message: bool = False) -> list[Finding]:
    """Every finding, in order; what several checks stumble over is said once."""
    checks = {**_HERE, **(_AZURE if in_azure else {}), **({"messages": message.messages} if test_message else {})}
    findings: list[Finding] = []
    patient = replace(patient, servers=_listed_once(patient.servers))
    for name, check in checks.items():
        try:
            findings += await check(patient)
        except HoldfastError as error:
            if str(error) not in {one.found for one in findings}:
                mend = next((text for kind, text in _MENDS if isinstance(error, kind)), "look at the app's log")
                findings.append(Finding(name, "it can be looked at", str(error), mend))
    return findings


def _listed_once(servers: Callable[[], AsyncIterator[Target]]) -> Callable[[], AsyncIterator[Target]]:
    """The fleet, which several checks go through, asked for by the first; again only where that failed."""
    listings: list[list[Target]] = []

    async def listed() -> AsyncIterator[Target]:
        if not listings:
            listings.append([target async for target in servers()])
        for target in listings[0]:
            yield target

    return listed
