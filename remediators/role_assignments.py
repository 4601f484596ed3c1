"""rbac-principals-are-groups, pg-control-plane-rbac-allowlist: who may change the server in Azure.

Why      A right that was given to one person is seldom taken back; a right to write is a right to open the server.
Fix      Delete the assignment, where it was made at the server itself. Holdfast's own is never deleted.
Refuses  An assignment made at a group, a subscription or above reaches other resources, too: a person deletes it there.
         Which other roles can write is not read: the policy names custom ones in `privileged_roles`. Not applicable
         without approved assignments in the policy.
Undo     Write the assignment as it was: a person does, since Holdfast does not ask for the right to give rights.
"""

from collections.abc import Iterator, Mapping

from pydantic import BaseModel, ConfigDict, Field

from shared.control import Control, Disposition, Drift, Finding, NotApplicable, Parameters, Remediator, Revert, Severity
from shared.references import ObjectIds
from shared.state import ROLE_ASSIGNMENTS, FacetKind, Setting, SettingKind, State
from shared.target import Kind

type Assignment = Mapping[str, str]

# learn.microsoft.com, "Azure built-in roles": those that can write any resource, or give somebody such a role.
PRIVILEGED = {
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "Owner",
    "b24988ac-6180-42a0-ab88-20f7382dd24c": "Contributor",
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9": "User Access Administrator",
    "f58310d9-a9f6-439a-9e8d-f62e7b41a168": "Role Based Access Control Administrator",
}
_OPERATIONS = frozenset({"microsoft.authorization/roleassignments/write"})
_DELETES = frozenset({"Microsoft.Authorization/roleAssignments/delete"})


class Exceptions(Parameters):
    """`approved_principals`: object ids of workload identities, or others, that may hold a role themselves."""

    approved_principals: ObjectIds = ()


class Pair(BaseModel):
    """A role, by its name or the GUID of its definition, and who may have it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    role: str
    principals: ObjectIds


class Approved(Parameters):
    """`approved_assignments`: the roles that can write, each with those who may have it. `privileged_roles`: further
    roles that can write, by the GUID of their definition."""

    approved_assignments: tuple[Pair, ...] = ()
    privileged_roles: tuple[str, ...] = Field(default=(), examples=[("6fca939a-1b08-420b-affd-3d3061ecceb2",)])


GROUPS = Control(
    id="rbac-principals-are-groups",
    title="Azure RBAC assignments on the server scope are held by groups or approved workload identities",
    domain="Identity & Access Management / Authorization",
    severity=Severity.MEDIUM,
    facets=(ROLE_ASSIGNMENTS,),
    operations=_OPERATIONS,
    permissions=_DELETES,
    fresh=Disposition.APPROVAL,
    first_sight=Disposition.APPROVAL,
    revert=Revert.RISKY,
    kinds=frozenset(Kind),
    parameters=Exceptions,
    optional=True,
)
ALLOWED = Control(
    id="pg-control-plane-rbac-allowlist",
    title="Only the approved DBA group and deployment identity hold write/delete rights on PostgreSQL resources",
    domain="Identity & Access Management / Privileged Access Management",
    severity=Severity.HIGH,
    facets=(ROLE_ASSIGNMENTS,),
    operations=_OPERATIONS,
    permissions=_DELETES,
    kinds=frozenset(Kind),
    parameters=Approved,
    optional=True,
)


def _persons(state: State, exceptions: Exceptions) -> Finding:
    assignments = state.children.get(FacetKind.ROLE_ASSIGNMENTS)
    if assignments is None:
        return NotApplicable("the role assignments were not read")
    return tuple(
        Drift(GROUPS.id, setting, assignment, None, f"{_who(assignment)} holds a role at the server, and is no group")
        for setting, assignment in _of_others(state, assignments)
        if not setting.inherited
        and assignment.get("principalType", "").lower() != "group"
        and assignment.get("principalId", "").lower() not in exceptions.approved_principals
    )


def _strangers(state: State, approved: Approved) -> Finding:
    if not approved.approved_assignments:
        return NotApplicable("the policy names no approved assignments")
    assignments = state.children.get(FacetKind.ROLE_ASSIGNMENTS)
    if assignments is None:
        return NotApplicable("the role assignments were not read")
    privileged = {**PRIVILEGED, **{role.lower(): role for role in approved.privileged_roles}}
    return tuple(
        _stranger(setting, assignment, privileged[_role(assignment)])
        for setting, assignment in _of_others(state, assignments)
        if _role(assignment) in privileged and not _may(assignment, privileged[_role(assignment)], approved)
    )


def _of_others(state: State, assignments: Mapping[str, Assignment]) -> Iterator[tuple[Setting, Assignment]]:
    """All but our own: without it nothing could be mended any more."""
    for name, assignment in assignments.items():
        if assignment.get("principalId", "").lower() not in state.ourselves:
            yield Setting(SettingKind.ROLE_ASSIGNMENT, name), assignment


def _may(assignment: Assignment, role_name: str, approved: Approved) -> bool:
    called = {_role(assignment), role_name.lower()}
    principal = assignment.get("principalId", "").lower()
    return any(pair.role.lower() in called and principal in pair.principals for pair in approved.approved_assignments)


def _stranger(setting: Setting, assignment: Assignment, role_name: str) -> Drift:
    why = f"{_who(assignment)} is {role_name}, which the policy does not approve"
    scope = setting.name.partition("/providers/Microsoft.Authorization/")[0] or "the root of the tenant"
    person = f"it is inherited from {scope}: delete it there, or approve it in the policy" if setting.inherited else ""
    return Drift(ALLOWED.id, setting, assignment, None, why, person=person)


def _role(assignment: Assignment) -> str:
    return assignment.get("roleDefinitionId", "").rpartition("/")[2].lower()


def _who(assignment: Assignment) -> str:
    return f"{assignment.get('principalType', 'principal').lower()} {assignment.get('principalId', '')}"


REMEDIATORS = (Remediator(GROUPS, _persons), Remediator(ALLOWED, _strangers))
