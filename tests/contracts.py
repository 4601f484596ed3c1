"""The validator of ARM exchanges against Microsoft's definitions, and what it does not know.

It stands beside the repository and is not part of it; where it is missing, the tests that need it skip and say so.
"""

import importlib.util
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

VALIDATOR = Path(__file__).resolve().parents[2] / "shared" / "arm_contract.py"
# What the validator knows: an operation of the definitions, or the poll of a long one.
HELD = ("held", "poll")
# Its collection has no definitions of these. Their shapes are held by tests/emulator/test_policy.py,
# tests/emulator/test_activity_log.py, tests/emulator/test_metrics.py and tests/emulator/around, with members copied
# from the definitions by hand.
_NOT_KEPT = re.compile(
    r"/providers/Microsoft\.(?:Authorization/policy(?:Assignments|SetDefinitions)|Insights/eventtypes"
    r"|Insights/(?:activityLogAlerts|metricAlerts|metrics)|OperationalInsights/workspaces|DataProtection/backupVaults"
    r"|ManagedServices/registrationAssignments|Security/(?:securityContacts|alertsSuppressionRules)"
    r"|Network/(?:networkSecurityGroups|virtualNetworks|privateEndpoints/[^/]+/privateDnsZoneGroups))\b",
    re.IGNORECASE,
)
# Where recorded traffic leaves the definition, and so does the emulator: code, place, path.
_RECORDED = [
    (
        "unknown-property",
        r"properties\.is(DynamicConfig|ConfigPendingRestart)$",
        r"/servers/[^/]+/(configurations|upd)",
    ),
    ("unknown-property", r"\.(location|thumbprint)$", r"/servers/[^/]+/keys"),
    ("unknown-property", r"\.requiredZoneNames$", r"/servers/[^/]+/privateLinkResources"),
    ("unknown-property", r"\.(location|kind|tags|identity)$", r"/diagnosticSettings"),
    ("required-missing", r"\.properties\.password$", r"/serverGroupsv2/[^/]+/roles"),
]
_LIST_FOR_RESOURCE = re.compile(
    r"/providers/Microsoft\.DBforPostgreSQL/(?:flexibleServers|servers|serverGroupsv2)/[^/?]+"
    r"(?=/providers/Microsoft\.Authorization/policyExempt)",
    re.IGNORECASE,
)


def validator() -> ModuleType:
    """The contract validator; ask whether it exists before."""
    if "arm_contract" not in sys.modules:
        spec = importlib.util.spec_from_file_location("arm_contract", VALIDATOR)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules["arm_contract"] = module
        spec.loader.exec_module(module)
    return sys.modules["arm_contract"]


def is_kept(exchange: Mapping[str, Any]) -> bool:
    """Whether there are definitions to judge the exchange by."""
    return not _NOT_KEPT.search(exchange["url"])


def is_recorded(finding: Any, url: str) -> bool:
    """Whether the definition is contradicted by Azure itself in the same way."""
    return any(
        finding.code == code and re.search(place, finding.at) and re.search(path, url, re.IGNORECASE)
        for code, place, path in _RECORDED
    )


def restated(exchange: Mapping[str, Any]) -> dict[str, Any]:
    """The exchange as the definitions write it: the list of a resource's policy exemptions has a place for a parent
    resource in its path, which is empty for a server; the list of its group asks and answers the same."""
    if exchange["method"] != "GET":
        return dict(exchange)
    return {**exchange, "url": _LIST_FOR_RESOURCE.sub("", exchange["url"])}
