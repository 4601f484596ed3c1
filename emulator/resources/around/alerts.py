"""Microsoft.Insights/activityLogAlerts and metricAlerts: who is told when something happens or a number is too high."""

from emulator.arm.registry import Request
from emulator.arm.store import Resource
from emulator.body import Body, dig
from emulator.errors import ArmError
from emulator.resources.around.forms import TABLE, Form
from emulator.resources.around.plain import Plain, last_written
from emulator.resources.settable import FLAG, ITEMS, TEXT, Whole
from emulator.world import World

_NO_CATEGORY = "The condition must have a field 'category'."  # wording not verified


def _check(_: Request, __: Body | None, new: Body) -> None:
    conditions = dig(new, "properties.condition.allOf") or []
    if "category" not in {str(dig(one, "field")).lower() for one in conditions}:
        raise ArmError(400, "BadRequest", _NO_CATEGORY)


def _updated(world: World, one: Resource) -> Body:
    return {"lastUpdatedTime": last_written(world, one)}


_ACTIVITY = Form(
    {"scopes": ITEMS, "enabled": FLAG, "condition": TABLE, "actions": TABLE, "description": TEXT},
    required=("location", "properties.scopes", "properties.condition", "properties.actions"),
    defaults={"enabled": True},
    tracked=True,
)
_METRIC = Form(
    {
        "description": TEXT,
        "severity": Whole(0, 4),
        "enabled": FLAG,
        "scopes": ITEMS,
        "evaluationFrequency": TEXT,
        "windowSize": TEXT,
        "targetResourceType": TEXT,
        "targetResourceRegion": TEXT,
        "criteria": TABLE,
        "autoMitigate": FLAG,
        "actions": ITEMS,
    },
    required=(
        "location",
        *(
            f"properties.{name}"
            for name in ("severity", "enabled", "scopes", "evaluationFrequency", "windowSize", "criteria")
        ),
    ),
    defaults={"autoMitigate": True},
    tracked=True,
)
_METHODS = ("PUT", "PATCH", "DELETE")
PLAIN = (
    Plain("Microsoft.Insights/activityLogAlerts", ("2020-10-01",), _ACTIVITY, check=_check, methods=_METHODS),
    Plain(
        "Microsoft.Insights/metricAlerts",
        ("2018-03-01",),
        _METRIC,
        facts=_updated,
        methods=_METHODS,
        statuses=(200, 200, 200),
    ),
)
