"""Threat protection of one server: a row of `ROWS` for each control.

Why      Each row says it: an attack that nobody hears of goes on.
Fix      Write the settings with what is missing; what else is in them stays.
Refuses  Where a single server keeps its alerts in a storage account: Azure shows no key of it, and writes nothing
         without one.
Undo     Write the settings as they were.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from pydantic import Field

from shared.control import (
    Control,
    Disposition,
    Drift,
    Finding,
    Needs,
    NotApplicable,
    Parameters,
    Remediator,
    Severity,
)
from shared.state import Facet, FacetKind, Setting, SettingKind, State
from shared.target import Kind

type Texts = Mapping[str, str]

_DOMAIN = "Logging & Monitoring / Alert & Incident Management"
_FACETS = (Facet(FacetKind.THREAT_PROTECTION),)
_FLEXIBLE = "advancedThreatProtectionSettings/write"
_SINGLE = "securityAlertPolicies/write"
# Defender's own door to the same switch.
_SWITCHED = {Kind.FLEXIBLE: ("microsoft.security/advancedthreatprotectionsettings/write",)}
# What Azure answers where its own list of switched-off alerts is empty.
_NO_ALERTS: tuple[list[str], ...] = ([], [""])


class Mails(Parameters):
    """`security_addresses`: who must get threat alerts by mail, besides the subscription's administrators."""

    security_addresses: tuple[str, ...] = Field(default=(), examples=[("soc@example.com",)])


@dataclass(frozen=True, slots=True)
class Row:
    """`mended` are the settings as they must be, the same where nothing is wrong; `why` says what is."""

    id: str
    title: str
    severity: Severity
    first_sight: Disposition
    kinds: tuple[Kind, ...]
    mended: Callable[[Texts, Parameters], Texts]
    why: str
    parameters: type[Parameters] = Parameters


def _enabled(value: Texts, _: Parameters) -> Texts:
    return value if value.get("state") == "Enabled" else {**value, "state": "Enabled"}


def _mailed(value: Texts, wanted: Parameters) -> Texts:
    addresses = wanted.security_addresses if isinstance(wanted, Mails) else ()
    there = [one for one in json.loads(value.get("emailAddresses") or "[]") if one]
    known = {one.lower() for one in there}
    missing = [one for one in addresses if one.lower() not in known]
    told = {**value, "emailAddresses": json.dumps([*there, *missing])} if missing else value
    return told if told.get("emailAccountAdmins") == "true" else {**told, "emailAccountAdmins": "true"}


def _all_alerts(value: Texts, _: Parameters) -> Texts:
    return value if json.loads(value.get("disabledAlerts") or "[]") in _NO_ALERTS else {**value, "disabledAlerts": "[]"}


ROWS = (
    Row(
        "advanced-threat-protection-server",
        "Advanced Threat Protection is enabled on the server",
        Severity.HIGH,
        Disposition.APPROVAL,
        (Kind.FLEXIBLE, Kind.SINGLE),
        _enabled,
        "attacks on the server raise no alert",
    ),
    Row(
        "atp-email-notifications",
        "Threat alerts are sent by e-mail to administrators and the security list",
        Severity.MEDIUM,
        Disposition.AUTO,
        (Kind.SINGLE,),
        _mailed,
        "not everybody who must hear of a threat alert gets it by mail",
        Mails,
    ),
    Row(
        "atp-disabled-alerts-empty",
        "No threat alert type is disabled",
        Severity.MEDIUM,
        Disposition.AUTO,
        (Kind.SINGLE,),
        _all_alerts,
        "some threats raise no alert",
    ),
)


def _detect(row: Row, state: State, parameters: Parameters) -> Finding:
    found = state.children.get(FacetKind.THREAT_PROTECTION)
    if found is None:
        return NotApplicable("the threat protection settings were not read")
    # They are always there; Azure lists one of them.
    name, value = next(iter(found.items()), ("Default", {}))
    wanted = row.mended(value, parameters)
    if wanted == value:
        return ()
    storage = value.get("storageEndpoint", "")
    person = f"the alerts are kept in {storage}, whose key Azure does not show: change the settings by hand"
    return (
        Drift(
            row.id,
            Setting(SettingKind.THREAT_PROTECTION, name),
            found.get(name),
            wanted,
            row.why,
            person=person if storage else "",
        ),
    )


def _needs(kind: Kind) -> Needs:
    permission = _FLEXIBLE if kind is Kind.FLEXIBLE else _SINGLE
    return Needs(_FACETS, frozenset({permission.lower(), *_SWITCHED.get(kind, ())}), frozenset({permission}))


def _remediator(row: Row) -> Remediator:
    first = _needs(row.kinds[0])
    control = Control(
        id=row.id,
        title=row.title,
        domain=_DOMAIN,
        severity=row.severity,
        facets=first.facets,
        operations=first.operations,
        permissions=first.permissions,
        first_sight=row.first_sight,
        kinds=frozenset(row.kinds),
        variants={kind: _needs(kind) for kind in row.kinds[1:]},
        parameters=row.parameters,
        optional=True,
    )
    return Remediator(control, partial(_detect, row))


REMEDIATORS = tuple(map(_remediator, ROWS))
