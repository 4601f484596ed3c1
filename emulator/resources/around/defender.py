"""Microsoft.Security: plans, contacts, suppression rules and the older setting of threat protection on one resource."""

from emulator.arm.registry import Request
from emulator.arm.store import Resource
from emulator.body import Body
from emulator.errors import ArmError
from emulator.resources.around.forms import TABLE, Form
from emulator.resources.around.plain import Plain, last_written
from emulator.resources.settable import FLAG, ITEMS, TEXT, Choice
from emulator.world import World

_PLANS = (
    "VirtualMachines",
    "SqlServers",
    "AppServices",
    "StorageAccounts",
    "SqlServerVirtualMachines",
    "KeyVaults",
    "Arm",
    "OpenSourceRelationalDatabases",
    "CosmosDbs",
    "Containers",
    "CloudPosture",
    "Api",
)


def _plan(world: World, one: Resource) -> Body:
    if one.properties["pricingTier"] == "Free":
        return {"freeTrialRemainingTime": "P30D"}
    return {"freeTrialRemainingTime": "PT0S", "enablementTime": last_written(world, one)}


def _modified(world: World, one: Resource) -> Body:
    return {"lastModifiedUtc": last_written(world, one)}


def _check_contact(_: Request, __: Body | None, new: Body) -> None:
    emails = new["properties"].get("emails", "")
    if any("@" not in one for one in emails.split(";") if one):  # code and text not verified
        raise ArmError(400, "InvalidEmail", f"The emails '{emails}' are not valid addresses.")


_PRICING = Form(
    {
        "pricingTier": Choice(("Free", "Standard")),
        "subPlan": TEXT,
        "enforce": Choice(("False", "True")),
        "extensions": ITEMS,
    },
    required=("properties.pricingTier",),
    defaults={"pricingTier": "Free"},
)
_CONTACT = Form(
    {"emails": TEXT, "phone": TEXT, "isEnabled": FLAG, "notificationsSources": ITEMS, "notificationsByRole": TABLE},
    defaults={"isEnabled": True, "emails": "", "phone": ""},
)
_SUPPRESSION = Form(
    {
        "alertType": TEXT,
        "expirationDateUtc": TEXT,
        "reason": TEXT,
        "state": Choice(("Enabled", "Disabled", "Expired")),
        "comment": TEXT,
        "suppressionAlertsScope": TABLE,
    },
    required=("properties.alertType", "properties.reason", "properties.state"),
)
PLAIN = (
    Plain(
        "Microsoft.Security/pricings",
        ("2024-01-01",),
        _PRICING,
        facts=_plan,
        only=_PLANS,
        always=True,
        methods=("PUT",),
        statuses=(200, 200, 200),
    ),
    Plain(
        "Microsoft.Security/securityContacts",
        ("2023-12-01-preview",),
        _CONTACT,
        only=("default",),
        check=_check_contact,
    ),
    Plain(
        "Microsoft.Security/alertsSuppressionRules",
        ("2019-01-01-preview",),
        _SUPPRESSION,
        facts=_modified,
        statuses=(200, 200, 204),
    ),
    Plain(
        "Microsoft.Security/advancedThreatProtectionSettings",
        ("2019-01-01",),
        Form({"isEnabled": FLAG}, defaults={"isEnabled": False}),
        only=("current",),
        has_list=False,
        always=True,
        methods=("PUT",),
        statuses=(200, 200, 200),
    ),
)
