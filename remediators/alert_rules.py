"""activity-log-alert-postgres-ops, metric-alerts-present: somebody is called when a server changes or suffers.

Why      An alert rule that is switched off or deleted is noticed only when the alert would have been needed.
Fix      Put a rule back as it was when all was well; switch a rule on that is off.
Refuses  To invent rules: whom to call and from which number on only people know. They are told which rule is missing.
         Metric alerts are not applicable while the policy names none.
Undo     Write the rule as it was, or take it away.
"""

from collections.abc import Iterable, Iterator, Mapping

from shared.condition import objects_of
from shared.control import Control, Disposition, Drift, Finding, NotApplicable, Parameters, Remediator, Severity
from shared.state import Facet, FacetKind, Setting, State
from shared.target import PROVIDER, Kind

type Texts = Mapping[str, str]


class Operations(Parameters):
    """`operations`: what must raise an alert, below the type of the server; `write` is the server's own."""

    operations: tuple[str, ...] = ("write", "delete", "firewallRules/write", "firewallRules/delete")


class Rules(Parameters):
    """`alerts`: the names of the metric alerts that must watch the server."""

    alerts: tuple[str, ...] = ()


def _writes(name: str) -> frozenset[str]:
    return frozenset(f"Microsoft.Insights/{name}/{verb}" for verb in ("write", "delete"))


OPERATIONS = Control(
    id="activity-log-alert-postgres-ops",
    title="Activity Log alerts exist for PostgreSQL server, firewall and configuration writes/deletes",
    domain="Logging & Monitoring / Alert & Incident Management",
    severity=Severity.MEDIUM,
    facets=(Facet(FacetKind.ACTIVITY_ALERTS),),
    operations=frozenset(map(str.lower, _writes("activityLogAlerts"))),
    permissions=_writes("activityLogAlerts"),
    fresh=Disposition.AUTO,
    first_sight=Disposition.APPROVAL,
    kinds=frozenset(Kind),
    parameters=Operations,
    optional=True,
)
METRICS = Control(
    id="metric-alerts-present",
    title="Baseline metric alerts exist (availability, CPU, storage, connections)",
    domain="Logging & Monitoring / Service Monitoring",
    severity=Severity.LOW,
    facets=(Facet(FacetKind.METRIC_ALERTS),),
    operations=frozenset(map(str.lower, _writes("metricAlerts"))),
    permissions=_writes("metricAlerts"),
    fresh=Disposition.AUTO,
    first_sight=Disposition.APPROVAL,
    kinds=frozenset(Kind),
    parameters=Rules,
    optional=True,
)


def detect_operations(state: State, wanted: Operations) -> Finding:
    """Find operations on the server that call nobody."""
    rules = state.children.get(FacetKind.ACTIVITY_ALERTS)
    if rules is None:
        return NotApplicable("the alert rules were not read")
    kind = f"{PROVIDER}/{state.target.kind.type_name}".lower()
    missing = {f"{kind}/{operation.lower()}" for operation in wanted.operations}
    missing -= _covered(rules.values(), missing)
    if not missing:
        return ()
    drifts = []
    for setting, value in state.remembered(FacetKind.ACTIVITY_ALERTS):
        again = _covered([value], missing)
        if again:
            missing -= again
            drifts.append(_drift(OPERATIONS, state, setting, value, "nobody is called when this server is changed"))
    if missing:
        drifts.append(_unknown(OPERATIONS, state, f"make an activity log alert for {', '.join(sorted(missing))}"))
    return tuple(drifts)


def detect_metrics(state: State, wanted: Rules) -> Finding:
    """Find metric alerts that are gone or off."""
    if not wanted.alerts:
        return NotApplicable("the policy names no metric alerts")
    rules = state.children.get(FacetKind.METRIC_ALERTS)
    if rules is None:
        return NotApplicable("the alert rules were not read")
    return tuple(drift for name in wanted.alerts for drift in _metric(state, rules, name))


def _metric(state: State, rules: Mapping[str, Texts], name: str) -> Iterator[Drift]:
    why = f"the metric alert {name} does not watch this server"
    for resource, rule in rules.items():
        if _called(resource, name):
            if rule.get("enabled") != "true":
                setting = Setting.outside(FacetKind.METRIC_ALERTS, resource)
                yield _drift(METRICS, state, setting, {**rule, "enabled": "true"}, why)
            return
    for setting, value in state.remembered(FacetKind.METRIC_ALERTS):
        if _called(setting.neighbour[1], name):
            yield _drift(METRICS, state, setting, {**value, "enabled": "true"}, why)
            return
    yield _unknown(METRICS, state, f"make the metric alert {name} for this server", name)


def _covered(rules: Iterable[Texts], wanted: set[str]) -> set[str]:
    """The operations that raise an alert: a rule that names none is about all of them."""
    covered: set[str] = set()
    for rule in rules:
        if rule.get("enabled") == "true":
            named = {operation.lower() for operation in _operations(rule)}
            covered |= wanted & named if named else wanted
    return covered


def _operations(rule: Texts) -> Iterator[str]:
    for one in objects_of(rule.get("condition.allOf")):
        if str(one.get("field")).lower() == "operationname":
            yield str(one.get("equals"))


def _called(resource: str, name: str) -> bool:
    return resource.rsplit("/", 1)[-1].lower() == name.lower()


def _drift(control: Control, state: State, setting: Setting, wanted: Texts, why: str) -> Drift:
    return Drift(control.id, setting, state.value(setting), wanted, why)


def _unknown(control: Control, state: State, person: str, name: str = "") -> Drift:
    place = f"/subscriptions/{state.target.subscription}/providers/Microsoft.Insights"
    facet = control.facets[0].kind
    setting = Setting.outside(facet, f"{place}/{facet}/{name}".rstrip("/"))
    return Drift(control.id, setting, None, "an alert rule", "nobody is called", person=person)


REMEDIATORS = (Remediator(OPERATIONS, detect_operations), Remediator(METRICS, detect_metrics))
