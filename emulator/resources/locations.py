"""Azure's regions, as far as a fleet uses them: the short name in paths, the long one in answers.

Servers answer with the long name although they were created with the short one (recorded 2024-10).
"""

_LONG = {
    "centralus": "Central US",
    "eastus": "East US",
    "eastus2": "East US 2",
    "francecentral": "France Central",
    "germanywestcentral": "Germany West Central",
    "northeurope": "North Europe",
    "swedencentral": "Sweden Central",
    "switzerlandnorth": "Switzerland North",
    "uksouth": "UK South",
    "westeurope": "West Europe",
    "westus2": "West US 2",
    "westus3": "West US 3",
}
LOCATIONS = tuple(_LONG)


def short(location: str) -> str:
    """Return the name used in paths."""
    return location.replace(" ", "").lower()


def long(location: str) -> str:
    """Return the name used in answers; an unknown region keeps its own."""
    return _LONG.get(short(location), location)


def described(subscription_id: str, location: str) -> dict[str, str]:
    """Return a region as the list of a subscription's locations shows it."""
    name = long(location)
    return {
        "id": f"/subscriptions/{subscription_id}/locations/{location}",
        "name": location,
        "displayName": name,
        "regionalDisplayName": name,
    }
