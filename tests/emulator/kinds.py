"""The small bank with one group more, in which there are the other kinds of servers and what stands around them."""

from typing import Any

from emulator.fleet import Fleet, default_fleet
from tests.emulator.arm_client import PRODUCTION

GROUP = f"{PRODUCTION}/resourceGroups/rg-kinds"
_PROVIDER = f"{GROUP}/providers/Microsoft.DBforPostgreSQL"
SINGLE = f"{_PROVIDER}/servers/pg-single"
BASIC = f"{_PROVIDER}/servers/pg-basic"
CLUSTER = f"{_PROVIDER}/serverGroupsv2/pg-citus"
SUBNET = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet-kinds/subnets/snet-apps"
ADMIN = "3f0c8f5a-7b1e-4a52-9d15-52f1f7a2c901"

_SINGLE: dict[str, Any] = {
    "name": "pg-single",
    "tags": {"environment": "test"},
    "firewall_rules": {"office": {"start": "192.0.2.10", "end": "192.0.2.14"}},
    "virtual_network_rules": {"apps": SUBNET},
    "private_endpoints": [{"name": "pe-single"}, {"name": "pe-new", "status": "Pending"}],
    "administrator": {"object_id": ADMIN, "name": "sg-dba", "type": "Group"},
    "parameters": {"log_disconnections": "on"},
    "alert_policy": {"state": "Enabled", "emailAccountAdmins": True},
}
_BASIC: dict[str, Any] = {"name": "pg-basic", "sku": "B_Gen5_1", "public_access": "Disabled"}
_CLUSTER: dict[str, Any] = {
    "name": "pg-citus",
    "tags": {"environment": "test"},
    "firewall_rules": {"office": {"start": "192.0.2.10", "end": "192.0.2.14"}},
    "private_endpoints": [{"name": "pe-citus"}, {"name": "pe-citus-new", "status": "Pending"}],
    "entra_roles": {"sg-dba": {"object_id": ADMIN, "type": "group", "admin": True}},
    "parameters": {"log_disconnections": "on"},
}


def a_fleet(**more: Any) -> Fleet:
    """The bank with the group of this module; `more` are further things in that group."""
    given = default_fleet().model_dump()
    group = {"name": "rg-kinds", "single_servers": [_SINGLE, _BASIC], "clusters": [_CLUSTER], **more}
    production = given["subscriptions"][0]
    production["resource_groups"] = [*production["resource_groups"], group]
    return Fleet.model_validate(given)
