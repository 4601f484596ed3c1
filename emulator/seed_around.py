"""What stands around a fleet's servers, as resources."""

from emulator.fleet_resource import GivenResource
from emulator.ids import parse_path
from emulator.resources.around import PLAIN, vault_keys
from emulator.world import World

_BY_TYPE = {one.name.lower(): one for one in PLAIN}


def add_resource(world: World, scope: str, location: str, given: GivenResource) -> None:
    """Put a resource into the store, as a PUT would have made it."""
    place = f"{scope}/providers/{given.at}"
    path = parse_path(place)
    if path is None or not path.types or not path.is_item:
        raise ValueError(f"resource {given.at!r}: wanted TYPE/NAME as after /providers/")
    body, kind = given.arm_body(location), path.full_type
    if kind == vault_keys.KIND.lower():
        _add_key(world, path.parent, path.names[-1], body["properties"])
        return
    if kind not in _BY_TYPE:
        raise ValueError(f"resource {given.at!r}: the emulator has no type {kind}")
    parent = world.store.get(path.parent)
    _BY_TYPE[kind].plant(world, parent.id if parent else path.parent, path.names[-1], body)


def _add_key(world: World, vault_id: str, name: str, properties: dict[str, object]) -> None:
    vault = world.store.get(vault_id)
    if vault is None:
        raise ValueError(f"key {name!r}: its vault {vault_id} has to stand before it")
    vault_keys.add_version(world, vault, name, properties)
