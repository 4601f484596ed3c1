"""keyvault-network-trusted-services: the vault is closed to the internet and open to the server.

Why      Who reaches the vault can try its keys; but a server that cannot reach it refuses every connection.
Fix      Let trusted Microsoft services through again, and put the network rule back that closed the vault. Closing a
         vault that was never seen closed may shut out applications, so a person approves that.
Refuses  Servers that no key of a vault encrypts, and Citus, which needs a vault that is open to all networks: not
         applicable.
Undo     Write the properties as they were.
"""

from collections.abc import Iterator, Mapping

from shared.control import (
    Case,
    Change,
    Control,
    Drift,
    Finding,
    NotApplicable,
    Parameters,
    Proposal,
    Remediator,
    Risk,
    Severity,
    Source,
)
from shared.state import Facet, FacetKind, Setting, State
from shared.target import Kind

CONTROL = Control(
    id="keyvault-network-trusted-services",
    title="Key vault denies public networks but keeps trusted Microsoft services (the server needs the key)",
    domain="Dependent Services",
    severity=Severity.HIGH,
    facets=(Facet(FacetKind.VAULTS),),
    operations=frozenset({"microsoft.keyvault/vaults/write"}),
    permissions=frozenset({"Microsoft.KeyVault/vaults/write"}),
    kinds=frozenset({Kind.FLEXIBLE, Kind.SINGLE}),
    optional=True,
)
_BYPASS, _DEFAULT, _PUBLIC = "networkAcls.bypass", "networkAcls.defaultAction", "publicNetworkAccess"


def detect(state: State, _: Parameters) -> Finding:
    """Find vaults that all may reach, or that the server may not."""
    vaults = state.children.get(FacetKind.VAULTS)
    if vaults is None:
        return NotApplicable("the vault was not read")
    if not vaults:
        return NotApplicable("no key of a vault encrypts this server")
    return tuple(drift for vault, texts in vaults.items() for drift in _drifts(vault, texts))


def _drifts(vault: str, texts: Mapping[str, str]) -> Iterator[Drift]:
    def drift(member: str, wanted: str, why: str) -> Drift:
        return Drift(CONTROL.id, Setting.outside(FacetKind.VAULTS, vault, member), texts.get(member), wanted, why)

    open_to_all = texts.get(_PUBLIC, "Enabled").lower() != "disabled" and texts.get(_DEFAULT, "Allow") != "Deny"
    if open_to_all:
        yield drift(_DEFAULT, "Deny", "the vault can be reached from the internet")
    elif texts.get(_BYPASS, "AzureServices") != "AzureServices":
        yield drift(_BYPASS, "AzureServices", "the server may not reach its key any more")


def plan(case: Case) -> Proposal:
    """Open what the server needs first; close the rest with the same request."""
    changes = [Change(one.setting, one.found, one.wanted, Source.POLICY, _risk(one)) for one in case.drifts]
    for drift in case.drifts:
        facet, vault, member = drift.setting.neighbour
        bypass = Setting.outside(facet, vault, _BYPASS)
        found = case.state.value(bypass)
        if member == _DEFAULT and found not in (None, "AzureServices"):
            changes.append(Change(bypass, found, "AzureServices", Source.POLICY))
    return tuple(changes)


def _risk(drift: Drift) -> Risk:
    return Risk.MAY_CUT_CLIENTS if drift.setting.neighbour[2] == _DEFAULT else Risk.SAFE


REMEDIATORS = (Remediator(CONTROL, detect, plan),)
