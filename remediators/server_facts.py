"""What a server is and stays: facts that Azure fixes when it is created. One row of `ROWS` for each control.

Why      Where the data lies, which key encrypts it, how it is reached and backed up is decided once. A server that was
         created wrong stays wrong, and so does every copy that somebody makes in the wrong place.
Fix      None: no write changes these facts. Holdfast says what a person does, once, and again when the fact changes.
Refuses  A fact that Azure does not tell is not applicable, and so is a control whose wish the policy does not name.
Undo     Nothing was written, so nothing is undone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from shared.control import (
    Control,
    Disposition,
    Drift,
    Finding,
    NotApplicable,
    Parameters,
    Remediator,
    Revert,
    Severity,
)
from shared.state import SERVER, Server, Setting, SettingKind, State
from shared.target import Kind

LOW, MEDIUM, HIGH, CRITICAL = Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL
_AT_REST = "Encryption & Secure Data Management / Encryption at Rest"
_REPLICAS = frozenset({"asyncreplica", "geoasyncreplica", "replica"})
_KEY_STATES = ("dataEncryption.primaryEncryptionKeyStatus", "dataEncryption.geoBackupEncryptionKeyStatus")


def _short(region: str) -> str:
    """Azure writes regions as `West Europe` and as `westeurope`."""
    return region.replace(" ", "").lower()


type Region = Annotated[str, Field(pattern=r"^[A-Za-z0-9 ]{3,40}$"), AfterValidator(_short)]


class Regions(Parameters):
    """`regions`: where servers may be."""

    regions: tuple[Region, ...] = ()


class Skus(Parameters):
    """`skus`: the confidential compute sizes that are accepted, such as `Standard_DC4ads_v5`."""

    skus: tuple[Annotated[str, Field(min_length=1)], ...] = ()


class Network(Parameters):
    """`virtual_network`: whether servers are inside one. `subnets`: the resource ids of the subnets they may be in
    (empty: any)."""

    virtual_network: bool | None = None
    subnets: tuple[Annotated[str, Field(pattern=r"^/subscriptions/.+/subnets/[^/]+$")], ...] = ()


@dataclass(frozen=True, slots=True)
class Amiss:
    """The fact that is wrong, and what a person does about it."""

    fact: str
    found: str
    wanted: str
    person: str


type Judged = Amiss | NotApplicable | None


@dataclass(frozen=True, slots=True)
class Row:
    """One control: `judge` looks at the facts, `why` is what is wrong while it does not hold."""

    id: str
    title: str
    domain: str
    severity: Severity
    kinds: frozenset[Kind]
    judge: Callable[[Kind, Server, Any], Judged]
    why: str
    revert: Revert = Revert.CREATE_TIME
    operations: frozenset[str] = frozenset({"write"})
    parameters: type[Parameters] = Parameters


def _untold(what: str) -> NotApplicable:
    return NotApplicable(f"Azure does not tell {what} of this server")


# -- the judgements ---------------------------------------------------------------------------------------------------


def _region(_: Kind, server: Server, wish: Regions) -> Judged:
    location = server.facts.get("location")
    if not wish.regions:
        return NotApplicable("the policy names no allowed regions")
    if location is None:
        return _untold("the region")
    if _short(location) in wish.regions:
        return None
    person = (
        f"Azure moves no server to another region: create a read replica in {wish.regions[0]}, promote it, "
        "move the clients to it, then delete this server"
    )
    return Amiss("location", location, " or ".join(wish.regions), person)


def _own_key(kind: Kind, server: Server, _: Parameters) -> Judged:
    if kind is Kind.SINGLE:
        return _own_key_of_single(server)
    type_ = server.facts.get("dataEncryption.type")
    if type_ is None:
        return _untold("the kind of key that encrypts the data")
    if type_ == "AzureKeyVault" and (server.facts.get("dataEncryption.primaryKeyURI") or kind is Kind.CITUS):
        return None
    person = (
        "a server keeps the kind of key it was created with: restore it into a new server with a customer-managed key, "
        "move the clients there, then delete this server"
    )
    return Amiss("dataEncryption.type", type_, "AzureKeyVault", person)


def _own_key_of_single(server: Server) -> Judged:
    enforced = server.facts.get("byokEnforcement")
    if enforced is None:
        return _untold("whether a key of yours encrypts the data")
    if enforced == "Enabled":
        return None
    person = (
        "single server is retired: migrate it to a flexible server with a customer-managed key; until then give its "
        "identity access to a key and choose that on its page Data encryption"
    )
    return Amiss("byokEnforcement", enforced, "Enabled", person)


def _twice(_: Kind, server: Server, __: Parameters) -> Judged:
    found = server.facts.get("infrastructureEncryption")
    if found is None:
        return _untold("infrastructure encryption")
    if found == "Enabled":
        return None
    person = (
        "it is chosen when a server is created, and single server is retired: plan the migration to a flexible server, "
        "which has no second encryption, and exempt this server until then"
    )
    return Amiss("infrastructureEncryption", found, "Enabled", person)


def _confidential(_: Kind, server: Server, wish: Skus) -> Judged:
    sku = server.facts.get("sku.name")
    if not wish.skus:
        return NotApplicable("the policy names no confidential compute sizes")
    if sku is None:
        return _untold("the size")
    if sku.lower() in {one.lower() for one in wish.skus}:
        return None
    person = (
        f"create a new server of the size {wish.skus[0]} and move the data with dump and restore: Azure restores no "
        "backup of an ordinary server onto a confidential one"
    )
    return Amiss("sku.name", sku, " or ".join(wish.skus), person)


def _network(_: Kind, server: Server, wish: Network) -> Judged:
    if wish.virtual_network is None:
        return NotApplicable("the policy does not say whether servers are inside a virtual network")
    if not server.facts:
        return _untold("the network")
    if server.facts.get("cluster.clusterSize"):
        return NotApplicable("an elastic cluster cannot be inside a virtual network")
    subnet = server.facts.get("network.delegatedSubnetResourceId", "")
    if bool(subnet) is not wish.virtual_network:
        wanted = "inside a virtual network" if wish.virtual_network else "outside of virtual networks"
        person = (
            f"how a server is reached is chosen when it is created: create a new server {wanted} and move the data "
            "with dump and restore, as no backup is restored across"
        )
        return Amiss("network.delegatedSubnetResourceId", subnet or "no subnet", wanted, person)
    if not subnet or not wish.subnets or subnet.lower() in {one.lower() for one in wish.subnets}:
        return None
    person = (
        f"a server stays in its subnet: restore it into a new server in {wish.subnets[0]}, move the clients there, "
        "then delete this server"
    )
    return Amiss("network.delegatedSubnetResourceId", subnet, " or ".join(wish.subnets), person)


# Where a server with another redundancy comes from; the steps in the portal are those of Azure's own guide.
_GEO = {
    Kind.FLEXIBLE: "restore it into a new server in the same region (portal: Restore, Configure server, "
    "Geo-redundancy), move the clients there, then delete this server",
    Kind.SINGLE: "migrate it to a flexible server that is created with geo-redundant backup",
    Kind.CITUS: "create a new cluster with geo-redundant backup and move the data",
}


def _geo_redundant(kind: Kind, server: Server, _: Parameters) -> Judged:
    found = server.facts.get("backup.geoRedundant")
    if server.facts.get("replicationRole", "").lower() in _REPLICAS or server.facts.get("sourceResourceId"):
        return NotApplicable("a read replica has no backups of its own")
    if found is None:
        return _untold("the redundancy of backups")
    if found in ("Enabled", "true"):
        return None
    return Amiss("backup.geoRedundant", found, "Enabled", f"it is chosen when a server is created: {_GEO[kind]}")


# learn.microsoft.com, "Data encryption for Azure Database for PostgreSQL Single server by using the Azure CLI".
_REVALIDATE = (
    "choose Revalidate key on its page Data encryption, or write its key again: az postgres server key create -g RG "
    "--name SERVER --kid KEY"
)


def _accessible(kind: Kind, server: Server, _: Parameters) -> Judged:
    state = server.facts.get("state")
    if state is None:
        return _untold("the state")
    lost = [(name, server.facts[name]) for name in _KEY_STATES if server.facts.get(name) == "Invalid"]
    if state != "Inaccessible" and not lost:
        return None
    fact, found = ("state", state) if state == "Inaccessible" else lost[0]
    after = _REVALIDATE if kind is Kind.SINGLE else "wait up to 60 minutes"
    person = (
        "make its key reachable: recover a deleted key, vault or identity, enable the key or extend its date, give the "
        "identity the role Key Vault Crypto Service Encryption User, let trusted Microsoft services through the "
        f"vault's firewall; then {after}: Azure checks the key again and the server comes back"
    )
    return Amiss(fact, found, "Ready" if fact == "state" else "Valid", person)


# -- the table --------------------------------------------------------------------------------------------------------

ROWS = (
    Row(
        "deployment-region-allowed",
        "Server and its geo-replicas exist only in allowed regions",
        "External Certification",
        MEDIUM,
        frozenset(Kind),
        _region,
        "the data lies in a region that the policy does not allow",
        parameters=Regions,
    ),
    Row(
        "cmk-encryption-type",
        "Data at rest is encrypted with a customer-managed key",
        _AT_REST,
        HIGH,
        frozenset(Kind),
        _own_key,
        "the key that encrypts the data is Microsoft's: nobody here can withdraw it",
    ),
    Row(
        "infrastructure-double-encryption",
        "Infrastructure (double) encryption is enabled",
        _AT_REST,
        LOW,
        frozenset({Kind.SINGLE}),
        _twice,
        "the data is encrypted once only",
    ),
    Row(
        "confidential-compute-sku",
        "Server runs on a confidential-compute SKU where required",
        _AT_REST,
        LOW,
        frozenset({Kind.FLEXIBLE}),
        _confidential,
        "the host can read the server's memory",
        parameters=Skus,
    ),
    Row(
        "vnet-network-mode",
        "Network mode (VNet-integrated or public+private-endpoint) and delegated subnet equal the approved design",
        "Network Security / Endpoint Localisation",
        MEDIUM,
        frozenset({Kind.FLEXIBLE}),
        _network,
        "the server is reached in another way than was approved",
        parameters=Network,
    ),
    Row(
        "backup-geo-redundant",
        "Geo-redundant backup is enabled",
        "Resilience & Recovery / Data Resilience (back-up)",
        MEDIUM,
        frozenset(Kind),
        _geo_redundant,
        "when the region is lost, its backups are lost with it",
    ),
    Row(
        "cmk-server-state-accessible",
        "The server is not Inaccessible because of its key",
        "Encryption & Secure Data Management / BYOK/HYOK Management",
        CRITICAL,
        frozenset(Kind),
        _accessible,
        "the server cannot reach its key and refuses every connection, or soon will",
        revert=Revert.PERSON,
        # No write to the server does it: the key lies elsewhere.
        operations=frozenset(
            {
                "microsoft.keyvault/vaults/write",
                "microsoft.keyvault/vaults/accesspolicies/write",
                "microsoft.keyvault/vaults/keys/write",
                "microsoft.managedidentity/userassignedidentities/delete",
            }
        ),
    ),
)


def _detect(row: Row, state: State, parameters: Any) -> Finding:
    if state.server is None:
        return _untold("anything")
    amiss = row.judge(state.target.kind, state.server, parameters)
    if amiss is None or isinstance(amiss, NotApplicable):
        return amiss or ()
    setting = Setting(SettingKind.PROPERTY, amiss.fact)
    return (Drift(row.id, setting, amiss.found, amiss.wanted, row.why, person=amiss.person),)


def _remediator(row: Row) -> Remediator:
    control = Control(
        id=row.id,
        title=row.title,
        domain=row.domain,
        severity=row.severity,
        facets=(SERVER,),
        operations=row.operations,
        permissions=frozenset(),
        fresh=Disposition.NOTIFY,
        first_sight=Disposition.NOTIFY,
        revert=row.revert,
        kinds=row.kinds,
        parameters=row.parameters,
        optional=True,
    )
    return Remediator(control, partial(_detect, row))


REMEDIATORS = tuple(map(_remediator, ROWS))
