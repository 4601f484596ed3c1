"""The access policies of a key vault: entries that it holds in itself, read with it and written one by one.

`PUT .../accessPolicies/add` and `remove` speak of single entries, so nobody else's entry is part of the request
(learn.microsoft.com, "Vaults - Update Access Policy"). Azure has no request that takes a permission out of an entry:
that is a PATCH of the vault with all entries as they were read just before. Only an undo asks for that.
"""

import copy
import json
from collections.abc import Iterator, Mapping
from typing import Any

from shared.arm.client import Call
from shared.state import Value

_PATH = "/accessPolicies/"
_PATCH_PERMISSION = "Microsoft.KeyVault/vaults/write"
# As Azure's definition writes them; it answers other casings as well.
_WORDS = (
    *("get", "list", "wrapKey", "unwrapKey", "all", "backup", "create", "decrypt", "delete", "encrypt", "import"),
    *("purge", "recover", "release", "restore", "rotate", "sign", "update", "verify"),
    *("getrotationpolicy", "setrotationpolicy"),
)
_WRITTEN = {word.lower(): word for word in _WORDS}


def holder_of(entry: str) -> str:
    """The vault that holds the entry."""
    return entry.partition(_PATH)[0]


def entries_of(vault: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The entries as resources of their own; permissions for keys in order, as Azure's definition writes them."""
    for one in (vault.get("properties") or {}).get("accessPolicies") or ():
        object_id = str(one.get("objectId"))
        # An entry for an application on behalf of somebody is no right of that one alone.
        if one.get("applicationId"):
            continue
        words = {str(word).lower() for word in (one.get("permissions") or {}).get("keys") or ()}
        permissions = {"keys": sorted(_WRITTEN.get(word, word) for word in words)}
        yield {
            "id": f"{vault['id']}{_PATH}{object_id}",
            "name": object_id,
            "properties": {**one, "permissions": permissions},
        }


def policy_call(entry: str, after: Value, vault: Mapping[str, Any], how: tuple[str, str, str]) -> Call:
    """The request that makes the entry so; `vault` is as it was read just before, `how` the api-version, the permission
    and the correlation id."""
    path, object_id = holder_of(entry), entry.rpartition("/")[2]
    version, permission, correlation_id = how
    entries = copy.deepcopy((vault.get("properties") or {}).get("accessPolicies") or [])
    mine = next((one for one in entries if _is(one, object_id)), None)
    if not isinstance(after, Mapping):
        gone = mine or {"tenantId": "", "objectId": object_id, "permissions": {}}
        return Call("PUT", f"{path}{_PATH}remove", version, permission, path, _body(gone), correlation_id)
    wanted = json.loads(after.get("permissions.keys", "[]"))
    held = {str(word).lower() for word in ((mine or {}).get("permissions") or {}).get("keys") or ()}
    made: dict[str, Any] = mine or {"tenantId": after.get("tenantId", ""), "objectId": object_id}
    made["permissions"] = {**(made.get("permissions") or {}), "keys": wanted}
    if held <= {word.lower() for word in wanted}:
        return Call("PUT", f"{path}{_PATH}add", version, permission, path, _body(made), correlation_id)
    return Call("PATCH", path, version, _PATCH_PERMISSION, path, _body(*entries), correlation_id)


def _is(one: Mapping[str, Any], object_id: str) -> bool:
    return str(one.get("objectId")).lower() == object_id.lower() and not one.get("applicationId")


def _body(*entries: Mapping[str, Any]) -> dict[str, Any]:
    return {"properties": {"accessPolicies": list(entries)}}
