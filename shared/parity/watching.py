"""How a copy is watched: its logs, its threat protection, the alerts about it."""

import json
from collections.abc import Iterator, Mapping

from shared.condition import elements_of, objects_of
from shared.control import Drift
from shared.parity.pair import Pair
from shared.state import FacetKind, Setting, SettingKind
from shared.target import Kind

type Texts = Mapping[str, str]

_SINKS = ("workspaceId", "storageAccountId", "eventHubAuthorizationRuleId", "marketplacePartnerId", "serviceBusRuleId")
# Azure Monitor, "Diagnostic settings": these must be in the region of a resource that has one.
_REGIONAL = ("storageAccountId", "eventHubAuthorizationRuleId")
_LISTS = ("logs", "metrics")
# The one category of logs that all kinds of server have.
_COMMON = "PostgreSQLLogs"
_ON = "Enabled"
_STORAGE = "storageEndpoint"
_SWITCH, _MAILS = "state", ("emailAddresses", "emailAccountAdmins", "disabledAlerts", "retentionDays")
# What differs between two alert rules that watch for the same.
_OWN = ("scopes", "description", "targetResourceRegion", "lastUpdatedTime", "provisioningState", "isMigrated")


def diagnostics(pair: Pair) -> Iterator[Drift]:
    """Diagnostic settings: the copy sends as much, to the same places."""
    ours = pair.copy.children.get(FacetKind.DIAGNOSTIC_SETTINGS)
    theirs = pair.original.children.get(FacetKind.DIAGNOSTIC_SETTINGS)
    if ours is None or theirs is None:
        return
    for name, there in theirs.items():
        wanted = there if pair.alike else _common(there)
        if not _sent(wanted) or any(_covers(one, wanted) for one in ours.values()):
            continue
        setting, found = Setting(SettingKind.DIAGNOSTIC_SETTING, name), ours.get(name)
        why = f"{pair.source} sends {', '.join(sorted(what for _, what in _sent(wanted)))} with this setting"
        if pair.apart and any(wanted.get(sink) for sink in _REGIONAL):
            person = "a storage account or event hub has to be in the server's own region: send to one there"
            yield pair.by_hand(setting, found, wanted, why, person)
        else:
            yield pair.differs(setting, found, _joined(found, wanted), why)


def threat_protection(pair: Pair) -> Iterator[Drift]:
    """Threat protection is on where it is on there, and tells the same people."""
    ours = pair.copy.children.get(FacetKind.THREAT_PROTECTION)
    theirs = pair.original.children.get(FacetKind.THREAT_PROTECTION)
    if ours is None or theirs is None:
        return
    name, found = next(iter(ours.items()), ("Default", {}))
    there = next(iter(theirs.values()), {})
    if there.get(_SWITCH) != _ON:
        return
    mails = _MAILS if pair.alike and pair.copy.target.kind is Kind.SINGLE else ()
    wanted = {**found, _SWITCH: _ON, **{one: there[one] for one in mails if there.get(one)}}
    if wanted == found:
        return
    setting, why = Setting(SettingKind.THREAT_PROTECTION, name), f"{pair.source} raises these alerts"
    if found.get(_STORAGE):
        person = f"the alerts are kept in {found[_STORAGE]}, whose key Azure does not show: change them by hand"
        yield pair.by_hand(setting, ours.get(name), wanted, why, person)
    else:
        origin = Setting(SettingKind.THREAT_PROTECTION, next(iter(theirs)))
        yield pair.differs(setting, ours.get(name), wanted, why, origin)


def alerts(pair: Pair) -> Iterator[Drift]:
    """Metric alerts that watch the original itself; those about a whole group or subscription need no copy."""
    ours = pair.copy.children.get(FacetKind.METRIC_ALERTS)
    theirs = pair.original.children.get(FacetKind.METRIC_ALERTS)
    if ours is None or theirs is None:
        return
    mine = {scope.lower() for one in theirs.values() for scope in _scopes(one)} & {pair.original.target.id.lower()}
    kept = [_rule(one) for one in ours.values()]
    for rule_id, there in theirs.items():
        if not mine & {scope.lower() for scope in _scopes(there)} or _rule(there) in kept:
            continue
        setting, wanted = _alert_of_copy(pair, rule_id), _about_copy(pair, there)
        found = ours.get(setting.neighbour[1])
        why = f"the alert rule {rule_id.rpartition('/')[2]} watches {pair.source}, and none like it the copy"
        if not pair.alike:
            person = f"the metrics of {pair.kind} have other names: make an alert rule for them"
            yield pair.by_hand(setting, found, "an alert rule", why, person)
        else:
            yield pair.differs(setting, found, wanted, why, Setting.outside(FacetKind.METRIC_ALERTS, rule_id))


def _sent(value: Texts) -> set[tuple[str, str]]:
    """Where to, and what, category by category."""
    sinks = [value[sink].lower() for sink in _SINKS if value.get(sink)]
    return {(sink, what) for sink in sinks for member in _LISTS for what in _categories(value, member)}


def _categories(value: Texts, member: str) -> Iterator[str]:
    for entry in objects_of(value.get(member)):
        if entry.get("enabled"):
            yield str(entry.get("category") or entry.get("categoryGroup"))


def _covers(value: Texts, wanted: Texts) -> bool:
    return _sent(wanted) <= _sent(value)


def _common(value: Texts) -> Texts:
    """The setting with those logs only that every kind of server has."""
    logs = [one for one in objects_of(value.get("logs")) if one.get("categoryGroup") or one.get("category") == _COMMON]
    kept = {name: text for name, text in value.items() if name != "logs"}
    return {**kept, "logs": json.dumps(logs, sort_keys=True)} if logs else kept


def _joined(found: Texts | None, wanted: Texts) -> Texts:
    """The wanted setting with what the copy's own sends already, where both send to the same places."""
    if found is None or any(found.get(sink, "").lower() != wanted.get(sink, "").lower() for sink in _SINKS):
        return wanted
    joined = dict(wanted)
    for member in _LISTS:
        there = objects_of(wanted.get(member))
        groups = any("categoryGroup" in one for one in there)
        sent = set(_categories(wanted, member))
        more = [
            one
            for one in objects_of(found.get(member))
            if one.get("enabled") and ("categoryGroup" in one) == groups and not sent & {*one.values()}
        ]
        if more:
            joined[member] = json.dumps(sorted([*there, *more], key=json.dumps), sort_keys=True)
    return joined


def _scopes(rule: Texts) -> list[str]:
    return [str(one) for one in elements_of(rule.get("scopes"))]


def _rule(rule: Texts) -> dict[str, str]:
    return {name: text for name, text in rule.items() if name not in _OWN and not name.startswith("tags.")}


def _alert_of_copy(pair: Pair, rule_id: str) -> Setting:
    target, name = pair.copy.target, rule_id.rpartition("/")[2]
    group = f"/subscriptions/{target.subscription}/resourceGroups/{target.resource_group}"
    own = f"{group}/providers/Microsoft.Insights/metricAlerts/{name}-{target.name}"
    return Setting.outside(FacetKind.METRIC_ALERTS, own)


def _about_copy(pair: Pair, rule: Texts) -> Texts:
    region = pair.copy.server.facts.get("location", "") if pair.copy.server else ""
    about = {**rule, "scopes": json.dumps([pair.copy.target.id])}
    return {**about, "targetResourceRegion": region} if rule.get("targetResourceRegion") and region else about
