"""One single server as a fleet file describes it, and the ARM properties that it stands for."""

from typing import Literal

from pydantic import BaseModel, Field

from emulator.body import Body, merged
from emulator.fleet_server import STRICT, AddressRange, Administrator, PrivateEndpoint, Switch


class SingleServer(BaseModel):
    """A server; what is left out is what Azure gives a new one."""

    model_config = STRICT

    name: str
    location: str = ""  # empty means the resource group's
    version: Literal["9.5", "9.6", "10", "10.0", "10.2", "11"] = "11"
    sku: str = "GP_Gen5_2"
    storage_mb: int = 51_200
    tags: dict[str, str] = {}
    public_access: Switch = "Enabled"
    ssl_enforcement: Switch = "Enabled"
    minimal_tls: Literal["TLS1_0", "TLS1_1", "TLS1_2", "TLSEnforcementDisabled"] = "TLSEnforcementDisabled"
    infrastructure_encryption: Switch = "Disabled"
    firewall_rules: dict[str, AddressRange] = {}
    virtual_network_rules: dict[str, str] = {}  # the subnet's id, by name
    private_endpoints: tuple[PrivateEndpoint, ...] = ()
    administrator: Administrator | None = None
    parameters: dict[str, str] = {}
    alert_policy: Body = {}  # properties of its security alert policy
    backup_retention_days: int = Field(default=7, ge=7, le=35)
    geo_redundant_backup: Switch = "Disabled"
    auto_grow: Switch = "Enabled"
    properties: Body = {}  # ARM properties laid over all of the above

    def arm_properties(self) -> Body:
        """Return the `properties` of the server as ARM stores them."""
        made: Body = {
            "administratorLogin": "pgadmin",
            "version": self.version,
            "sslEnforcement": self.ssl_enforcement,
            "minimalTlsVersion": self.minimal_tls,
            "infrastructureEncryption": self.infrastructure_encryption,
            "publicNetworkAccess": self.public_access,
            "storageProfile": {
                "storageMB": self.storage_mb,
                "backupRetentionDays": self.backup_retention_days,
                "geoRedundantBackup": self.geo_redundant_backup,
                "storageAutogrow": self.auto_grow,
            },
            "replicationRole": "None",
            "masterServerId": "",
        }
        return merged(made, self.properties)
