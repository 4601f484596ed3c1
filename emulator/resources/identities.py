"""The managed identities of a resource: what Azure adds to the identity that a caller asks for."""

from emulator.body import Body, dig
from emulator.fleet import made_id
from emulator.world import World


def filled(world: World, resource_id: str, identity: Body) -> Body:
    """Return an identity with the ids of its principals; they are the same on every run."""
    shown: Body = {"type": identity.get("type", "None")}
    if "systemassigned" in str(shown["type"]).lower():
        shown |= {"principalId": made_id("identity", resource_id.lower()), "tenantId": world.fleet.tenant_id}
    users = dig(identity, "userAssignedIdentities")
    if users:
        shown["userAssignedIdentities"] = {one: principal(one) for one in users}
        shown["tenantId"] = world.fleet.tenant_id
    return shown


def principal(identity_id: str) -> Body:
    """Return the ids that a user-assigned identity has in Microsoft Entra."""
    low = identity_id.lower()
    return {"principalId": made_id("identity", low), "clientId": made_id("client", low)}
