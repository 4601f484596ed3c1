"""defender-alert-suppression: no rule hides what Defender for Cloud has to say about PostgreSQL.

Why      Whoever attacks a database and may write a suppression rule is never heard of.
Fix      Delete a rule that hides PostgreSQL alerts and that the policy does not name. By default a person approves.
Refuses  Rules that are off, that have ended, or that hide other alerts are left alone.
Undo     Write the rule as it was.
"""

from collections.abc import Mapping
from datetime import datetime

from shared.control import Control, Disposition, Drift, Finding, NotApplicable, Parameters, Remediator, Severity
from shared.state import Facet, FacetKind, Setting, State
from shared.target import Kind


class Approved(Parameters):
    """`approved_rules`: names of the suppression rules that may hide PostgreSQL alerts."""

    approved_rules: tuple[str, ...] = ()


CONTROL = Control(
    id="defender-alert-suppression",
    title="No suppression rule hides PostgreSQL threat alerts",
    domain="Logging & Monitoring / Alert & Incident Management",
    severity=Severity.MEDIUM,
    facets=(Facet(FacetKind.SUPPRESSION_RULES),),
    operations=frozenset({"microsoft.security/alertssuppressionrules/write"}),
    permissions=frozenset(f"Microsoft.Security/alertsSuppressionRules/{verb}" for verb in ("write", "delete")),
    fresh=Disposition.APPROVAL,
    first_sight=Disposition.NOTIFY,
    kinds=frozenset(Kind),
    parameters=Approved,
    optional=True,
)
# Alert types of Defender for open-source relational databases begin like this; `*` stands for every type.
_POSTGRES, _EVERY = "sql.postgresql", "*"


def detect(state: State, approved: Approved) -> Finding:
    """Find rules that hide PostgreSQL alerts."""
    rules = state.children.get(FacetKind.SUPPRESSION_RULES)
    if rules is None:
        return NotApplicable("the suppression rules were not read")
    known = {name.lower() for name in approved.approved_rules}
    return tuple(
        Drift(
            CONTROL.id,
            Setting.outside(FacetKind.SUPPRESSION_RULES, resource),
            rule,
            None,
            f"the rule hides alerts of type {rule.get('alertType')}",
        )
        for resource, rule in rules.items()
        if _hides(rule, state.at) and resource.rsplit("/", 1)[-1].lower() not in known
    )


def _hides(rule: Mapping[str, str], at: datetime | None) -> bool:
    kind = rule.get("alertType", "").lower()
    ends = _moment(rule.get("expirationDateUtc", ""))
    ended = ends is not None and at is not None and ends <= at
    return rule.get("state") == "Enabled" and not ended and (kind == _EVERY or kind.startswith(_POSTGRES))


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


REMEDIATORS = (Remediator(CONTROL, detect),)
