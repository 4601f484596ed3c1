"""From drifts to a plan: which value each setting goes back to, checked on paper before anything is sent.

For every setting the last known good value comes first, then what the policy asks for; the first value that no judged
control objects to is taken. The whole plan is then simulated and judged again: a change after which a control that
held would drift is dropped, and the reason is kept.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from shared.condition import listed
from shared.control import Case, Change, Drift, Finding, LastGood, Refusal, Remediator, Risk, Source
from shared.policy import Rule
from shared.state import FacetKind, FirewallRule, Setting, SettingKind, State, Value

# Azure refuses firewall changes while public access is off, so that door is closed late; a lock forbids what comes
# after it.
_ORDER = (
    SettingKind.ROLE_ASSIGNMENT,
    SettingKind.DIAGNOSTIC_SETTING,
    SettingKind.THREAT_PROTECTION,
    SettingKind.ADMINISTRATOR,
    SettingKind.FIREWALL_RULE,
    SettingKind.VIRTUAL_NETWORK_RULE,
    SettingKind.PRIVATE_ENDPOINT,
    SettingKind.VIRTUAL_ENDPOINT,
    SettingKind.PARAMETER,
    SettingKind.PROPERTY,
    SettingKind.AUTHENTICATION,
    SettingKind.PUBLIC_ACCESS,
    SettingKind.LOCK,
)
# What is written below or around a server lets somebody in when it comes, or locks somebody out when it goes.
_DOORS = frozenset({SettingKind.VIRTUAL_NETWORK_RULE, SettingKind.PRIVATE_ENDPOINT, SettingKind.ROLE_ASSIGNMENT})
_WORST = (
    Risk.SAFE,
    Risk.MAY_CUT_CLIENTS,
    Risk.CUTS_ONLY_DOOR,
    Risk.NEEDS_RESTART,
    Risk.WIDENS_ACCESS,
)


@dataclass(frozen=True, slots=True)
class Judge:
    """A remediator together with what the policy says about its control."""

    remediator: Remediator
    rule: Rule

    @property
    def id(self) -> str:
        """The control's id."""
        return self.remediator.control.id

    def find(self, state: State) -> Finding:
        """The control's own answer."""
        return self.remediator.detect(state, self.rule.parameters)

    def drifts(self, state: State) -> tuple[Drift, ...]:
        """The drifts this control finds; none also where it does not apply."""
        finding = self.find(state)
        return finding if isinstance(finding, tuple) else ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Ordered changes, and for each setting that cannot be mended the reason."""

    changes: tuple[Change, ...] = ()
    refusals: Mapping[Setting, str] = field(default_factory=dict)

    @property
    def undo(self) -> tuple[Change, ...]:
        """The changes that take the plan back, in order."""
        return tuple(change.undo() for change in reversed(self.changes))

    def only(self, settings: Iterable[Setting]) -> "Plan":
        """The part of the plan that touches these settings, with everything it cannot do without."""
        kept = set(settings)
        while more := {need for change in self.changes if change.setting in kept for need in change.needs} - kept:
            kept |= more
        return replace(self, changes=tuple(change for change in self.changes if change.setting in kept))


def plan_digest(changes: Iterable[Change]) -> str:
    """Stands for exactly these changes, in any order: settings, values before and after, sources, risks."""
    return hashlib.sha256(" ".join(sorted(change.key for change in changes)).encode()).hexdigest()


def make_plan(state: State, judges: Sequence[Judge], last_good: LastGood) -> Plan:
    """Plan the way back for everything the judges object to."""
    proposed: dict[Setting, list[Change]] = {}
    refusals: dict[Setting, str] = {}
    for judge in judges:
        drifts = judge.drifts(state)
        if not drifts:
            continue
        proposal = judge.remediator.plan(Case(state, drifts, last_good, judge.rule.parameters))
        if isinstance(proposal, Refusal):
            refusals |= {drift.setting: proposal.reason for drift in drifts}
            continue
        for change in proposal:
            proposed.setdefault(change.setting, []).append(change)
    changes = []
    for setting, candidates in proposed.items():
        chosen = _choose(state, setting, candidates, judges, last_good)
        if isinstance(chosen, Refusal):
            refusals[setting] = chosen.reason
        else:
            changes.append(_with_risk(state, chosen, judges))
    ordered = tuple(sorted(changes, key=lambda change: (_ORDER.index(change.setting.kind), change.after is None)))
    return checked(state, without_orphans(Plan(ordered, refusals)), judges)


def simulate(state: State, changes: Iterable[Change]) -> State:
    """The state as it would be after the changes."""
    for change in changes:
        state = state.with_value(change.setting, change.after)
    return state


def _choose(
    state: State, setting: Setting, candidates: Sequence[Change], judges: Sequence[Judge], last_good: LastGood
) -> Change | Refusal:
    found = state.value(setting)
    options = list(candidates)
    if last_good.changed_since(setting, found):
        # What a proposal cannot do without, its better value cannot do without either.
        needs = tuple({need: None for candidate in candidates for need in candidate.needs})
        options.insert(0, Change(setting, found, last_good.value(setting), Source.LAST_GOOD, needs=needs))
    reason = "no value of this setting satisfies every control"
    for option in options:
        impossible = _impossible(state, option)
        if impossible:
            reason = impossible
        elif not _objected(state.with_value(setting, option.after), setting, judges):
            return option
    return Refusal(f"{setting}: {reason}")


def _objected(state: State, setting: Setting, judges: Sequence[Judge]) -> bool:
    return any(drift.setting == setting for judge in judges for drift in judge.drifts(state) if not drift.person)


def without_orphans(plan: Plan) -> Plan:
    """The plan with only those changes whose needs are planned as well; the others are refused."""
    changes, refusals = plan.changes, dict(plan.refusals)
    while orphans := [change for change in changes if set(change.needs) - {other.setting for other in changes}]:
        for change in orphans:
            refusals[change.setting] = (
                f"it cannot be done without {', '.join(map(str, change.needs))}, which is refused"
            )
        changes = tuple(change for change in changes if change not in orphans)
    return Plan(changes, refusals)


def _impossible(state: State, change: Change) -> str:
    if change.setting.inherited:
        return "it was made above the server, and is changed there"
    locked = _locked(state, change)
    if locked or change.setting.kind is not SettingKind.PARAMETER:
        return locked
    held = state.parameters.get(change.setting.name)
    if held is None:
        return "the server does not have this parameter"
    if held.read_only:
        return "the parameter is read-only on this server"
    allowed = {word.lower() for word in listed(held.allowed)}
    # A list holds some of the allowed words.
    unknown = {word.lower() for word in listed(str(change.after))} - allowed
    if allowed and "-" not in held.allowed and unknown:
        return f"{change.after} is not among the values this server allows ({held.allowed})"
    return ""


def _locked(state: State, change: Change) -> str:
    """Which lock forbids the change, where the locks were read."""
    deletes = change.after is None and not change.setting.on_server
    forbidding = {"ReadOnly", "CanNotDelete"} if deletes else {"ReadOnly"}
    locks = {} if change.setting.kind is SettingKind.LOCK else state.children.get(FacetKind.LOCKS, {})
    for name, lock in locks.items():
        if lock.get("level") in forbidding:
            return (
                f"the lock {name} ({lock['level']}) forbids it: a person removes the lock, or makes the change by hand"
            )
    return ""


def checked(state: State, plan: Plan, judges: Sequence[Judge]) -> Plan:
    """Drop a plan that would break a control that holds now; half a plan may still be a good one."""
    after = simulate(state, plan.changes)
    broken = [judge.id for judge in judges if judge.drifts(after) and not judge.drifts(state)]
    if not broken:
        return plan
    reason = f"the change would break {', '.join(broken)}"
    return Plan((), {**plan.refusals, **{change.setting: reason for change in plan.changes}})


def _with_risk(state: State, change: Change, judges: Sequence[Judge]) -> Change:
    """The worst of what the change shows by itself and what the controls it mends say of their fix."""
    cards = [
        judge.remediator.control
        for judge in judges
        if any(drift.setting == change.setting for drift in judge.drifts(state))
    ]
    said = [card.risk or Risk.SAFE for card in cards]
    return replace(change, risk=max([risk_of(state, change), *said], key=_WORST.index))


def risk_of(state: State, change: Change) -> Risk:
    """What the change can do to people who use the server, judged from the state before it."""
    match change.setting.kind:
        case SettingKind.FIREWALL_RULE:
            return _firewall_risk(state, change)
        case SettingKind.PUBLIC_ACCESS:
            return _door_risk(state, change)
        case SettingKind.ADMINISTRATOR:
            return Risk.WIDENS_ACCESS if change.after is not None else Risk.SAFE
        case SettingKind.PARAMETER:
            held = state.parameters.get(change.setting.name)
            return Risk.SAFE if held is None or held.dynamic else Risk.NEEDS_RESTART
        case SettingKind.AUTHENTICATION:
            return Risk.MAY_CUT_CLIENTS
        case _ if change.setting.kind in _DOORS:
            return Risk.MAY_CUT_CLIENTS if change.after is None else Risk.WIDENS_ACCESS
        case _:
            return Risk.SAFE


def _door_risk(state: State, change: Change) -> Risk:
    if change.after == "Enabled":
        return Risk.WIDENS_ACCESS
    if change.source is Source.LAST_GOOD:
        return Risk.SAFE
    no_other_door = state.server is None or state.server.approved_endpoints == 0
    return Risk.CUTS_ONLY_DOOR if no_other_door else Risk.MAY_CUT_CLIENTS


def _firewall_risk(state: State, change: Change) -> Risk:
    before, after = _rule(change.setting, change.before), _rule(change.setting, change.after)
    if after is None:
        if change.source is Source.LAST_GOOD:
            return Risk.SAFE
        return Risk.CUTS_ONLY_DOOR if len(state.firewall_rules or ()) <= 1 else Risk.MAY_CUT_CLIENTS
    if before is None or after.size > before.size:
        return Risk.WIDENS_ACCESS
    inside = before.first <= after.first and after.last <= before.last
    return Risk.SAFE if inside or change.source is Source.LAST_GOOD else Risk.WIDENS_ACCESS


def _rule(setting: Setting, value: Value) -> FirewallRule | None:
    if not isinstance(value, Mapping):
        return None
    return FirewallRule(setting.name, value["startIpAddress"], value["endIpAddress"])
