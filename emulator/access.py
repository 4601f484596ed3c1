"""Who may do what where: Azure RBAC over the principals, roles and assignments of the fleet."""

import fnmatch
import functools
import re
import secrets
from dataclasses import dataclass

from emulator.built_in_roles import BUILT_IN
from emulator.errors import ArmError
from emulator.fleet import Fleet, Principal, Role, made_id
from emulator.tree import Tree


@functools.lru_cache(maxsize=4096)
def _pattern(action: str) -> re.Pattern[str]:
    return re.compile(fnmatch.translate(action.lower()))


def _any(patterns: tuple[str, ...], action: str) -> bool:
    return any(_pattern(one).match(action) for one in patterns)


@dataclass(frozen=True, slots=True)
class Grant:
    """A role that a principal has at a scope, with the ids that events show as evidence."""

    role: Role
    role_id: str
    scope: str
    assignment_id: str
    tree: Tree

    def allows(self, action: str, scope: str) -> bool:
        """Whether the grant covers a control-plane action at a scope."""
        low = action.lower()
        within = self.tree.contains(self.scope, scope)
        return within and _any(self.role.actions, low) and not _any(self.role.not_actions, low)

    def allows_data_at(self, action: str, scope: str) -> bool:
        """Whether the grant covers a data-plane action at a scope."""
        return self.tree.contains(self.scope, scope) and self.allows_data(action)

    def allows_data(self, action: str) -> bool:
        """Whether the grant covers a data-plane action; topics have no scope here."""
        return _any(self.role.data_actions, action.lower())


@dataclass(frozen=True, slots=True)
class Caller:
    """A principal with its secrets and grants."""

    key: str
    principal: Principal
    identity_header: str
    grants: list[Grant]  # changes with role assignments

    def grant_for(self, action: str, scope: str) -> Grant | None:
        """Return the first grant that allows the action at the scope."""
        return next((grant for grant in self.grants if grant.allows(action, scope)), None)

    def may(self, action: str, scope: str) -> bool:
        """Whether the caller may do the action at the scope."""
        return self.grant_for(action, scope) is not None

    def require(self, action: str, scope: str) -> Grant:
        """Return the grant that allows the action, or refuse with ARM's words."""
        grant = self.grant_for(action, scope)
        if grant is None:
            raise self.refusal(action, scope)
        return grant

    def refusal(self, action: str, scope: str) -> ArmError:
        """Return the 403 that ARM answers to a caller without the right."""
        who = self.principal
        client = who.user_principal_name or who.app_id
        text = (
            f"The client '{client}' with object id '{who.object_id}' does not have authorization to perform action "
            f"'{action}' over scope '{scope}' or the scope is invalid. "
            "If access was recently granted, please refresh your credentials."
        )
        return ArmError(403, "AuthorizationFailed", text)


class Access:
    """All callers, found by identity header or object id, and the roles that they can have."""

    def __init__(self, fleet: Fleet, tree: Tree) -> None:
        self._tree = tree
        self.roles = BUILT_IN | {made_id("role", role.name): role for role in fleet.roles}
        ids = {role.name: role_id for role_id, role in self.roles.items()}
        self.callers = {key: self._caller(key, who, ids) for key, who in fleet.principals.items()}
        self._given = {key: tuple(one.grants) for key, one in self.callers.items()}
        self._by_header = {one.identity_header: one for one in self.callers.values()}
        self._by_object = {one.principal.object_id: one for one in self.callers.values()}
        self.app = self.callers[fleet.app]

    def by_header(self, identity_header: str) -> Caller | None:
        """Return whose identity header this is."""
        return self._by_header.get(identity_header)

    def by_object_id(self, object_id: str) -> Caller | None:
        """Return whose object id this is."""
        return self._by_object.get(object_id)

    def role_allows_data(self, role_id: str, action: str) -> bool:
        """Whether a role covers a data-plane action."""
        role = self.roles.get(role_id.lower())
        return role is not None and _any(role.data_actions, action.lower())

    def reset(self) -> None:
        """Give every caller what the fleet gives."""
        for key, one in self.callers.items():
            one.grants[:] = self._given[key]

    def assign(self, object_id: str, role_id: str, scope: str, assignment_id: str) -> None:
        """Give a caller a role; one of a principal or role that is not known here changes nothing."""
        caller, role = self.by_object_id(object_id.lower()), self.roles.get(role_id.lower())
        self.unassign(assignment_id)
        if caller is not None and role is not None:
            caller.grants.append(Grant(role, role_id.lower(), scope, assignment_id, self._tree))

    def unassign(self, assignment_id: str) -> None:
        """Take an assignment away from whoever has it."""
        for one in self.callers.values():
            one.grants[:] = [grant for grant in one.grants if grant.assignment_id.lower() != assignment_id.lower()]

    def _caller(self, key: str, who: Principal, ids: dict[str, str]) -> Caller:
        grants = []
        for one in who.assignments:
            if one.role not in ids:
                raise ValueError(f"principal {key}: role {one.role!r} is neither built in nor in the fleet's roles")
            role_id = ids[one.role]
            made = made_id("assignment", key, one.role, one.scope)
            grants.append(Grant(self.roles[role_id], role_id, one.scope, made, self._tree))
        return Caller(key, who, who.identity_header or secrets.token_hex(24), grants)
