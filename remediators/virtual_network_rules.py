"""no-vnet-service-endpoint-rules: no rule lets a whole subnet in through a service endpoint.

Why      A service endpoint opens the server's public address to everything in a subnet; a private endpoint gives one
         server one private address.
Fix      Delete the rule. Clients that come in through it are cut off.
Refuses  Nothing.
Undo     Write the rule as it was.
"""

from shared.control import Control, Drift, Finding, NotApplicable, Parameters, Remediator, Severity
from shared.state import Facet, FacetKind, Setting, SettingKind, State
from shared.target import Kind

CONTROL = Control(
    id="no-vnet-service-endpoint-rules",
    title="No virtual network (service endpoint) rule gives access",
    domain="Network Security / Data Exfiltration Prevention & Data Loss Prevention",
    severity=Severity.MEDIUM,
    facets=(Facet(FacetKind.VIRTUAL_NETWORK_RULES),),
    operations=frozenset({"virtualnetworkrules/write"}),
    permissions=frozenset({"virtualNetworkRules/delete"}),
    kinds=frozenset({Kind.SINGLE}),
    optional=True,
)


def detect(state: State, _: Parameters) -> Finding:
    """Find rules that let subnets in."""
    rules = state.children.get(FacetKind.VIRTUAL_NETWORK_RULES)
    if rules is None:
        return NotApplicable("the virtual network rules were not read")
    return tuple(
        Drift(
            CONTROL.id,
            Setting(SettingKind.VIRTUAL_NETWORK_RULE, name),
            rule,
            None,
            "the rule lets every client in a subnet connect",
        )
        for name, rule in rules.items()
    )


REMEDIATORS = (Remediator(CONTROL, detect),)
