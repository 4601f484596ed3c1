"""entra-admin-allowlist: only approved principals are Entra administrators of the server.

Why      An Entra administrator has every right inside the database.
Fix      Remove administrators that the policy does not name.
Refuses  Never removes the last administrator: an approved one that was there before comes back first (a person
         approves), and without one a person has to name a successor.
         A single server has one administrator at most: who comes takes the place of who was there.
Undo     Write the administrator as it was.
"""

from dataclasses import replace

from shared.control import (
    Case,
    Change,
    Control,
    Drift,
    Finding,
    Needs,
    NotApplicable,
    Parameters,
    Proposal,
    Refusal,
    Remediator,
    Severity,
    Source,
)
from shared.references import ObjectIds
from shared.state import ADMINISTRATORS, Setting, SettingKind, State, administrator_value
from shared.target import Kind


class Approved(Parameters):
    """`approved_administrators`: object ids of the groups, users and applications that may administer."""

    approved_administrators: ObjectIds = ()


CONTROL = Control(
    id="entra-admin-allowlist",
    title="Only approved principals are Entra administrators of the server",
    domain="Identity & Access Management / Authorization",
    severity=Severity.HIGH,
    facets=(ADMINISTRATORS,),
    operations=frozenset({"administrators/write"}),
    permissions=frozenset({"administrators/write", "administrators/delete"}),
    kinds=frozenset(Kind),
    variants={
        Kind.CITUS: Needs((ADMINISTRATORS,), frozenset({"roles/write"}), frozenset({"roles/write", "roles/delete"}))
    },
    parameters=Approved,
)


def detect(state: State, approved: Approved) -> Finding:
    """Find administrators that the policy does not name."""
    if not approved.approved_administrators:
        return NotApplicable("the policy names no approved administrators")
    return tuple(
        Drift(
            CONTROL.id,
            Setting(SettingKind.ADMINISTRATOR, admin.object_id),
            administrator_value(admin),
            None,
            "an administrator whom the policy does not name",
        )
        for admin in state.administrators or ()
        if admin.object_id not in approved.approved_administrators
    )


def plan(case: Case) -> Proposal:
    """Remove the strangers; somebody approved must remain, or be put back first."""
    strangers = {drift.setting.name for drift in case.drifts}
    removals = tuple(Change(drift.setting, drift.found, None, Source.POLICY) for drift in case.drifts)
    if any(admin.object_id not in strangers for admin in case.state.administrators or ()):
        return removals
    for object_id in case.parameters.approved_administrators:
        setting = Setting(SettingKind.ADMINISTRATOR, object_id)
        before = case.last_good.values.get(setting)
        if before is not None:
            successor = Change(setting, None, before, Source.LAST_GOOD)
            return (successor, *(replace(removal, needs=(setting,)) for removal in removals))
    return Refusal("it would remove the last administrator: add an approved one first, then this one is removed")


REMEDIATORS = (Remediator(CONTROL, detect, plan),)
