"""Whether Event Grid brings what happens: a system topic per subscription, and a subscription of it that lets our
events pass.

Verified how: against fakes only. The shapes of Microsoft.EventGrid 2022-06-15 were written from memory and compared
with nothing; the emulator has no system topics, and no live subscription was asked.
"""

from collections.abc import Mapping
from typing import Any

from cli.checkup.model import Finding, Patient
from shared.arm.client import Call
from shared.arm.pages import pages
from shared.errors import Retry, Stop

_API = "2022-06-15"
_TYPE = "microsoft.resources.subscriptions"
_EVENTS = "Microsoft.Resources.ResourceWriteSuccess"
_MOST_VALUES = 25


async def topics(patient: Patient) -> list[Finding]:
    """Each subscription with servers brings its events."""
    found = {target.subscription async for target in patient.servers()}
    return [await _subscription(patient, name) for name in sorted(found)]


async def _subscription(patient: Patient, name: str) -> Finding:
    check, wanted = f"events of {name}", "a system topic whose events reach Holdfast"
    scope = f"/subscriptions/{name}"
    mend = f"az eventgrid system-topic create --topic-type {_TYPE} --source {scope} --location global ..."
    try:
        made = [one async for one in _listed(patient, f"{scope}/providers/Microsoft.EventGrid/systemTopics")]
        ours = [one for one in made if str(one.get("properties", {}).get("topicType", "")).lower() == _TYPE]
        if not ours:
            return Finding(check, wanted, "no system topic", mend)
        subscriptions = [one for topic in ours async for one in _listed(patient, f"{topic['id']}/eventSubscriptions")]
    except (Retry, Stop) as error:
        return Finding(check, wanted, f"cannot be seen: {error}", "az eventgrid system-topic list")
    problems = [_problem(one.get("properties", {})) for one in subscriptions] or ["no event subscription"]
    if "" in problems:
        return Finding(check, wanted)
    return Finding(check, wanted, "; ".join(problems), "az eventgrid system-topic event-subscription update ...")


def _listed(patient: Patient, path: str) -> Any:
    return pages(patient.client(), Call("GET", path, _API, "Microsoft.EventGrid/systemTopics/read", path))


def _problem(one: Mapping[str, Any]) -> str:
    """Why no event comes of it; empty where it can."""
    rules = one.get("filter") or {}
    types, advanced = rules.get("includedEventTypes") or [], rules.get("advancedFilters") or []
    if str(one.get("provisioningState", "Succeeded")) != "Succeeded":
        return f"an event subscription is {one['provisioningState']}"
    if not one.get("destination") and not one.get("deliveryWithResourceIdentity"):
        return "an event subscription leads nowhere"
    if types and _EVENTS not in types:
        return f"its filter lacks {_EVENTS}"
    if sum(len(each.get("values") or ()) for each in advanced) > _MOST_VALUES:
        return f"its filter has more than {_MOST_VALUES} values"
    if not all(_lets_pass(each) for each in advanced if each.get("key") == "data.operationName"):
        return "its filter on data.operationName lets no PostgreSQL pass"
    return ""


def _lets_pass(rule: Mapping[str, Any]) -> bool:
    # Whatever the operator, a value that lets us pass names the provider.
    return any("postgresql" in str(value).lower() for value in rule.get("values") or ())
