"""Who follows whom, how big a server is, which names lead to it: Azure's words of each kind of server, read once here.

A flexible server also says `replica.role`; a Citus cluster names its source and no role (REST definitions of each at
the api-versions of shared.arm.layout).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from shared.control import Change, Drift, Risk, Source
from shared.copies import followed_by
from shared.errors import MalformedEvent
from shared.failover.model import Option, Question, Seen, Way
from shared.parity import Pair
from shared.parity import differences as parity
from shared.state import FacetKind, Setting, SettingKind, State
from shared.target import Kind, Target, parse_target

REPLICATION = Setting(SettingKind.REPLICATION)
_PARITY = "replica-config-parity"
_SIZES = {
    Kind.FLEXIBLE: (("sku.name", "compute"), ("sku.tier", "tier")),
    Kind.SINGLE: (("sku.name", "compute"), ("sku.tier", "tier")),
    Kind.CITUS: (
        ("coordinatorVCores", "coordinator vCores"),
        ("nodeVCores", "worker vCores"),
        ("nodeCount", "workers"),
    ),
}
_STORAGE = {
    Kind.FLEXIBLE: ("storage.storageSizeGB",),
    Kind.SINGLE: ("storageProfile.storageMB",),
    Kind.CITUS: ("coordinatorStorageQuotaInMb", "nodeStorageQuotaInMb"),
}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A virtual endpoint: its name, and the servers it leads to, by name, the primary first."""

    name: str
    members: tuple[str, ...]

    @property
    def writer(self) -> str:
        """The host name that leads to the primary, whichever server that is."""
        return f"{self.name}.writer.postgres.database.azure.com"


def role(state: State) -> str:
    """The server's role in Azure's own word; empty where it says none."""
    facts = state.server.facts if state.server else {}
    if state.target.kind is Kind.CITUS:
        return "Replica" if facts.get("sourceResourceId") else "Primary"
    return facts.get("replicationRole") or facts.get("replica.role") or ""


def source(state: State) -> str:
    """The id of the server it follows, empty for one that follows nobody."""
    return followed_by(state.server) if state.server else ""


def follows(seen: Seen, primary: Target) -> bool:
    """Whether the server is a replica of this very one."""
    return seen.state is not None and source(seen.state).lower() == primary.id.lower()


def is_replica(seen: Seen) -> bool:
    """Whether the server follows any other."""
    return seen.state is not None and bool(source(seen.state))


def replicas_listed(state: State) -> tuple[Target, ...]:
    """The replicas that Azure lists for the server."""
    found = []
    for one in state.children.get(FacetKind.REPLICAS, {}).values():
        try:
            found.append(parse_target(one.get("id", "")))
        except MalformedEvent:
            continue
    return tuple(sorted(found))


def endpoints(*servers: Seen) -> tuple[Endpoint, ...]:
    """The virtual endpoints that any of the servers shows."""
    found: dict[str, Endpoint] = {}
    for seen in servers:
        there = seen.state.children.get(FacetKind.VIRTUAL_ENDPOINTS, {}) if seen.state else {}
        for name, texts in there.items():
            found.setdefault(name, Endpoint(name, tuple(json.loads(texts.get("members") or "[]"))))
    return tuple(found[name] for name in sorted(found))


def leads_to(endpoint: Endpoint, seen: Seen) -> bool:
    """Whether the server is a member of the endpoint."""
    return seen.name in (one.lower() for one in endpoint.members)


def differences(primary: Seen, other: Seen) -> tuple[Drift, ...] | None:
    """What the other has otherwise than the primary, as far as both were read; None where one of them was not."""
    if primary.state is None or other.state is None:
        return None
    return parity(Pair(_PARITY, other.state, primary.state, follows(other, primary.target)))


def sizes(seen: Seen) -> Mapping[str, str]:
    """What the server computes with, by what people call it."""
    return {words: seen.facts[name] for name, words in _SIZES[seen.target.kind] if seen.facts.get(name)}


def storage(seen: Seen) -> Mapping[str, int]:
    """What the server can store, in Azure's own unit, by Azure's name."""
    facts = seen.facts
    return {name: int(facts[name]) for name in _STORAGE[seen.target.kind] if facts.get(name, "").isdigit()}


def region(seen: Seen) -> str:
    """The region's short name."""
    return seen.facts.get("location", "").replace(" ", "").lower()


def way_for(primary: Seen, replica: Seen, option: Option) -> Way:
    """How the replica takes over: it changes places where a virtual endpoint lets it, as only flexible servers can.

    An endpoint that leads elsewhere is a reason to stop and mend it, unless it is an emergency.
    """
    found = endpoints(primary, replica)
    if replica.target.kind is not Kind.FLEXIBLE or not found:
        return Way.STANDALONE
    if any(leads_to(one, replica) for one in found) or option is Option.PLANNED:
        return Way.SWITCHOVER
    return Way.STANDALONE


def promotion(question: Question) -> Change:
    """The one change that promotes the replica. `before` names whom it follows, so that a plan is about one pair."""
    replica, switches = question.replica, question.way is Way.SWITCHOVER
    before = {"replicationRole": role(replica.state) if replica.state else "", "source": question.primary.target.id}
    after = {"replicationRole": "Primary" if switches else "None"}
    if replica.target.kind is Kind.FLEXIBLE:
        after |= {"promoteMode": question.way.capitalize(), "promoteOption": question.option.capitalize()}
    risk = Risk.MAY_CUT_CLIENTS if switches else Risk.IRREVERSIBLE
    return Change(REPLICATION, before, after, Source.PERSON, risk)
