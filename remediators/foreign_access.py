"""csp-and-foreign-principal-access: nobody of another tenant has rights on the servers.

Why      A delegation to a partner's tenant gives people whom nobody here can remove the rights that it names.
Fix      Delete a delegation to a tenant that the policy does not name, and a role assignment to a foreign group. A
         person approves.
Refuses  What was granted above the server is changed there. Guests cannot be told from other users without Microsoft
         Graph, which is not read.
Undo     Write the role assignment as it was. A delegation has to be offered and accepted anew.
"""

from shared.control import Control, Disposition, Drift, Finding, NotApplicable, Parameters, Remediator, Revert, Severity
from shared.references import ObjectIds
from shared.state import Facet, FacetKind, Setting, SettingKind, State
from shared.target import Kind


class Tenants(Parameters):
    """`approved_tenants`: ids of the tenants that may manage this subscription."""

    approved_tenants: ObjectIds = ()


CONTROL = Control(
    id="csp-and-foreign-principal-access",
    title=(
        "No foreign tenant (Lighthouse delegation, guest, external service principal) has rights on PostgreSQL"
        " scopes outside the list"
    ),
    domain="CSP Access",
    severity=Severity.HIGH,
    facets=(Facet(FacetKind.DELEGATIONS), Facet(FacetKind.ROLE_ASSIGNMENTS)),
    operations=frozenset(
        {"microsoft.managedservices/registrationassignments/write", "microsoft.authorization/roleassignments/write"}
    ),
    permissions=frozenset(
        {
            "Microsoft.ManagedServices/registrationAssignments/delete",
            "Microsoft.ManagedServices/registrationAssignments/write",
            "Microsoft.Authorization/roleAssignments/delete",
            "Microsoft.Authorization/roleAssignments/write",
        }
    ),
    fresh=Disposition.APPROVAL,
    first_sight=Disposition.APPROVAL,
    revert=Revert.RISKY,
    kinds=frozenset(Kind),
    parameters=Tenants,
    optional=True,
)
_TENANT = "registrationDefinition.properties.managedByTenantId"


def detect(state: State, approved: Tenants) -> Finding:
    """Find delegations to tenants that the policy does not name, and roles of foreign groups."""
    delegations = state.children.get(FacetKind.DELEGATIONS)
    roles = state.children.get(FacetKind.ROLE_ASSIGNMENTS)
    if delegations is None or roles is None:
        return NotApplicable("delegations and role assignments were not read")
    strangers = [
        Drift(
            CONTROL.id,
            Setting.outside(FacetKind.DELEGATIONS, name),
            one,
            None,
            f"the tenant {one.get(_TENANT, 'that is not shown')} manages this subscription",
        )
        for name, one in delegations.items()
        if one.get(_TENANT, "").lower() not in approved.approved_tenants
    ]
    foreign = [
        Drift(CONTROL.id, Setting(SettingKind.ROLE_ASSIGNMENT, name), one, None, "a group of another tenant has a role")
        for name, one in roles.items()
        if one.get("principalType") == "ForeignGroup"
    ]
    return (*strangers, *foreign)


REMEDIATORS = (Remediator(CONTROL, detect),)
