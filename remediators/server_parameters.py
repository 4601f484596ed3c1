"""tls-required, tls-min-version-12: server parameters that must hold a value, one row each.

Why      Without TLS, or with an old one, what travels between clients and server can be read and changed.
Fix      Write the last good value, else the row's value.
Refuses  A parameter that this version of the server lacks is not applicable; one that waits for a restart is not
         fixed, and Holdfast restarts no server unasked.
Undo     Write the value as it was.
"""

from functools import partial
from typing import NamedTuple

from shared.control import Control, Drift, Finding, NotApplicable, Parameters, Remediator, Severity
from shared.state import Setting, SettingKind, State, parameter


class Row(NamedTuple):
    """A parameter that must hold one of `accepted` (compared without regard to case); `wanted` is written."""

    id: str
    title: str
    name: str
    wanted: str
    accepted: tuple[str, ...]
    severity: Severity
    domain: str
    why: str
    frameworks: dict[str, tuple[str, ...]]


_TRANSIT = "Encryption & Secure Data Management / Encryption in Transit"
ROWS = (
    Row(
        "tls-required",
        "Encrypted connections are required (TLS enforced)",
        "require_secure_transport",
        "on",
        ("on",),
        Severity.HIGH,
        _TRANSIT,
        "clients may connect without encryption",
        {
            "cis-3.0": ("5.2.1",),
            "cis-2.0": ("4.3.1",),
            "azure-policy": ("c29c38cb-74a7-4505-9a06-e588ab86620a",),
            "prowler": ("postgresql_flexible_server_enforce_ssl_enabled",),
            "mcsb": ("DP-3",),
        },
    ),
    Row(
        "tls-min-version-12",
        "Minimum TLS version is 1.2 or newer",
        "ssl_min_protocol_version",
        "TLSv1.2",
        ("TLSv1.2", "TLSv1.3"),
        Severity.HIGH,
        _TRANSIT,
        "clients may connect with an outdated TLS version",
        {
            "azure-policy": ("a43d5475-c569-45ce-a268-28fa79f4e87a",),
            "checkov": ("CKV_AZURE_147",),
            "psrule": ("AZR-000148",),
            "mcsb": ("DP-3",),
        },
    ),
)


def _detect(row: Row, state: State, _: Parameters) -> Finding:
    held = state.parameters.get(row.name)
    if held is None:
        return NotApplicable(f"this server has no parameter {row.name}")
    accepted = {value.lower() for value in row.accepted}
    setting = Setting(SettingKind.PARAMETER, row.name)
    if held.value.lower() not in accepted:
        return (Drift(row.id, setting, held.value, row.wanted, row.why),)
    if held.pending_restart:
        found = f"{held.value}, stored but not in force"
        person = f"{row.name} waits for a restart of the server; Holdfast restarts no server unasked"
        return (Drift(row.id, setting, found, row.wanted, row.why, person=person),)
    return ()


def _remediator(row: Row) -> Remediator:
    control = Control(
        id=row.id,
        title=row.title,
        domain=row.domain,
        severity=row.severity,
        facets=(parameter(row.name),),
        operations=frozenset({"configurations/write"}),
        permissions=frozenset({"configurations/write"}),
        frameworks=row.frameworks,
    )
    return Remediator(control, partial(_detect, row))


REMEDIATORS = tuple(map(_remediator, ROWS))
