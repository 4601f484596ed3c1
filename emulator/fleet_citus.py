"""One Citus cluster as a fleet file describes it, and the ARM properties that it stands for."""

from typing import Literal

from pydantic import BaseModel, Field

from emulator.body import Body, merged
from emulator.fleet_server import STRICT, AddressRange, PrivateEndpoint

type OnOff = Literal["enabled", "disabled"]


class EntraRole(BaseModel):
    """A role of Microsoft Entra in the cluster's database."""

    model_config = STRICT

    object_id: str
    type: Literal["user", "servicePrincipal", "group"] = "user"
    admin: bool = False


class Cluster(BaseModel):
    """A cluster; what is left out is what Azure gives a new one."""

    model_config = STRICT

    name: str
    location: str = ""  # empty means the resource group's
    postgresql_version: str = "15"
    citus_version: str = "12.1"
    tags: dict[str, str] = {}
    node_count: int = Field(default=2, ge=0, le=20)
    coordinator_public_access: bool = True
    node_public_access: bool = False
    high_availability: bool = False
    firewall_rules: dict[str, AddressRange] = {}
    private_endpoints: tuple[PrivateEndpoint, ...] = ()
    entra_auth: OnOff = "disabled"
    password_auth: OnOff = "enabled"  # noqa: S105  a switch, no password
    entra_roles: dict[str, EntraRole] = {}
    geo_backup: bool = False
    parameters: dict[str, str] = {}  # on the coordinator and the workers
    properties: Body = {}  # ARM properties laid over all of the above

    def arm_properties(self) -> Body:
        """Return what differs from a new cluster, as ARM names it."""
        made: Body = {
            "postgresqlVersion": self.postgresql_version,
            "citusVersion": self.citus_version,
            "nodeCount": self.node_count,
            "coordinatorEnablePublicIpAccess": self.coordinator_public_access,
            "nodeEnablePublicIpAccess": self.node_public_access,
            "enableHa": self.high_availability,
            "authConfig": {"activeDirectoryAuth": self.entra_auth, "passwordAuth": self.password_auth},
            "enableGeoBackup": self.geo_backup,
        }
        return merged(made, self.properties)
