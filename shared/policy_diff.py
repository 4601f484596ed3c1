"""What another policy would change: for each server of a fleet, and for all of them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from shared.control import Catalogue, Control
from shared.orders import exemption_for
from shared.policy import Policy
from shared.policy.explain import value_text
from shared.policy_cases import value_text as setting_text
from shared.policy_servers import Fleet, ServerSheet
from shared.policy_trial import Situation, outcome_of
from shared.scope import Place
from shared.state import spoken
from shared.target import Target

_SECTIONS = ("exempting", "breaker", "flapping", "blast_radius", "approvals", "failover")
_LISTS = ("trusted", "routes")
_ABSENT = "none"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that becomes another."""

    control: str
    key: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs: for all servers, and for each one concerned."""

    everywhere: tuple[Step, ...]
    servers: Mapping[Target, tuple[Step, ...]]

    def __bool__(self) -> bool:
        return bool(self.everywhere or self.servers)


def compare(old: Policy, new: Policy, catalogue: Catalogue, fleet: Fleet, at: datetime) -> Comparison:
    """Compare two policies over a fleet, as they are at this moment."""
    servers = {}
    for server in fleet.servers:
        steps = (*_rules(old, new, catalogue, server.place, at), *_decisions(old, new, catalogue, server, at))
        if steps:
            servers[server.place.target] = steps
    return Comparison(tuple(_general(old, new)), servers)


def _steps(control: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Step]:
    for key in [*before, *(key for key in after if key not in before)]:
        if before.get(key, _ABSENT) != after.get(key, _ABSENT):
            yield Step(control, key, before.get(key, _ABSENT), after.get(key, _ABSENT))


def _rules(old: Policy, new: Policy, catalogue: Catalogue, place: Place, at: datetime) -> Iterator[Step]:
    for name, remediator in catalogue.items():
        before, after = (_rule(policy, remediator.control, place, at) for policy in (old, new))
        yield from _steps(name, before, after)


def _rule(policy: Policy, control: Control, place: Place, at: datetime) -> Mapping[str, str]:
    rule = policy.rule(control, place)
    exemption = exemption_for(policy.exemptions, place, control.id, at)
    return {
        "mode": rule.fresh,
        "first_sight": rule.first_sight,
        **{f"parameters.{name}": value_text(value) for name, value in rule.parameters},
        "delay": value_text(rule.delay) if rule.delay else _ABSENT,
        "exempt": f"until {exemption.expires_at:%Y-%m-%d %H:%M} UTC" if exemption else _ABSENT,
    }


def _decisions(old: Policy, new: Policy, catalogue: Catalogue, server: ServerSheet, at: datetime) -> Iterator[Step]:
    """What would be decided about the state that was written down with the server."""
    if server.state is None:
        return
    situation = Situation(server.place, server.state, at, server.known_good)
    before, after = (_decided(policy, catalogue, situation) for policy in (old, new))
    for control in catalogue:
        if before.get(control) != after.get(control):
            yield from _steps(control, before.get(control, {}), after.get(control, {}))


def _decided(policy: Policy, catalogue: Catalogue, situation: Situation) -> Mapping[str, Mapping[str, str]]:
    outcome = outcome_of(policy, catalogue, situation)
    found: dict[str, dict[str, str]] = {}
    writes = {change.setting: setting_text(change.after) for change in outcome.carried_out.changes}
    for drift, decision in outcome.decided:
        written = f", written: {writes[drift.setting]}" if drift.setting in writes else ""
        found.setdefault(drift.control, {})[f"decision on {spoken(str(drift.setting))}"] = f"{decision.verb}{written}"
    return found


def _general(old: Policy, new: Policy) -> Iterator[Step]:
    for section in _SECTIONS:
        yield from _steps(section, _keys(getattr(old, section)), _keys(getattr(new, section)))
    for listed in _LISTS:
        yield from _steps(listed, *(_by_name(getattr(policy, listed)) for policy in (old, new)))
    opened = ({one.scope: value_text(one) for one in policy.databases} for policy in (old, new))
    yield from _steps("databases", *opened)
    yield from _steps("break_glass", *(_keys(policy.break_glass) for policy in (old, new)))
    yield from _steps("", *({"operators": value_text(policy.operators)} for policy in (old, new)))


def _keys(section: BaseModel | None) -> Mapping[str, str]:
    return {name: value_text(value) for name, value in section} if section is not None else {}


def _by_name(parts: Iterable[Any]) -> Mapping[str, str]:
    return {part.name: value_text(part) for part in parts}
