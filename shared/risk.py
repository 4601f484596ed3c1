"""What a change can do to the people who use a server, judged from the state before it. Pure."""

from collections.abc import Callable, Mapping

from shared.control import Change, Risk, Source
from shared.state import RUNNING, YES, FirewallRule, Setting, SettingKind, State, Value

# What is written below or around a server lets somebody in when it comes, or locks somebody out when it goes.
_DOORS = frozenset(
    {
        SettingKind.VIRTUAL_NETWORK_RULE,
        SettingKind.PRIVATE_ENDPOINT,
        SettingKind.ROLE_ASSIGNMENT,
        SettingKind.ROLE_MEMBERSHIP,
        SettingKind.SCHEMA_GRANT,
        SettingKind.SESSION,
    }
)


def risk_of(state: State, change: Change) -> Risk:
    """What the change can do to people who use the server, judged from the state before it."""
    judge = _JUDGES.get(change.setting.kind)
    if judge is not None:
        return judge(state, change)
    match change.setting.kind:
        case SettingKind.ADMINISTRATOR:
            return Risk.WIDENS_ACCESS if change.after is not None else Risk.SAFE
        case SettingKind.PARAMETER:
            held = state.parameters.get(change.setting.name)
            return Risk.SAFE if held is None or held.dynamic else Risk.NEEDS_RESTART
        case SettingKind.AUTHENTICATION | SettingKind.POWER:
            return Risk.SAFE if change.after == RUNNING else Risk.MAY_CUT_CLIENTS
        case SettingKind.DIAGNOSTIC_SETTING:
            return Risk.ENDS_RECORDING if change.after is None else Risk.SAFE
        case _ if change.setting.kind in _DOORS:
            return Risk.MAY_CUT_CLIENTS if change.after is None else Risk.WIDENS_ACCESS
        case _:
            return Risk.SAFE


def _role_risk(_: State, change: Change) -> Risk:
    """A role that may do more than before lets somebody in, one that may do less locks somebody out."""
    before = change.before if isinstance(change.before, Mapping) else {}
    after = change.after if isinstance(change.after, Mapping) else {}
    gains = any(may == YES and before.get(what) != YES for what, may in after.items())
    prolonged = before.get("valid_until") != after.get("valid_until")
    return Risk.WIDENS_ACCESS if gains or prolonged else Risk.MAY_CUT_CLIENTS


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
    if change.source is Source.ALERT and _is_open(state, after):
        return Risk.SAFE
    if before is None or after.size > before.size:
        return Risk.WIDENS_ACCESS
    inside = before.first <= after.first and after.last <= before.last
    return Risk.SAFE if inside or change.source is Source.LAST_GOOD else Risk.WIDENS_ACCESS


def _is_open(state: State, wanted: FirewallRule) -> bool:
    """Whether rules let every address of this one in already: what is split is not widened."""
    if wanted.azure_services:
        return any(rule.azure_services for rule in state.firewall_rules or ())
    first = wanted.first
    for rule in sorted(state.firewall_rules or (), key=lambda one: one.first):
        if rule.first <= first <= rule.last and not rule.azure_services:
            first = rule.last + 1
    return first > wanted.last


def _rule(setting: Setting, value: Value) -> FirewallRule | None:
    if not isinstance(value, Mapping):
        return None
    return FirewallRule(setting.name, value["startIpAddress"], value["endIpAddress"])


_JUDGES: Mapping[SettingKind, Callable[[State, Change], Risk]] = {
    SettingKind.FIREWALL_RULE: _firewall_risk,
    SettingKind.PUBLIC_ACCESS: _door_risk,
    SettingKind.DATABASE_ROLE: _role_risk,
}
