"""firewall-rule-count: there are few firewall rules.

Why      Nobody reads a long list, so what does not belong there stays there.
Fix      None: which rule is not needed any more, only people know.
Refuses  Not applicable inside a virtual network, and while public access is off.
Undo     Nothing was written, so nothing is undone.
"""

from typing import Annotated

from pydantic import Field

from shared.control import Control, Disposition, Drift, Finding, NotApplicable, Parameters, Remediator, Revert, Severity
from shared.firewall import rules_in_force
from shared.state import FIREWALL_RULES, Setting, SettingKind, State
from shared.target import Kind


class Limit(Parameters):
    """`maximum`: how many firewall rules a server may have."""

    maximum: Annotated[int, Field(ge=0, le=1000)] = 10


CONTROL = Control(
    id="firewall-rule-count",
    title="Number of firewall rules stays at or below the limit (10)",
    domain="Network Security / IP Firewall Rules",
    severity=Severity.LOW,
    facets=(FIREWALL_RULES,),
    operations=frozenset({"firewallrules/write"}),
    permissions=frozenset(),
    fresh=Disposition.NOTIFY,
    first_sight=Disposition.NOTIFY,
    revert=Revert.PERSON,
    kinds=frozenset(Kind),
    parameters=Limit,
    optional=True,
)


def detect(state: State, limit: Limit) -> Finding:
    """Find more rules than the limit."""
    rules = rules_in_force(state)
    if isinstance(rules, NotApplicable):
        return rules
    if len(rules) <= limit.maximum:
        return ()
    return (
        Drift(
            CONTROL.id,
            Setting(SettingKind.FIREWALL_RULE),
            f"{len(rules)} rules",
            f"at most {limit.maximum}",
            "nobody keeps an eye on so many rules",
            person="ask the owner of the server which rules are still needed, and delete the others",
        ),
    )


REMEDIATORS = (Remediator(CONTROL, detect),)
