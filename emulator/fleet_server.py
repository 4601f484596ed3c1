"""One flexible server as a fleet file describes it, and the ARM properties that it stands for."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from emulator.body import Body, merged

STRICT = ConfigDict(frozen=True, extra="forbid")
type Switch = Literal["Enabled", "Disabled"]


class AddressRange(BaseModel):
    """A firewall rule: first and last IPv4 address."""

    model_config = STRICT

    start: str
    end: str


class Administrator(BaseModel):
    """A Microsoft Entra administrator."""

    model_config = STRICT

    object_id: str
    name: str
    type: Literal["User", "Group", "ServicePrincipal"] = "User"


class PrivateEndpoint(BaseModel):
    """A private endpoint that is connected to the server."""

    model_config = STRICT

    name: str
    status: Literal["Approved", "Pending", "Rejected"] = "Approved"
    group: str = ""  # resource group of the endpoint; empty means the server's


class FlexibleServer(BaseModel):
    """A server; what is left out is what Azure gives a new one."""

    model_config = STRICT

    name: str
    location: str = ""  # empty means the resource group's
    version: str = "16"
    sku: str = "Standard_D2ds_v5"
    tier: Literal["Burstable", "GeneralPurpose", "MemoryOptimized"] = "GeneralPurpose"
    storage_gb: int = 128
    tags: dict[str, str] = {}
    public_access: Switch = "Disabled"
    delegated_subnet: str = ""  # a subnet's id makes the server VNet-injected
    private_dns_zone: str = ""
    private_endpoints: tuple[PrivateEndpoint, ...] = ()
    firewall_rules: dict[str, AddressRange] = {}
    entra_auth: Switch = "Enabled"
    password_auth: Switch = "Disabled"  # noqa: S105  a switch, no password
    administrators: tuple[Administrator, ...] = ()
    parameters: dict[str, str] = {}
    without_parameters: tuple[str, ...] = ()  # these answer 404, as on versions that lack them
    backup_retention_days: int = Field(default=7, ge=7, le=35)
    geo_redundant_backup: Switch = "Disabled"
    high_availability: Literal["Disabled", "SameZone", "ZoneRedundant"] = "Disabled"
    threat_protection: Switch = "Disabled"
    user_assigned_identities: tuple[str, ...] = ()
    cluster_size: int = 0  # above 0: an elastic cluster of that many nodes
    properties: Body = {}  # ARM properties laid over all of the above

    def arm_properties(self, tenant_id: str) -> Body:
        """Return the `properties` of the server as ARM stores them."""
        made: Body = {
            "administratorLogin": "pgadmin",
            "version": self.version,
            "storage": {
                "type": "Premium_LRS",
                "iops": 500,
                "tier": "P10",
                "storageSizeGB": self.storage_gb,
                "autoGrow": "Enabled",
            },
            "network": self._network(),
            "authConfig": self._auth(tenant_id),
            "availabilityZone": "1",
            "backup": {
                "backupRetentionDays": self.backup_retention_days,
                "geoRedundantBackup": self.geo_redundant_backup,
            },
            "highAvailability": {"mode": self.high_availability},
        }
        if self.cluster_size:
            made["cluster"] = {"clusterSize": self.cluster_size, "defaultDatabaseName": "postgres"}
        return merged(made, self.properties)

    def _network(self) -> Body:
        if not self.delegated_subnet:
            return {"publicNetworkAccess": self.public_access}
        network: Body = {
            "publicNetworkAccess": "Disabled",
            "delegatedSubnetResourceId": self.delegated_subnet,
        }
        if self.private_dns_zone:
            network["privateDnsZoneArmResourceId"] = self.private_dns_zone
        return network

    def _auth(self, tenant_id: str) -> Body:
        auth: Body = {"activeDirectoryAuth": self.entra_auth, "passwordAuth": self.password_auth}
        if self.entra_auth == "Enabled":
            auth["tenantId"] = tenant_id
        return auth
