"""Microsoft.KeyVault/vaults: protection against deletion, who may reach a vault, its access policies.

Form from recorded traffic of 2023. The refusals say what the service says; their texts are remembered, not verified.
"""

from emulator.arm.call import Answer
from emulator.arm.registry import Done, Outcome, Request, ResourceType
from emulator.arm.store import Resource
from emulator.body import Body, dig
from emulator.errors import ArmError, invalid_value, parent_not_found
from emulator.resources.around.forms import TABLE, Form
from emulator.resources.around.plain import Plain
from emulator.resources.locations import LOCATIONS
from emulator.resources.settable import FLAG, ITEMS, SWITCH, TEXT, Choice, Whole
from emulator.world import World

KIND = "Microsoft.KeyVault/vaults"
VERSIONS = ("2022-07-01", "2023-02-01", "2023-07-01", "2024-11-01")
_POLICIES = f"{KIND}/accessPolicies"
_RIGHTS = ("accessPolicies", "enableRbacAuthorization")
_NO_WAY_BACK = 'The property "{}" cannot be set to false. Enabling it for a vault is an irreversible action.'
_IMMUTABLE = 'The property "{}" has been set already and it can\'t be modified.'


def host(vault: Resource) -> str:
    """Return the host name of a vault's data plane."""
    return f"{vault.name.lower()}.vault.azure.net"


def find(world: World, name: str) -> Resource | None:
    """Return the vault of a name, which is unique in the whole of Azure."""
    low = name.lower()
    return next((one for one in world.store.of_type(KIND) if one.name.lower() == low), None)


def _facts(_: World, one: Resource) -> Body:
    return {"vaultUri": f"https://{host(one)}/", "provisioningState": "Succeeded"}


def _check(request: Request, old: Body | None, new: Body) -> None:
    before, after = dig(old, "properties") or {}, new["properties"]
    for name in ("enableSoftDelete", "enablePurgeProtection"):
        if after.get(name) is False and (before.get(name) is True or name == "enablePurgeProtection"):
            raise ArmError(400, "BadRequest", _NO_WAY_BACK.format(name))
    days = "softDeleteRetentionInDays"
    if before and before.get(days) != after.get(days):
        raise ArmError(400, "BadRequest", _IMMUTABLE.format(days))
    if before.get("enablePurgeProtection") and not after.get("enablePurgeProtection"):
        after["enablePurgeProtection"] = True  # a PUT that does not speak of it changes nothing
    vault = find(request.world, request.name)
    if vault is not None and any(before.get(name) != after.get(name) for name in _RIGHTS):
        request.world.news.rights_changed(vault)
        request.world.standings.touched = request.world.clock.now()


def _change_policies(request: Request) -> Outcome:
    vault = request.world.store.get(request.path.parent)
    if vault is None:
        raise parent_not_found("write", _POLICIES, request.path.parent)
    given = dig(request.body, "properties.accessPolicies")
    if not isinstance(given, list):
        raise invalid_value("accessPolicies")
    word, held = request.name.lower(), list(vault.properties.get("accessPolicies") or [])
    if word not in ("add", "replace", "remove"):
        raise invalid_value("operationKind")
    named = {str(one.get("objectId")).lower() for one in given}
    others = [] if word == "replace" else [one for one in held if one["objectId"].lower() not in named]
    vault.properties["accessPolicies"] = others if word == "remove" else [*others, *given]
    request.world.news.rights_changed(vault)
    request.world.standings.touched = request.world.clock.now()
    body = {
        "id": f"{vault.id}/accessPolicies/",
        "type": _POLICIES,
        "properties": {"accessPolicies": vault.properties["accessPolicies"]},
    }
    return Done(Answer(200, body))


_FORM = Form(
    {
        "tenantId": TEXT,
        "sku": TABLE,
        "accessPolicies": ITEMS,
        **dict.fromkeys(("enabledForDeployment", "enabledForDiskEncryption", "enabledForTemplateDeployment"), FLAG),
        **dict.fromkeys(("enableSoftDelete", "enablePurgeProtection", "enableRbacAuthorization"), FLAG),
        "softDeleteRetentionInDays": Whole(7, 90),
        "networkAcls": TABLE,
        "publicNetworkAccess": Choice(SWITCH),
    },
    required=("location", "properties.tenantId", "properties.sku"),
    defaults={
        "accessPolicies": [],
        "enabledForDeployment": False,
        "enableSoftDelete": True,
        "softDeleteRetentionInDays": 90,
        "enableRbacAuthorization": False,
        "publicNetworkAccess": "Enabled",
    },
    tracked=True,
)
PLAIN = (
    Plain(
        KIND,
        VERSIONS,
        _FORM,
        facts=_facts,
        check=_check,
        statuses=(200, 200, 200),
        methods=("PUT", "PATCH", "DELETE"),
        dated=True,
    ),
)
TYPES = (ResourceType(_POLICIES, VERSIONS, writes={"PUT": _change_policies}, locations=LOCATIONS, always_there=True),)
