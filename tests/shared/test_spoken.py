import pytest

from shared.state import Facet, FacetKind, Setting, SettingKind, spoken

_HERE = "/subscriptions/9c1d7e42-0b5f-4d38-8a66-1f2e3d4c5b6a"
_GROUP = f"{_HERE}/resourceGroups/rg-platform"
_VAULT = f"{_GROUP}/providers/Microsoft.KeyVault/vaults/kv-pg"
_LOCK = "providers/Microsoft.Authorization/locks/keep"
_NETWORK = f"{_GROUP}/providers/Microsoft.Network"


@pytest.mark.parametrize(
    ("facet", "resource", "member", "words"),
    [
        (FacetKind.VAULTS, _VAULT, "networkAcls.bypass", "key vault kv-pg: networkAcls.bypass"),
        (FacetKind.VAULT_KEYS, f"{_VAULT}/keys/postgres", "", "key postgres of key vault kv-pg"),
        (FacetKind.VAULT_LOCKS, f"{_VAULT}/{_LOCK}", "", "lock keep of key vault kv-pg"),
        (FacetKind.VAULT_LOCKS, f"{_GROUP}/{_LOCK}", "", "lock keep of resource group rg-platform"),
        (FacetKind.VAULTS, _VAULT.lower(), "publicNetworkAccess", "key vault kv-pg: publicNetworkAccess"),
        (FacetKind.VAULT_LOCKS, f"{_GROUP.lower()}/{_LOCK}", "", "lock keep of resource group rg-platform"),
        (FacetKind.VAULT_LOCKS, f"{_HERE}/{_LOCK}", "", "lock keep of the subscription"),
        (
            FacetKind.PLANS,
            f"{_HERE}/providers/Microsoft.Security/pricings/OpenSourceRelationalDatabases",
            "pricingTier",
            "Defender plan OpenSourceRelationalDatabases: pricingTier",
        ),
        (
            FacetKind.NETWORK_RULES,
            f"{_NETWORK}/networkSecurityGroups/nsg-data/securityRules/allow-all",
            "",
            "rule allow-all of network security group nsg-data",
        ),
        (
            FacetKind.SUBNETS,
            f"{_NETWORK}/virtualNetworks/vnet/subnets/data",
            "privateEndpointNetworkPolicies",
            "subnet data of network vnet: privateEndpointNetworkPolicies",
        ),
        (
            FacetKind.METRIC_ALERTS,
            f"{_GROUP}/providers/Microsoft.Insights/metricAlerts/cpu",
            "",
            "metric alert cpu",
        ),
        (FacetKind.VAULTS, "strange", "", "strange"),
    ],
)
def test_what_stands_outside_is_called_what_it_is(facet: FacetKind, resource: str, member: str, words: str) -> None:
    setting = Setting.outside(facet, resource, member)
    assert setting.facet == Facet(facet)
    assert spoken(str(setting)) == words


def test_a_setting_of_the_server_is_called_what_it_is_called_everywhere() -> None:
    assert spoken(str(Setting(SettingKind.FIREWALL_RULE, "office"))) == "firewallRules/office"
