"""Small controls of our own: what a plan or a decision does must not depend on which controls exist."""

from collections.abc import Callable
from typing import Any

from shared.control import Case, Control, Drift, Finding, NotApplicable, Proposal, Remediator, Severity, put_back
from shared.plan import Judge
from shared.policy import Mode, Policy
from shared.state import SERVER, Setting, State, Value


def a_control(name: str = "a-control", **changes: Any) -> Control:
    card: dict[str, Any] = {
        "id": name,
        "title": "A control",
        "domain": "Tests",
        "severity": Severity.HIGH,
        "facets": (SERVER,),
        "operations": frozenset({"write"}),
        "permissions": frozenset({"write"}),
    }
    return Control(**(card | changes))


def a_judge(
    detect: Callable[[State, Any], Finding],
    plan: Callable[[Case], Proposal] = put_back,
    policy: Policy | None = None,
    **card: Any,
) -> Judge:
    """A judge of what `detect` finds; everything is enforced unless a policy is given."""
    control = a_control(**card)
    return Judge(Remediator(control, detect, plan), (policy or Policy(mode=Mode.ENFORCE)).general_rule(control))


def wants(setting: Setting, *accepted: Value, person: str = "", **card: Any) -> Judge:
    """A judge who objects to the setting unless it has one of these values, and asks for the first."""
    name = card.setdefault("name", f"wants-{setting.name or setting.kind}")
    card.setdefault("facets", (setting.facet,))

    def detect(state: State, _: object) -> Finding:
        found = state.value(setting)
        return () if found in accepted else (Drift(name, setting, found, accepted[0], "unwanted", person=person),)

    return a_judge(detect, **card)


def silent(**card: Any) -> Judge:
    """A judge to whom nothing applies."""
    return a_judge(lambda _state, _parameters: NotApplicable("never"), **card)
