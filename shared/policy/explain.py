"""Which line decided: the rules of a place, key by key, with what they override and what exempts from them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from shared.control import Control
from shared.orders import Exemption
from shared.policy.layer import Delay
from shared.policy.model import Policy
from shared.policy.rule import Rule, Trace
from shared.scope import Place

BUILT_IN = "built in"


@dataclass(frozen=True, slots=True)
class Line:
    """One key of one control: its value, who decided, the lines it overrides (`value, where`), what held it back."""

    key: str
    value: str
    where: str
    overridden: tuple[tuple[str, str], ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that the policy says about one control at one place."""

    control: str
    title: str
    lines: tuple[Line, ...]
    exemptions: tuple[Exemption, ...] = ()

    def as_json(self) -> Mapping[str, Any]:
        """For machines."""
        return {
            "control": self.control,
            "title": self.title,
            "keys": {
                line.key: {
                    "value": line.value,
                    "where": line.where,
                    "note": line.note,
                    "overridden": [{"value": value, "where": where} for value, where in line.overridden],
                }
                for line in self.lines
            },
            "exemptions": [
                {
                    "until": exemption.expires_at.isoformat(),
                    "reason": exemption.reason,
                    "owner": exemption.owner,
                    "ticket": exemption.ticket,
                    "where": exemption.source,
                }
                for exemption in self.exemptions
            ],
        }


def explain(policy: Policy, controls: Iterable[Control], place: Place, at: datetime) -> list[Explanation]:
    """Explain the rules of these controls at this place and moment."""
    return [
        Explanation(
            control.id,
            control.title,
            _lines(policy.rule(control, place)),
            tuple(exemption for exemption in policy.exemptions if exemption.holds(place, control.id, at)),
        )
        for control in controls
    ]


def _lines(rule: Rule) -> tuple[Line, ...]:
    # A delay is worth a line only where somebody wrote one.
    return tuple(_line(key, trace) for key, trace in rule.traces.items() if key != "delay" or trace.said)


def _line(key: str, trace: Trace) -> Line:
    overridden = tuple((value_text(said.value), said.where or BUILT_IN) for said in trace.overridden)
    return Line(key, value_text(trace.value), trace.where or BUILT_IN, overridden, trace.note)


def value_text(value: object) -> str:
    """A value of the policy on one line."""
    match value:
        case Delay(hours=hours, remind_hours_before=before):
            reminders = ", ".join(f"{reminder:g}" for reminder in before)
            return f"{hours:g} h" + (f", reminders {reminders} h before" if reminders else "")
        case frozenset():
            return value_text(sorted(value))
        case tuple() | list():
            return f"[{', '.join(map(value_text, value))}]"
        case Mapping():
            return f"{{{', '.join(f'{name}: {value_text(part)}' for name, part in value.items())}}}"
        case BaseModel():
            return " ".join(f"{name}={value_text(part)}" for name, part in value)
    return str(value)
