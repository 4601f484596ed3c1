"""policy-guardrails-assigned, lock-administrator-custom-role: Azure's own guards stand.

Why      What Azure Policy denies never has to be reverted, and a lock is worth what the right to remove it is.
Fix      None: assignments and roles belong to a landing zone, which is changed where it is kept. A person is told which
         is missing or has been weakened.
Refuses  Assignments are not applicable while the policy names none.
Undo     Nothing is written.
"""

from collections.abc import Iterator, Mapping

from shared.condition import objects_of
from shared.control import (
    Control,
    Disposition,
    Drift,
    Finding,
    NotApplicable,
    Parameters,
    Remediator,
    Revert,
    Severity,
)
from shared.state import Facet, FacetKind, Setting, State
from shared.target import Kind

_LOCKS = "microsoft.authorization/locks/"


class Guardrails(Parameters):
    """`definitions`: names or whole ids of the policy definitions and initiatives that must be in force."""

    definitions: tuple[str, ...] = ()


ASSIGNED = Control(
    id="policy-guardrails-assigned",
    title="Azure Policy assignments for PostgreSQL stay in place, enforced and without unapproved exemptions",
    domain="Encryption & Secure Data Management / Encryption in Transit",
    severity=Severity.MEDIUM,
    facets=(Facet(FacetKind.POLICY_ASSIGNMENTS),),
    operations=frozenset(f"microsoft.authorization/policyassignments/{verb}" for verb in ("write", "delete")),
    permissions=frozenset(),
    fresh=Disposition.APPROVAL,
    first_sight=Disposition.APPROVAL,
    revert=Revert.PERSON,
    kinds=frozenset(Kind),
    parameters=Guardrails,
    optional=True,
)
ROLE = Control(
    id="lock-administrator-custom-role",
    title="A custom role for administering resource locks exists and lock rights are limited to it",
    domain="Identity & Access Management / Privileged Access Management",
    severity=Severity.LOW,
    facets=(Facet(FacetKind.ROLE_DEFINITIONS),),
    operations=frozenset(f"microsoft.authorization/roledefinitions/{verb}" for verb in ("write", "delete")),
    permissions=frozenset(),
    fresh=Disposition.NOTIFY,
    first_sight=Disposition.NOTIFY,
    revert=Revert.PERSON,
    kinds=frozenset(Kind),
    optional=True,
)


def detect_assignments(state: State, wanted: Guardrails) -> Finding:
    """Find guardrails that are not assigned, not enforced, or disabled by a parameter."""
    if not wanted.definitions:
        return NotApplicable("the policy names no definitions that must be assigned")
    found = state.children.get(FacetKind.POLICY_ASSIGNMENTS)
    if found is None:
        return NotApplicable("the policy assignments were not read")
    return tuple(drift for name in wanted.definitions for drift in _unguarded(state, found, name))


def _unguarded(state: State, found: Mapping[str, Mapping[str, str]], name: str) -> Iterator[Drift]:
    about = {key: one for key, one in found.items() if _is(one.get("policyDefinitionId", ""), name)}
    if any(_strong(one) for one in about.values()):
        return
    key, one = next(iter(about.items()), ("", {}))
    place = key or f"{state.target.id}/providers/Microsoft.Authorization/policyAssignments/{name.rsplit('/', 1)[-1]}"
    shown = f"enforcementMode is {one.get('enforcementMode', 'Default')}, effect is {_effect(one)}" if key else None
    person = f"assign {name} again, enforced, where the landing zone keeps its policies"
    setting = Setting.outside(FacetKind.POLICY_ASSIGNMENTS, place)
    yield Drift(ASSIGNED.id, setting, shown, "assigned and enforced", "Azure Policy does not guard it", person=person)


def _is(definition: str, name: str) -> bool:
    low, wanted = definition.lower(), name.lower()
    return low == wanted or low.rsplit("/", 1)[-1] == wanted


def _strong(one: Mapping[str, str]) -> bool:
    return one.get("enforcementMode", "Default") == "Default" and _effect(one).lower() != "disabled"


def _effect(one: Mapping[str, str]) -> str:
    return one.get("parameters.effect.value", "as defined")


def detect_role(state: State, _: Parameters) -> Finding:
    """Find a subscription where only owners may administer locks."""
    roles = state.children.get(FacetKind.ROLE_DEFINITIONS)
    if roles is None:
        return NotApplicable("the custom roles were not read")
    if any(_administers_locks(one) for one in roles.values()):
        return ()
    place = f"/subscriptions/{state.target.subscription}/providers/Microsoft.Authorization/roleDefinitions"
    person = "make a custom role with Microsoft.Authorization/locks/* and give it to the few who need it"
    setting = Setting.outside(FacetKind.ROLE_DEFINITIONS, place)
    return (Drift(ROLE.id, setting, None, "a role for locks", "whoever owns a thing may unlock it", person=person),)


def _administers_locks(role: Mapping[str, str]) -> bool:
    given = [one.get("actions") or [] for one in objects_of(role.get("permissions"))]
    actions = {str(action).lower() for some in given for action in some}
    return f"{_LOCKS}*" in actions and "*" not in actions


REMEDIATORS = (Remediator(ASSIGNED, detect_assignments), Remediator(ROLE, detect_role))
