"""Microsoft.OperationalInsights/workspaces and their tables: how long logs are kept and who may reach them."""

from emulator.arm.registry import Request
from emulator.arm.store import Resource
from emulator.body import Body, dig
from emulator.errors import invalid_value
from emulator.fleet import made_id
from emulator.resources.around.forms import TABLE, Form
from emulator.resources.around.plain import Plain
from emulator.resources.settable import FLAG, SWITCH, Choice, Whole
from emulator.world import World

WORKSPACES = "Microsoft.OperationalInsights/workspaces"
_VERSIONS = ("2022-10-01", "2023-09-01", "2025-07-01")
_TABLES = (
    "AzureActivity",
    "AzureDiagnostics",
    "AzureMetrics",
    "PGSQLServerLogs",
    "PGSQLPgStatActivitySessions",
    "PGSQLQueryStoreRuntime",
    "PGSQLQueryStoreWaits",
    "PGSQLAutovacuumStats",
    "PGSQLDbTransactionsStats",
    "PGSQLPgBouncer",
)
_DEFAULTS: Body = {
    "sku": {"name": "PerGB2018"},
    "retentionInDays": 30,
    "publicNetworkAccessForIngestion": "Enabled",
    "publicNetworkAccessForQuery": "Enabled",
    "features": {"enableLogAccessUsingOnlyResourcePermissions": True, "disableLocalAuth": False},
    "workspaceCapping": {"dailyQuotaGb": -1},
}


def _workspace(_: World, one: Resource) -> Body:
    dates = one.body.get("systemData") or {}
    return {
        "provisioningState": "Succeeded",
        "customerId": made_id("workspace", one.id.lower()),
        "createdDate": dates.get("createdAt", "2026-01-01T00:00:00Z"),
        "modifiedDate": dates.get("lastModifiedAt", "2026-01-01T00:00:00Z"),
    }


def _table(world: World, one: Resource) -> Body:
    workspace = world.store.get(one.id.rpartition("/tables/")[0])
    of_workspace = dig(workspace.properties, "retentionInDays") if workspace else 30
    days = one.properties.get("retentionInDays", -1)
    kept = of_workspace if days == -1 else days
    total = one.properties.get("totalRetentionInDays", -1)
    whole = kept if total == -1 else total
    return {
        "retentionInDays": kept,
        "totalRetentionInDays": whole,
        "archiveRetentionInDays": whole - kept,
        "retentionInDaysAsDefault": days == -1,
        "totalRetentionInDaysAsDefault": total == -1,
        "provisioningState": "Succeeded",
    }


def _check(_: Request, __: Body | None, new: Body) -> None:
    days, total = new["properties"].get("retentionInDays", -1), new["properties"].get("totalRetentionInDays", -1)
    if -1 not in (days, total) and total < days:
        raise invalid_value("totalRetentionInDays")


_FORM = Form(
    {
        "sku": TABLE,
        "retentionInDays": Whole(-1, 730),
        "workspaceCapping": TABLE,
        "publicNetworkAccessForIngestion": Choice((*SWITCH, "SecuredByPerimeter")),
        "publicNetworkAccessForQuery": Choice((*SWITCH, "SecuredByPerimeter")),
        "forceCmkForQuery": FLAG,
        "features": TABLE,
    },
    required=("location",),
    defaults=_DEFAULTS,
    tracked=True,
)
_TABLE_FORM = Form(
    {
        "retentionInDays": Whole(-1, 730),
        "totalRetentionInDays": Whole(-1, 4_383),
        "plan": Choice(("Analytics", "Basic", "Auxiliary")),
        "schema": TABLE,
    },
    defaults={"retentionInDays": -1, "totalRetentionInDays": -1, "plan": "Analytics"},
)
_METHODS = ("PUT", "PATCH", "DELETE")
PLAIN = (
    Plain(WORKSPACES, _VERSIONS, _FORM, facts=_workspace, methods=_METHODS),
    Plain(
        f"{WORKSPACES}/tables",
        _VERSIONS,
        _TABLE_FORM,
        facts=_table,
        only=_TABLES,
        always=True,
        methods=("PUT", "PATCH"),
        statuses=(200, 200, 200),
        check=_check,
    ),
)
