"""A primary and its replicas in good order; a test names what is otherwise."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from shared.failover.model import Check, Option, Question, Seen, Survey, Weight
from shared.failover.preflight import preflight, question_about
from shared.policy import FailoverRules
from shared.ports import Lag
from shared.state import FacetKind, FirewallRule, Parameter, State
from shared.target import Kind, Target
from tests.builders import NOON, a_rule, a_server, a_state, a_target

_ROLES = {
    Kind.FLEXIBLE: ("replicationRole", "sourceServerResourceId", "AsyncReplica"),
    Kind.SINGLE: ("replicationRole", "masterServerId", "Replica"),
    Kind.CITUS: ("role", "sourceResourceId", "Replica"),
}
_SIZES = {
    Kind.FLEXIBLE: {"sku.name": "Standard_D2ds_v5", "sku.tier": "GeneralPurpose", "storage.storageSizeGB": "128"},
    Kind.SINGLE: {"sku.name": "GP_Gen5_2", "sku.tier": "GeneralPurpose", "storageProfile.storageMB": "51200"},
    Kind.CITUS: {"coordinatorVCores": "4", "nodeVCores": "4", "nodeCount": "2", "nodeStorageQuotaInMb": "524288"},
}
_LEVELS = {Kind.FLEXIBLE: {"wal_level": "replica", "max_connections": "859"}, Kind.CITUS: {}}
_LEVELS[Kind.SINGLE] = {"azure.replication_support": "REPLICA"}


def named(name: str, kind: Kind = Kind.FLEXIBLE) -> Target:
    return a_target(name, kind)


def a_primary(
    name: str = "pg-a", kind: Kind = Kind.FLEXIBLE, replicas: Iterable[str] = ("pg-b",), **more: Any
) -> State:
    """`endpoints` maps a virtual endpoint's name to its members."""
    state = _alike(named(name, kind), **more)
    rows = {one: {"id": named(one, kind).id, "location": "westeurope"} for one in replicas}
    return replace(state, children={**state.children, FacetKind.REPLICAS: rows})


def a_replica(name: str = "pg-b", of: str = "pg-a", kind: Kind = Kind.FLEXIBLE, **more: Any) -> State:
    role, source, word = _ROLES[kind]
    follows = {role: word, source: named(of, kind).id}
    return _alike(named(name, kind), **{**more, "facts": {**follows, **more.get("facts", {})}})


def _alike(
    target: Target,
    facts: Mapping[str, str] | None = None,
    parameters: Mapping[str, str] | None = None,
    endpoints: Mapping[str, Iterable[str]] | None = None,
    locks: Mapping[str, str] | None = None,
    rules: tuple[FirewallRule, ...] | None = None,
    **server: Any,
) -> State:
    kind = target.kind
    own = {"location": "westeurope", "version": "16", **_SIZES[kind], **(facts or {})}
    values = {**_LEVELS[kind], **(parameters or {})}
    return a_state(
        target,
        server=a_server(**{"public_access": True, "facts": own, "version": "16", **server}),
        firewall_rules=(a_rule(),) if rules is None else rules,
        parameters={name: Parameter(name, value) for name, value in values.items()},
        children={
            FacetKind.VIRTUAL_ENDPOINTS: {
                name: {"endpointType": "ReadWrite", "members": json.dumps(list(members))}
                for name, members in (endpoints or {}).items()
            },
            FacetKind.LOCKS: {name: {"level": level} for name, level in (locks or {}).items()},
        },
    )


VE = {"ve-app": ("pg-a", "pg-b")}


def seen(state: State, seconds: float | None = 1.0, **more: Any) -> Seen:
    lag = Lag(seconds, NOON) if seconds is not None else Lag(why="Azure Monitor is silent")
    return Seen(state.target, state, **{"lag": lag, **more})


def a_survey(primary: Seen | None = None, *replicas: Seen, **more: Any) -> Survey:
    rules = FailoverRules(max_lag_seconds=300)
    primary = primary or seen(a_primary(endpoints=VE))
    return Survey(NOON, primary, replicas or (seen(a_replica()),), **{"rules": rules, **more})


def asked(survey: Survey | None = None, option: Option = Option.PLANNED, number: int = 0) -> Question:
    survey = survey or a_survey()
    return question_about(survey, survey.replicas[number], option)


def found(question: Question, name: str) -> list[Check]:
    return [check for check in preflight(question) if check.name == name]


def weights(survey: Survey, name: str) -> tuple[set[Weight], set[Weight]]:
    """The weights of a check, planned and forced."""
    planned, forced = (
        {check.weight for check in found(asked(survey, option), name)} for option in (Option.PLANNED, Option.FORCED)
    )
    return planned, forced
