"""entra-admin-provisioned, entra-admin-is-group: a group administers the server, and it is one.

Why      Without an Entra administrator only a password opens the database; with persons as administrators, everybody
         who leaves has to be taken off every server.
Fix      Put back the group that was there, else the one that the policy names, else whoever was there. Remove a person
         or application that the policy does not except; the group comes first. Whoever is added is let in, so a person
         approves.
Refuses  Never removes the last administrator: without a group in the policy a person names one. Several groups are for
         a person to sort out. Not applicable while Entra sign-in is off. Azure does not say what kind of principal
         administers a single server.
Undo     Write the administrators as they were.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from shared.control import (
    Case,
    Change,
    Control,
    Disposition,
    Drift,
    Finding,
    Needs,
    NotApplicable,
    Parameters,
    Proposal,
    Refusal,
    Remediator,
    Revert,
    Severity,
    Source,
)
from shared.references import ObjectIds
from shared.state import (
    ADMINISTRATORS,
    SERVER,
    Administrator,
    FacetKind,
    Setting,
    SettingKind,
    State,
    administrator_value,
)
from shared.target import Kind

_GUID = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
_WRITES = frozenset({"administrators/write", "administrators/delete"})
_ROLES = frozenset({"roles/write", "roles/delete"})
_FACETS = (SERVER, ADMINISTRATORS)
_NAME_IT = "name the group in the policy: parameters.administrator"


class Group(BaseModel):
    """Who is to administer: the object id and name of a group, or another principal, and its tenant."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    object_id: Annotated[str, Field(pattern=_GUID)]
    name: Annotated[str, Field(min_length=1, max_length=128)]
    principal_type: Annotated[str, Field(pattern=r"^(Group|ServicePrincipal|User)$")] = "Group"
    tenant_id: Annotated[str, Field(pattern=_GUID)]

    @property
    def setting(self) -> Setting:
        """The administrator that it becomes."""
        return Setting(SettingKind.ADMINISTRATOR, self.object_id.lower())

    @property
    def value(self) -> Mapping[str, str]:
        """How ARM describes it."""
        return administrator_value(
            Administrator(self.object_id.lower(), self.name, self.principal_type, self.tenant_id)
        )


class Successor(Parameters):
    """`administrator`: the group that administers where nobody else does."""

    administrator: Group | None = None


class Groups(Successor):
    """`approved_principals`: object ids of applications, or others, that may administer besides the group."""

    approved_principals: ObjectIds = ()


PRESENT = Control(
    id="entra-admin-provisioned",
    title="At least one Microsoft Entra administrator is provisioned",
    domain="Identity & Access Management / Authentication",
    severity=Severity.MEDIUM,
    facets=_FACETS,
    operations=_WRITES,
    permissions=_WRITES,
    kinds=frozenset(Kind),
    variants={Kind.CITUS: Needs(_FACETS, _ROLES, _ROLES)},
    parameters=Successor,
    optional=True,
)
GROUPS = Control(
    id="entra-admin-is-group",
    title="Entra administrators are groups (one admin group per server), not individual users",
    domain="Identity & Access Management / Authorization",
    severity=Severity.MEDIUM,
    facets=_FACETS,
    operations=frozenset({"administrators/write"}),
    permissions=_WRITES,
    fresh=Disposition.APPROVAL,
    first_sight=Disposition.APPROVAL,
    revert=Revert.RISKY,
    parameters=Groups,
    optional=True,
)


def _administrators(state: State) -> tuple[Administrator, ...] | NotApplicable:
    server, administrators = state.server, state.administrators
    if server is None or administrators is None:
        return NotApplicable("the server and its administrators were not read")
    if state.target.kind is not Kind.SINGLE and not server.entra_auth:
        return NotApplicable("Entra sign-in is off, so nobody can be an Entra administrator")
    return administrators


def _present(state: State, successor: Successor) -> Finding:
    administrators = _administrators(state)
    if isinstance(administrators, NotApplicable):
        return administrators
    if administrators:
        return ()
    setting, wanted = _way_back(state, successor)
    why = "nobody can administer the server with an Entra identity"
    return (Drift(PRESENT.id, setting, None, wanted, why, person="" if wanted else _NAME_IT),)


def _way_back(state: State, successor: Successor) -> tuple[Setting, Mapping[str, str] | None]:
    named = successor.administrator
    before = state.remembered(FacetKind.ADMINISTRATORS)
    groups = [one for one in before if one[1].get("principalType") == "Group"]
    wanted = [*groups, *([(named.setting, named.value)] if named else []), *before]
    return wanted[0] if wanted else (Setting(SettingKind.ADMINISTRATOR), None)


def _groups(state: State, groups: Groups) -> Finding:
    administrators = _administrators(state)
    if isinstance(administrators, NotApplicable):
        return administrators
    them = [admin for admin in administrators if admin.principal_type == "Group"]
    others = [
        admin for admin in administrators if admin not in them and admin.object_id not in groups.approved_principals
    ]
    drifts = [_other(admin) for admin in others]
    if len(them) > 1:
        names = ", ".join(admin.name for admin in them)
        drifts.append(_several(them, names))
    return tuple(drifts)


def _other(admin: Administrator) -> Drift:
    why = f"{admin.name} administers the server as a {admin.principal_type}, not through a group"
    return Drift(GROUPS.id, Setting(SettingKind.ADMINISTRATOR, admin.object_id), administrator_value(admin), None, why)


def _several(groups: list[Administrator], names: str) -> Drift:
    return Drift(
        GROUPS.id,
        Setting(SettingKind.ADMINISTRATOR),
        names,
        "one group",
        "several groups administer the server",
        parts=tuple(Setting(SettingKind.ADMINISTRATOR, group.object_id) for group in groups),
        person="keep the group that is to administer, and remove the others",
    )


def _plan_groups(case: Case) -> Proposal:
    """Remove persons; the group comes first where none is there."""
    going = [drift for drift in case.drifts if not drift.person]
    if not going:
        return Refusal(case.drifts[0].person)
    removals = tuple(Change(drift.setting, drift.found, None, Source.POLICY) for drift in going)
    leaving = {change.setting.name for change in removals}
    if any(admin.object_id not in leaving for admin in case.state.administrators or ()):
        return removals
    group: Group | None = case.parameters.administrator
    if group is None or group.principal_type != "Group":
        return Refusal(f"it would remove the last administrator: {_NAME_IT}")
    successor = Change(group.setting, case.state.value(group.setting), group.value, Source.POLICY)
    others = (removal for removal in removals if removal.setting != group.setting)
    return (successor, *(replace(removal, needs=(group.setting,)) for removal in others))


REMEDIATORS = (Remediator(PRESENT, _present), Remediator(GROUPS, _groups, _plan_groups))
