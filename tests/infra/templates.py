"""The templates as they lie in `infra/`, and which of Azure's definitions their resources were held against.

`KNOWN` says for every resource type which api-version was looked up, and in which of Microsoft's packages on PyPI that
version and every member that the templates write stand. A type or version that is not here has not been looked up.
"""

import json
import re
from pathlib import Path
from typing import Any

from pycep import BicepParser

INFRA = Path(__file__).resolve().parents[2] / "infra"
BICEP = sorted(INFRA.rglob("*.bicep"))
KNOWN = {
    "Microsoft.Authorization/roleAssignments": ("2022-04-01", "azure-mgmt-authorization 4.0.0"),
    "Microsoft.Authorization/roleDefinitions": ("2022-04-01", "azure-mgmt-authorization 4.0.0"),
    "Microsoft.EventGrid/systemTopics": ("2025-02-15", "azure-mgmt-eventgrid 10.4.0"),
    "Microsoft.EventGrid/systemTopics/eventSubscriptions": ("2025-02-15", "azure-mgmt-eventgrid 10.4.0"),
    "Microsoft.EventGrid/topics": ("2025-02-15", "azure-mgmt-eventgrid 10.4.0"),
    "Microsoft.EventHub/namespaces": ("2026-01-01", "azure-mgmt-eventhub 12.0.0"),
    "Microsoft.EventHub/namespaces/eventhubs": ("2026-01-01", "azure-mgmt-eventhub 12.0.0"),
    "Microsoft.EventHub/namespaces/eventhubs/authorizationRules": ("2026-01-01", "azure-mgmt-eventhub 12.0.0"),
    "Microsoft.Insights/actionGroups": ("2023-01-01", "azure-mgmt-monitor 7.0.0"),
    "Microsoft.Insights/components": ("2020-02-02", "azure-mgmt-applicationinsights 4.1.0"),
    "Microsoft.Insights/metricAlerts": ("2018-03-01", "azure-mgmt-monitor 7.0.0"),
    "Microsoft.Insights/scheduledQueryRules": ("2023-12-01", "azure-mgmt-monitor 7.0.0"),
    "Microsoft.Insights/webtests": ("2022-06-15", "azure-mgmt-applicationinsights 4.1.0"),
    "Microsoft.Insights/workbooks": ("2023-06-01", "azure-mgmt-applicationinsights 4.1.0"),
    "Microsoft.KeyVault/vaults": ("2025-05-01", "Bicep's published types; only its location is read"),
    "Microsoft.ManagedIdentity/userAssignedIdentities": ("2024-11-30", "azure-mgmt-msi 7.1.0"),
    "Microsoft.OperationalInsights/workspaces": ("2025-07-01", "azure-mgmt-loganalytics 14.0.0"),
    "Microsoft.Resources/resourceGroups": ("2025-04-01", "Microsoft's REST definitions; name, location, tags"),
    "Microsoft.Security/automations": ("2019-01-01-preview", "azure-mgmt-security 7.0.0"),
    "Microsoft.Storage/storageAccounts": ("2025-08-01", "azure-mgmt-storage 25.3.0"),
    "Microsoft.Storage/storageAccounts/blobServices": ("2025-08-01", "azure-mgmt-storage 25.3.0"),
    "Microsoft.Storage/storageAccounts/blobServices/containers": ("2025-08-01", "azure-mgmt-storage 25.3.0"),
    "Microsoft.Storage/storageAccounts/queueServices": ("2025-08-01", "azure-mgmt-storage 25.3.0"),
    "Microsoft.Storage/storageAccounts/queueServices/queues": ("2025-08-01", "azure-mgmt-storage 25.3.0"),
    "Microsoft.Web/serverfarms": ("2025-05-01", "azure-mgmt-web 11.0.1"),
    "Microsoft.Web/sites": ("2025-05-01", "azure-mgmt-web 11.0.1"),
    "Microsoft.Web/sites/basicPublishingCredentialsPolicies": ("2025-05-01", "azure-mgmt-web 11.0.1"),
    "Microsoft.Web/sites/config": ("2025-05-01", "azure-mgmt-web 11.0.1"),
}


def parsed(path: Path) -> Any:
    """The template as the parser reads it. Raises what the parser raises."""
    return BicepParser().parse(text=path.read_text())


def used() -> set[tuple[str, str]]:
    """Every resource type with its api-version."""
    return {
        (kind, version) for path in BICEP for kind, version in re.findall(r"'([\w./]+)@([\w-]+)'", path.read_text())
    }


def fact(name: str) -> Any:
    """A file of `infra/facts`, which both templates read."""
    return json.loads((INFRA / "facts" / f"{name}.json").read_text())
