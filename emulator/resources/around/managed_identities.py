"""Microsoft.ManagedIdentity/userAssignedIdentities: identities that servers reach their keys with."""

from emulator.arm.store import Resource
from emulator.body import Body
from emulator.resources.around.forms import Form
from emulator.resources.around.plain import Plain
from emulator.resources.identities import principal
from emulator.world import World


def _ids(world: World, one: Resource) -> Body:
    return {"tenantId": world.fleet.tenant_id, **principal(one.id)}


def _back(world: World, one: Resource) -> None:
    world.standings.deleted.discard(principal(one.id)["principalId"])


def _gone(world: World, one: Resource) -> None:
    world.standings.deleted.add(principal(one.id)["principalId"])
    world.standings.touched = world.clock.now()


PLAIN = (
    Plain(
        "Microsoft.ManagedIdentity/userAssignedIdentities",
        ("2023-01-31", "2024-11-30"),
        Form({}, required=("location",), tracked=True),
        facts=_ids,
        stored=_back,
        removed=_gone,
        methods=("PUT", "PATCH", "DELETE"),
    ),
)
