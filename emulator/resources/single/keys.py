"""The customer's key that a single server is encrypted with, named vault_key_version."""

import hashlib
import re

from emulator.arm.operations import Polls
from emulator.arm.registry import Request
from emulator.arm.store import Resource
from emulator.body import Body, dig
from emulator.clock import stamp
from emulator.errors import ArmError, invalid_value
from emulator.fleet import made_id
from emulator.resources.around.key_rights import revalidated
from emulator.resources.children import Child, Operations
from emulator.resources.single.kind import KEY_VERSIONS, SERVERS, SINGLE

_POLLS = Polls(status="serverKeyAzureAsyncOperation", result="serverKeyOperationResults")
_URI = re.compile(r"https://([^./]+)\.vault\.[^/]+/keys/([^/]+)/([0-9a-fA-F]{32})")
_UPSERT = "UpsertElasticServerEncryptionKeysManagementOperation"
_NO_IDENTITY = "Server '{}' has no managed identity to reach the key vault with."


def _read(request: Request, server: Resource) -> Body:
    uri = str(dig(request.body, "properties.uri"))
    found = _URI.fullmatch(uri)
    if dig(request.body, "properties.serverKeyType") != "AzureKeyVault":
        raise invalid_value("serverKeyType")
    if found is None:
        raise invalid_value("uri")
    if request.name.lower() != "_".join(found.groups()).lower():
        raise invalid_value("keyName")
    if dig(server.body, "identity.type") != "SystemAssigned":  # code and text not verified
        raise ArmError(400, "AzureKeyVaultMissingServerIdentity", _NO_IDENTITY.format(server.name))
    return {
        "kind": "azurekeyvault",
        "location": server.body["location"],
        "properties": {
            "serverKeyType": "AzureKeyVault",
            "uri": uri,
            "thumbprint": hashlib.sha1(uri.encode(), usedforsecurity=False).hexdigest().upper(),
            "creationDate": stamp(request.world.clock.now()),
        },
    }


def _take_the_place_of_others(request: Request, key: Resource) -> None:
    store = request.world.store
    for other in store.children(key.id.rpartition("/keys/")[0], f"{SERVERS}/keys"):
        if other.id.lower() != key.id.lower():
            store.remove(other.id)
    server = key.id.rpartition("/keys/")[0]
    revalidated(request.world, key.properties["uri"], made_id("identity", server.lower()))


TYPES = (
    Child(
        SINGLE,
        "keys",
        KEY_VERSIONS,
        Operations(_UPSERT, _UPSERT, "DeleteElasticServerEncryptionKeysManagementOperation", _POLLS),
        _read,
        stored=_take_the_place_of_others,
    ).type(),
)
