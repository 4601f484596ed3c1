"""Properties of what stands outside the server and bears on it: one row of `ROWS` for each control.

Why      Each row says it: a key that can be purged, a log that is gone and a plan that is off are noticed too late.
Fix      Write the last good value, else the row's: only this property, the rest of the resource stays as it is.
Refuses  Servers that have no such neighbour: not applicable. Where no write can mend it, a person is told what to do.
Undo     Write the value as it was. Azure takes neither purge protection nor a locked immutability back.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

from pydantic import Field

from shared.condition import Between, Condition, OneOf
from shared.control import (
    Control,
    Disposition,
    Drift,
    Finding,
    NotApplicable,
    Parameters,
    Remediator,
    Revert,
    Risk,
    Severity,
)
from shared.state import Facet, FacetKind, Setting, State
from shared.target import Kind

AUTO, APPROVAL, NOTIFY = Disposition.AUTO, Disposition.APPROVAL, Disposition.NOTIFY
LOW, MEDIUM, HIGH = Severity.LOW, Severity.MEDIUM, Severity.HIGH
_KEYS = "Encryption & Secure Data Management / Certificate and Key Management"
_SERVICE = "Logging & Monitoring / Service Monitoring"
_ALERTS = "Logging & Monitoring / Alert & Incident Management"
_BACKUP = "Resilience & Recovery / Data Resilience (back-up)"
_DEPENDENT = "Dependent Services"
_TRUE, _CLOSED = OneOf(("true",), bad="false"), OneOf(("Disabled",), bad="Enabled")
_EVERY = frozenset(Kind)


class KeepLogs(Parameters):
    """`minimum_days`: for how many days the tables of the servers' logs must be kept at least."""

    minimum_days: Annotated[int, Field(ge=30, le=730)] = 365


type Members = Callable[[Any], Mapping[str, Condition]]


def _always(**members: Condition) -> Members:
    named = {name.replace("__", "."): condition for name, condition in members.items()}
    return lambda _: named


@dataclass(frozen=True, slots=True)
class Row:
    """Each resource of the facet must meet the condition of each of its `members`; `given` are the parameters.

    `why` is what is wrong while one does not, `none` why the control says nothing where there is no such resource.
    `person` is what somebody has to do where no write can mend it.
    """

    id: str
    title: str
    domain: str
    severity: Severity
    facet: FacetKind
    resource_type: str
    members: Members
    why: str
    none: str
    fresh: Disposition = AUTO
    first_sight: Disposition = APPROVAL
    revert: Revert = Revert.IN_PLACE
    risk: Risk | None = None
    kinds: frozenset[Kind] = _EVERY
    given: type[Parameters] = Parameters
    person: str = ""
    more_operations: frozenset[str] = frozenset()


_NO_KEY = "no key of a vault encrypts this server"
_NO_WORKSPACE = "this server's logs go to no Log Analytics workspace"

ROWS = (
    # -- the vault of the key -------------------------------------------------------------------------------------
    Row(
        "keyvault-purge-protection",
        "Purge protection is on for the vault that holds the key",
        _KEYS,
        HIGH,
        FacetKind.VAULTS,
        "Microsoft.KeyVault/vaults",
        _always(enablePurgeProtection=_TRUE),
        "whoever deletes the key for good takes the data with it",
        _NO_KEY,
    ),
    Row(
        "keyvault-soft-delete-90d",
        "Soft delete is on with 90 days retention",
        _KEYS,
        MEDIUM,
        FacetKind.VAULTS,
        "Microsoft.KeyVault/vaults",
        _always(enableSoftDelete=_TRUE, softDeleteRetentionInDays=OneOf(("90",), bad="7")),
        "a deleted key cannot be had back for long enough",
        _NO_KEY,
        NOTIFY,
        NOTIFY,
        Revert.CREATE_TIME,
        person="make a vault with soft delete of 90 days, make a key in it, and point the server to that key",
    ),
    Row(
        "keyvault-rbac-model",
        "Key vault uses the RBAC permission model",
        _DEPENDENT,
        MEDIUM,
        FacetKind.VAULTS,
        "Microsoft.KeyVault/vaults",
        _always(enableRbacAuthorization=_TRUE),
        "access policies give rights that no role assignment shows",
        _NO_KEY,
        APPROVAL,
        APPROVAL,
        Revert.RISKY,
        # Access policies stop to count: a server without a role at the vault loses its key.
        Risk.MAY_CUT_CLIENTS,
        # Citus reaches its key by an access policy only.
        frozenset({Kind.FLEXIBLE, Kind.SINGLE}),
        # With this a vault tells of it.
        more_operations=frozenset({"microsoft.keyvault/vaults/accesspolicies/write"}),
    ),
    # -- where the logs go ----------------------------------------------------------------------------------------
    Row(
        "log-analytics-table-rbac",
        "Workspace uses resource/table-level RBAC with least-privileged roles",
        _SERVICE,
        MEDIUM,
        FacetKind.WORKSPACES,
        "Microsoft.OperationalInsights/workspaces",
        _always(features__enableLogAccessUsingOnlyResourcePermissions=_TRUE),
        "whoever may read the workspace reads the logs of every server",
        _NO_WORKSPACE,
        APPROVAL,
        APPROVAL,
        Revert.RISKY,
        Risk.MAY_CUT_CLIENTS,
    ),
    Row(
        "log-analytics-retention-365",
        "Retention of the PostgreSQL log tables meets the period (365 days in AzTS)",
        _SERVICE,
        MEDIUM,
        FacetKind.WORKSPACE_TABLES,
        "Microsoft.OperationalInsights/workspaces/tables",
        lambda given: {
            "retentionInDays": Between(given.minimum_days, 730, wanted=given.minimum_days),
            "totalRetentionInDays": Between(given.minimum_days, 4383, wanted=given.minimum_days),
        },
        "logs are gone before an incident is looked into",
        _NO_WORKSPACE,
        given=KeepLogs,
    ),
    Row(
        "log-analytics-network-isolation",
        "Log Analytics workspace blocks public ingestion/query and local authentication",
        _DEPENDENT,
        LOW,
        FacetKind.WORKSPACES,
        "Microsoft.OperationalInsights/workspaces",
        _always(
            publicNetworkAccessForIngestion=_CLOSED,
            publicNetworkAccessForQuery=_CLOSED,
            features__disableLocalAuth=_TRUE,
        ),
        "the logs can be read and forged from the internet",
        _NO_WORKSPACE,
        APPROVAL,
        APPROVAL,
        Revert.RISKY,
        Risk.MAY_CUT_CLIENTS,
    ),
    # -- alerts ---------------------------------------------------------------------------------------------------
    Row(
        "defender-plan-oss-databases",
        "Defender for open-source relational databases plan is Standard",
        _ALERTS,
        HIGH,
        FacetKind.PLANS,
        "Microsoft.Security/pricings",
        _always(pricingTier=OneOf(("Standard",), bad="Free")),
        "attacks on the databases raise no alert",
        "Defender for Cloud reports no plan for this subscription",
    ),
)


def _detect(row: Row, state: State, given: Parameters) -> Finding:
    resources = state.children.get(row.facet)
    if resources is None:
        return NotApplicable("what stands around the server was not read")
    if not resources:
        return NotApplicable(row.none)
    return tuple(
        Drift(
            row.id,
            Setting.outside(row.facet, resource, member),
            texts.get(member),
            condition.mended(texts.get(member, "")),
            row.why,
            person=row.person,
        )
        for resource, texts in resources.items()
        for member, condition in row.members(given).items()
        if not condition.holds(texts.get(member, ""))
    )


def _remediator(row: Row) -> Remediator:
    write = frozenset({f"{row.resource_type}/write"})
    control = Control(
        id=row.id,
        title=row.title,
        domain=row.domain,
        severity=row.severity,
        facets=(Facet(row.facet),),
        operations=frozenset(one.lower() for one in write) | row.more_operations,
        permissions=frozenset() if row.person else write,
        fresh=row.fresh,
        first_sight=row.first_sight,
        revert=row.revert,
        kinds=row.kinds,
        parameters=row.given,
        risk=row.risk,
        optional=True,
    )
    return Remediator(control, partial(_detect, row))


REMEDIATORS = tuple(map(_remediator, ROWS))
