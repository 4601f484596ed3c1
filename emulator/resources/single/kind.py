"""Single Server: Microsoft.DBforPostgreSQL/servers, its api-versions and the form of a new one.

Shapes and the names of operations are those of recorded traffic of the az CLI, 2019 to 2024.
"""

import re

from emulator.body import Body
from emulator.resources.family import Family
from emulator.resources.settable import SWITCH, TEXT, Choice, Rule, Settable, Whole

SINGLE = Family("Microsoft.DBforPostgreSQL/servers")
SERVERS = SINGLE.name
VERSIONS = ("2017-12-01",)
ENDPOINT_VERSIONS = ("2018-06-01",)  # private endpoint connections and link resources
KEY_VERSIONS = ("2020-01-01",)

_TIERS = {"B": "Basic", "GP": "GeneralPurpose", "MO": "MemoryOptimized"}
SKU = re.compile(r"(B|GP|MO)_(Gen[45])_(\d+)")
_SWITCH = Choice(SWITCH)
_PROFILE = "properties.storageProfile"
# The definition of PATCH lacks infrastructureEncryption and administratorLogin: there they are ignored.
ON_PATCH = Settable(
    {
        "sku.name": Rule(TEXT),
        "properties.administratorLoginPassword": Rule(TEXT, is_secret=True),
        "properties.version": Rule(Choice(("9.5", "9.6", "10", "10.0", "10.2", "11")), create_only=True),
        "properties.sslEnforcement": Rule(_SWITCH),
        "properties.minimalTlsVersion": Rule(Choice(("TLS1_0", "TLS1_1", "TLS1_2", "TLSEnforcementDisabled"))),
        "properties.publicNetworkAccess": Rule(_SWITCH),
        "properties.replicationRole": Rule(Choice(("None",))),
        f"{_PROFILE}.backupRetentionDays": Rule(Whole(7, 35)),
        f"{_PROFILE}.geoRedundantBackup": Rule(_SWITCH, create_only=True),
        f"{_PROFILE}.storageMB": Rule(Whole(5_120, 16_777_216)),
        f"{_PROFILE}.storageAutogrow": Rule(_SWITCH),
    }
)
ON_PUT = ON_PATCH.with_rules(
    {
        "properties.administratorLogin": Rule(TEXT, create_only=True),
        "properties.infrastructureEncryption": Rule(_SWITCH, create_only=True),
    }
)
NEW: Body = {
    "version": "11",
    "sslEnforcement": "Enabled",
    "minimalTlsVersion": "TLSEnforcementDisabled",
    "infrastructureEncryption": "Disabled",
    "publicNetworkAccess": "Enabled",
    "storageProfile": {
        "storageMB": 5_120,
        "backupRetentionDays": 7,
        "geoRedundantBackup": "Disabled",
        "storageAutogrow": "Enabled",
    },
}


def whole_sku(name: str) -> Body | None:
    """Return the SKU that a name such as GP_Gen5_2 stands for."""
    found = SKU.fullmatch(name)
    if found is None:
        return None
    return {"name": name, "tier": _TIERS[found[1]], "family": found[2], "capacity": int(found[3])}
