"""Which regions Azure pairs: of a pair, one is updated and, after a disaster, restored before the other.

learn.microsoft.com, "Azure cross-region replication": the pairs of regions with one; newer regions have none.
"""

_PAIRS = (
    ("australiaeast", "australiasoutheast"),
    ("brazilsouth", "southcentralus"),
    ("canadacentral", "canadaeast"),
    ("centralindia", "southindia"),
    ("centralus", "eastus2"),
    ("chinaeast", "chinanorth"),
    ("chinaeast2", "chinanorth2"),
    ("eastasia", "southeastasia"),
    ("eastus", "westus"),
    ("francecentral", "francesouth"),
    ("germanywestcentral", "germanynorth"),
    ("japaneast", "japanwest"),
    ("koreacentral", "koreasouth"),
    ("northcentralus", "southcentralus"),
    ("northeurope", "westeurope"),
    ("norwayeast", "norwaywest"),
    ("southafricanorth", "southafricawest"),
    ("swedencentral", "swedensouth"),
    ("switzerlandnorth", "switzerlandwest"),
    ("uaenorth", "uaecentral"),
    ("uksouth", "ukwest"),
    ("usgovarizona", "usgovtexas"),
    ("westcentralus", "westus2"),
    ("westus3", "eastus"),
)


def paired(one: str, other: str) -> bool:
    """Whether these two regions, by their short names, are a pair."""
    return (one, other) in _PAIRS or (other, one) in _PAIRS
