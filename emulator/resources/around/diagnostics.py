"""Microsoft.Insights/diagnosticSettings and their categories: where the logs and metrics of a resource go.

Recorded (2024): ids in lower case, absent members answered as null, errors with code and message at the top. The texts
of the refusals are not verified.
"""

from emulator.arm.call import Answer
from emulator.arm.registry import Request, ResourceType
from emulator.arm.store import Resource
from emulator.body import Body
from emulator.errors import ArmError
from emulator.ids import extended, parse_path
from emulator.resources.answers import page
from emulator.resources.around.forms import Form
from emulator.resources.around.plain import Plain
from emulator.resources.around.scopes import require_scope
from emulator.resources.locations import LOCATIONS
from emulator.resources.settable import ITEMS, TEXT
from emulator.world import World

KIND = "Microsoft.Insights/diagnosticSettings"
_CATEGORIES = "Microsoft.Insights/diagnosticSettingsCategories"
_VERSIONS = ("2017-05-01-preview", "2021-05-01-preview")
_SINKS = ("workspaceId", "storageAccountId", "eventHubAuthorizationRuleId", "marketplacePartnerId")
_LOGS = {
    "microsoft.dbforpostgresql/flexibleservers": (
        "PostgreSQLLogs",
        "PostgreSQLFlexSessions",
        "PostgreSQLFlexQueryStoreRuntime",
        "PostgreSQLFlexQueryStoreWaitStats",
        "PostgreSQLQueryStoreSqlText",
        "PostgreSQLFlexTableStats",
        "PostgreSQLFlexDatabaseXacts",
        "PostgreSQLFlexPGBouncer",
    ),
    "microsoft.dbforpostgresql/servers": (
        "PostgreSQLLogs",
        "QueryStoreRuntimeStatistics",
        "QueryStoreWaitStatistics",
    ),
    "microsoft.dbforpostgresql/servergroupsv2": ("PostgreSQLLogs",),
    "microsoft.keyvault/vaults": ("AuditEvent", "AzurePolicyEvaluationDetails"),
    "": (
        "Administrative",
        "Security",
        "ServiceHealth",
        "Alert",
        "Recommendation",
        "Policy",
        "Autoscale",
        "ResourceHealth",
    ),
}
_AUDITED = ("PostgreSQLLogs", "AuditEvent")  # in the group audit besides allLogs


def _type_of(scope: str) -> str:
    path = parse_path(scope)
    return "" if path is None else path.full_type


def _refused(text: str, status: int = 400, code: str = "BadRequest") -> ArmError:
    return ArmError(status, code, text, is_bare=True)


def _shown(_: World, one: Resource) -> Body:
    its = one.properties
    of_resource = bool(_type_of(extended(one.id)))
    logs = [_entry(entry) for entry in its.get("logs") or []]
    for log in logs if not of_resource else ():  # a subscription has no metrics, and keeps nothing itself
        log.pop("retentionPolicy")
    facts: Body = {name: its.get(name) for name in ("storageAccountId", "serviceBusRuleId", "workspaceId")}
    facts |= {name: its.get(name) for name in ("eventHubAuthorizationRuleId", "eventHubName")} | {"logs": logs}
    if of_resource:
        metrics = [{"timeGrain": None, **_entry(entry)} for entry in its.get("metrics") or []]
        for metric in metrics:
            metric.pop("categoryGroup")
        facts |= {"metrics": metrics, "logAnalyticsDestinationType": its.get("logAnalyticsDestinationType")}
    return facts


def _entry(sent: Body) -> Body:
    shown: Body = {name: sent.get(name) for name in ("category", "categoryGroup", "enabled")}
    policy = sent.get("retentionPolicy") or {}
    return shown | {"retentionPolicy": {"enabled": policy.get("enabled", False), "days": policy.get("days", 0)}}


def _check(request: Request, _: Body | None, new: Body) -> None:
    scope, its = request.path.scope, new["properties"]
    if not any(its.get(sink) for sink in _SINKS):
        raise _refused("At least one data sink needs to be specified.")
    known = _LOGS.get(_type_of(scope))
    for entry in its.get("logs") or []:
        if bool(entry.get("category")) == bool(entry.get("categoryGroup")) or not isinstance(
            entry.get("enabled"), bool
        ):
            raise _refused("Each log needs either a category or a categoryGroup, and enabled.")
        if known is not None and entry.get("category") and entry["category"] not in known:
            raise _refused(f"Category '{entry['category']}' is not supported.")
    _require_unused(request, its)


def _require_unused(request: Request, new: Body) -> None:
    for other in request.world.store.children(request.path.scope, KIND):
        same = [sink for sink in _SINKS if new.get(sink) and new[sink] == other.properties.get(sink)]
        shared = _enabled(new) & _enabled(other.properties)
        if other.name.lower() != request.name.lower() and same and shared:
            text = f"Data sink '{new[same[0]]}' is already used in diagnostic setting '{other.name}' for category "
            raise _refused(f"{text}'{min(shared)}'.", 409, "Conflict")


def _enabled(properties: Body) -> set[str]:
    entries = [*(properties.get("logs") or []), *(properties.get("metrics") or [])]
    return {str(one.get("category") or one.get("categoryGroup")) for one in entries if one.get("enabled")}


class _Settings(Plain):
    __slots__ = ()

    def shown(self, world: World, one: Resource) -> Body:
        """Return a setting as it is answered: what it hangs on in lower case."""
        body = Plain.shown(self, world, one)
        low = f"{extended(one.id).lower()}/providers/microsoft.insights/diagnosticSettings/{one.name}"
        return {**body, "id": low, "location": None, "kind": None, "tags": None, "identity": None}


_FORM = Form(
    {
        **dict.fromkeys((*_SINKS, "eventHubName", "serviceBusRuleId", "logAnalyticsDestinationType"), TEXT),
        "logs": ITEMS,
        "metrics": ITEMS,
    }
)


def _categories(request: Request) -> list[Body]:
    scope = require_scope(request.world, request.path.scope)
    kind = _type_of(scope)
    logs = [(name, "Logs", ["audit", "allLogs"] if name in _AUDITED else ["allLogs"]) for name in _LOGS.get(kind, ())]
    found = [*logs, *([("AllMetrics", "Metrics", [])] if kind else [])]
    place = f"{scope.lower()}/providers/microsoft.insights/diagnosticSettingsCategories"
    empty = dict.fromkeys(("location", "kind", "tags", "identity"))
    return [
        {
            "id": f"{place}/{name}",
            "type": "microsoft.insights/diagnosticSettingsCategories",
            "name": name,
            "properties": {"categoryType": word, "categoryGroups": groups},
            **empty,
        }
        for name, word, groups in found
    ]


def _list_categories(request: Request) -> Answer:
    return page(_categories(request))


def _get_category(request: Request) -> Answer:
    for one in _categories(request):
        if one["name"].lower() == request.name.lower():
            return Answer(200, one)
    raise _refused(f"Category '{request.name}' is not supported.", 404, "NotFound")


SETTINGS = _Settings(KIND, _VERSIONS[1:], _FORM, facts=_shown, check=_check, statuses=(200, 200, 200))
PLAIN = (SETTINGS,)
TYPES = (ResourceType(_CATEGORIES, _VERSIONS, get=_get_category, list=_list_categories, locations=LOCATIONS),)
