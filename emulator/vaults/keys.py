"""Keys as the data plane shows and changes them. Shapes are those of version 7.4 and of traffic recorded in 2023."""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from emulator.arm.store import Resource
from emulator.body import Body
from emulator.errors import ArmError
from emulator.resources.around import key_vaults, vault_keys
from emulator.world import World

_LEVELS = {True: "CustomizedRecoverable", False: "CustomizedRecoverable+Purgeable"}
_LEVELS_AT_90 = {True: "Recoverable", False: "Recoverable+Purgeable"}
_NOT_FOUND = (
    "A key with (name/id) {} was not found in this key vault. If you recently deleted this key you may be able to "
    "recover it using the correct recovery command. For help resolving this issue, please see "
    "https://go.microsoft.com/fwlink/?linkid=2125182"
)
_NO_POLICY: Body = {
    "lifetimeActions": [{"trigger": {"timeBeforeExpiry": "P30D"}, "action": {"type": "Notify"}}],
    "attributes": {},
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: the vault, the words after /keys, and the body."""

    world: World
    vault: Resource
    words: tuple[str, ...]
    body: Body

    @property
    def key(self) -> Resource:
        """The key that the request names."""
        found = vault_keys.find_key(self.world, self.vault, self.words[0])
        if found is None:
            raise ArmError(404, "KeyNotFound", _NOT_FOUND.format(self.words[0]))
        return found

    @property
    def version(self) -> Resource:
        """The version that the request names, the current one if it names none."""
        found = vault_keys.versions_of(self.world, self.key)
        if len(self.words) > 1 and self.words[1]:
            found = [one for one in found if one.name.lower() == self.words[1].lower()]
        if not found:
            raise ArmError(404, "KeyNotFound", _NOT_FOUND.format("/".join(self.words)))
        return found[-1]


type Answering = Callable[[Asked], Body]


def _kid(asked: Asked, key: str, version: str = "") -> str:
    return f"https://{key_vaults.host(asked.vault)}/keys/{key}" + (f"/{version}" if version else "")


def _attributes(asked: Asked, version: Resource) -> Body:
    its = asked.vault.properties
    days, protected = its["softDeleteRetentionInDays"], bool(its.get("enablePurgeProtection"))
    level = (_LEVELS_AT_90 if days == 90 else _LEVELS)[protected]
    more = {"recoveryLevel": level, "recoverableDays": days, "exportable": False}
    return {**version.properties["attributes"], **more}


def _bundle(asked: Asked, key: Resource, version: Resource) -> Body:
    its = version.properties
    web_key: Body = {"kid": _kid(asked, key.name, version.name), "kty": its["kty"], "key_ops": its["keyOps"]}
    digest = base64.urlsafe_b64encode(hashlib.sha256(version.id.lower().encode()).digest()).decode().rstrip("=")
    # no key at all: the same letters for the same version
    web_key |= {"n": digest, "e": "AQAB"} if its["kty"].startswith("RSA") else {"crv": its["curveName"], "x": digest}
    body = {"key": web_key, "attributes": _attributes(asked, version)}
    return body | ({"tags": version.body["tags"]} if version.body["tags"] else {})


def _item(asked: Asked, key: Resource, version: Resource, named: str) -> Body:
    return {"kid": _kid(asked, key.name, named), "attributes": _attributes(asked, version)}


def list_keys(asked: Asked) -> Body:
    """Answer the keys of the vault."""
    found = [(key, vault_keys.versions_of(asked.world, key)[-1]) for key in _keys(asked)]
    return {"value": [_item(asked, key, version, "") for key, version in found], "nextLink": None}


def _keys(asked: Asked) -> list[Resource]:
    return asked.world.store.children(asked.vault.id, vault_keys.KIND)


def list_versions(asked: Asked) -> Body:
    """Answer the versions of a key."""
    key = asked.key
    found = vault_keys.versions_of(asked.world, key)
    return {"value": [_item(asked, key, one, one.name) for one in found], "nextLink": None}


def get(asked: Asked) -> Body:
    """Answer a key, in the version asked for or the current one."""
    return _bundle(asked, asked.key, asked.version)


def update(asked: Asked) -> Body:
    """Change the attributes, the operations or the tags of a version."""
    version, now = asked.version, int(asked.world.clock.now().timestamp())
    sent = asked.body.get("attributes") or {}
    given = {name: sent[name] for name in ("enabled", "nbf", "exp") if sent.get(name) is not None}
    version.properties["attributes"].update(given, updated=now)
    if "exp" in given:
        asked.world.news.dated(asked.vault, asked.key.name, version)
    if asked.body.get("key_ops"):
        version.properties["keyOps"] = list(asked.body["key_ops"])
    if isinstance(asked.body.get("tags"), dict):
        version.body["tags"] = dict(asked.body["tags"])
    return get(asked)


def create(asked: Asked) -> Body:
    """Make a key, or a new version of one that is there."""
    given = {
        "kty": asked.body.get("kty"),
        "keySize": asked.body.get("key_size"),
        "curveName": asked.body.get("crv"),
        "keyOps": asked.body.get("key_ops"),
        "attributes": asked.body.get("attributes"),
        "tags": asked.body.get("tags"),
    }
    version = vault_keys.add_version(asked.world, asked.vault, asked.words[0], given)
    return _bundle(asked, asked.key, version)


def rotate(asked: Asked) -> Body:
    """Make a new version as the current one is."""
    current = vault_keys.versions_of(asked.world, asked.key)[-1]
    given = {name: current.properties.get(name) for name in ("kty", "keySize", "curveName", "keyOps")}
    version = vault_keys.add_version(asked.world, asked.vault, asked.words[0], given)
    return _bundle(asked, asked.key, version)


def get_policy(asked: Asked) -> Body:
    """Answer the rotation policy; a key without one tells of its expiry 30 days before."""
    key = asked.key
    held = key.properties["rotationPolicy"] or _NO_POLICY
    return {"id": f"{_kid(asked, key.name)}/rotationpolicy", **held}


def put_policy(asked: Asked) -> Body:
    """Replace the rotation policy."""
    now = int(asked.world.clock.now().timestamp())
    policy = {name: asked.body[name] for name in ("lifetimeActions", "attributes") if asked.body.get(name) is not None}
    expiry = {"expiryTime": (policy.get("attributes") or {}).get("expiryTime")}
    policy["attributes"] = {**{name: value for name, value in expiry.items() if value}, "created": now, "updated": now}
    asked.key.properties["rotationPolicy"] = policy
    return get_policy(asked)
