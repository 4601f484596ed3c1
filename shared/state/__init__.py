"""What Holdfast sees of a server: facets, and the settings in them."""

from shared.state.state import (
    OBJECTS,
    PROPERTIES,
    State,
    administrator_value,
    authentication_value,
    rule_value,
)
from shared.state.things import Administrator, FirewallRule, Parameter, Server
from shared.state.vocabulary import (
    ADMINISTRATORS,
    COLLECTIONS,
    FIREWALL_RULES,
    NEIGHBOURS,
    PIECEWISE,
    ROLE_ASSIGNMENTS,
    SERVER,
    Facet,
    FacetKind,
    Setting,
    SettingKind,
    Value,
    parameter,
)

__all__ = [
    "ADMINISTRATORS",
    "COLLECTIONS",
    "FIREWALL_RULES",
    "NEIGHBOURS",
    "OBJECTS",
    "PIECEWISE",
    "PROPERTIES",
    "ROLE_ASSIGNMENTS",
    "SERVER",
    "Administrator",
    "Facet",
    "FacetKind",
    "FirewallRule",
    "Parameter",
    "Server",
    "Setting",
    "SettingKind",
    "State",
    "Value",
    "administrator_value",
    "authentication_value",
    "parameter",
    "rule_value",
]
