"""What a person types where Holdfast does not write: keys and their rights, as `az` commands. Pure.

Keys are changed in their vault, where Holdfast has no rights; `az` speaks to the vault as whoever is signed in.
"""

from shared.encryption import KeyAddress, without_version
from shared.target import Kind, Target


def rotate(address: KeyAddress) -> str:
    """Make a new version of the key."""
    return f"az keyvault key rotate {_key(address)}"


def enable(address: KeyAddress) -> str:
    """Let the key be used again."""
    return f"az keyvault key set-attributes {_key(address)} --enabled true"


def expire(address: KeyAddress) -> str:
    """Give the key an end."""
    return f"az keyvault key set-attributes {_key(address)} --expires YYYY-MM-DDTHH:MM:SSZ"


def rotation_policy(address: KeyAddress) -> str:
    """Give the key a rotation policy, from a file."""
    return f"az keyvault key rotation-policy update {_key(address)} --value policy.json"


def versions(address: KeyAddress) -> str:
    """See the versions of the key, with their dates."""
    return f"az keyvault key list-versions {_key(address)} -o table"


def disable(address: KeyAddress, version: str) -> str:
    """Let an old version be used no more."""
    return f"az keyvault key set-attributes {_key(address)} --version {version} --enabled false"


def point(target: Target, uri: str, identity: str) -> str:
    """Have the server use this key, or look at it again: for a single server that is what validates it anew."""
    match target.kind:
        case Kind.FLEXIBLE:
            server = f"-g {target.resource_group} -n {target.name}"
            return (
                f"az postgres flexible-server update {server} --key {without_version(uri) or uri} --identity {identity}"
            )
        case Kind.SINGLE:
            return f"az postgres server key create -g {target.resource_group} --name {target.name} --kid {uri}"
        case Kind.CITUS:
            return "choose the key on the page Data encryption of the cluster, in the portal"


def give_role(vault: str, principal: str) -> str:
    """Let an identity use the keys of a vault that goes by roles."""
    role = "Key Vault Crypto Service Encryption User"
    return (
        f'az role assignment create --role "{role}" --assignee-object-id {principal} '
        f"--assignee-principal-type ServicePrincipal --scope {vault}"
    )


def set_policy(vault: str, principal: str) -> str:
    """Let an identity use the keys of a vault that goes by access policies."""
    name = vault.rpartition("/")[2]
    return f"az keyvault set-policy --name {name} --object-id {principal} --key-permissions get list wrapKey unwrapKey"


def _key(address: KeyAddress) -> str:
    return f"--vault-name {address.vault} --name {address.key}"
