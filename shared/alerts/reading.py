"""One record of any door becomes an Alert, or nothing of ours, or a dead letter.

Shapes: Microsoft.Security alerts 2022-01-01 (camelCase below `properties`); continuous export and Logic Apps (flat,
PascalCase, learn.microsoft.com "Alerts schemas" and records that others have published); Resource Graph (PascalCase
below `properties`). They share their members' names but for case, so one reading serves them all. What is not known is
passed over: Defender adds members at any time.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from shared.alert import Alert, AlertStatus
from shared.alerts.entities import read_entities
from shared.alerts.members import Members
from shared.alerts.texts import LONG, SHORT, one_line, parsed
from shared.errors import MalformedEvent

_STATUS = {
    "inprogress": AlertStatus.IN_PROGRESS,
    "resolved": AlertStatus.RESOLVED,
    "dismissed": AlertStatus.DISMISSED,
}
_ID = re.compile(r"[0-9a-z][0-9a-z._-]{0,199}")
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_GROUP = re.compile(r"[\w.()-]{0,89}[\w()-]")
_LOCATION = re.compile(r"[a-z0-9]{2,40}")
# Where Microsoft's own portals are; a link elsewhere would lead people where whoever wrote the alert wants them.
_PORTALS = ("portal.azure.com", "portal.azure.us", "portal.azure.cn", "security.microsoft.com")
_LONGEST_LINK = 2000
_MOST_FACTS = 40
_NO_ALERT = re.compile(r"microsoft\.security/(?!(locations/)?alerts)[\w/.-]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Ignored:
    """A record that is no alert, or an alert that is about no server of ours; `reason` says why."""

    reason: str


def read_alert(record: object) -> Alert | Ignored:
    """Read one record. Raises MalformedEvent, with a sentence that says what is wrong, for what breaks its schema."""
    if not isinstance(record, Mapping):
        raise MalformedEvent(f"an alert is a JSON object, found {type(record).__name__}")
    outer = Members(record)
    inner = _alert_of(outer)
    if inner is None:
        return _something_else(outer)
    facts = _facts(inner)
    entities, left_out = read_entities(inner.items("Entities"), facts)
    place = _place(outer, inner)
    title = inner.text("AlertDisplayName", "DisplayName", "AlertName", most=SHORT)
    description = inner.text("Description", most=LONG)
    return Alert(
        id=_id(outer, inner),
        type=inner.text("AlertType", most=SHORT),
        title=title,
        severity=inner.text("Severity", "AlertSeverity", most=40).lower() or "unknown",
        resource=_resource(inner),
        status=_status(inner),
        description=description,
        intent=inner.text("Intent", most=SHORT),
        link=_link(inner.text("AlertUri", "AlertLink")),
        entities=entities,
        facts=facts,
        started_at=_moment(inner.get("StartTimeUtc", "StartTime")),
        raised_at=_moment(inner.get("TimeGeneratedUtc", "TimeGenerated")),
        sample=_is_sample(title, description),
        incident=inner.flag("IsIncident"),
        part_of=_incident_of(inner),
        location=place.get("locations", ""),
        subscription=place.get("subscriptions", ""),
        group=place.get("resourcegroups", ""),
        more_entities=left_out,
    )


def _alert_of(outer: Members) -> Members | None:
    """The members of the alert, from wherever they stand; None for a record that is none."""
    if "securityEventDataEnrichment" in outer:
        return None
    if "AlertType" in outer or "SystemAlertId" in outer:
        return outer
    inner = Members(outer.table("properties"))
    return inner if "AlertType" in inner or "SystemAlertId" in inner else None


def _something_else(outer: Members) -> Ignored:
    """The same hub carries recommendations, findings, scores. Raises MalformedEvent for what is none of Defender's."""
    kind = one_line(outer.get("type"), SHORT)
    if any(name.lower().endswith("eventdataenrichment") for name, _ in outer.pairs()) or _NO_ALERT.fullmatch(kind):
        return Ignored(f"a record of {kind or 'Defender'} is no alert")
    if "$type" in outer or "subAssessmentId" in outer or "assessmentId" in outer:
        return Ignored(f"a record of {one_line(outer.get('$type'), SHORT) or 'an assessment'} is no alert")
    raise MalformedEvent("no AlertType and no SystemAlertId: not an alert of Defender for Cloud")


def _id(outer: Members, inner: Members) -> str:
    found = (inner.text("SystemAlertId") or outer.text("name")).strip().lower()
    if not _ID.fullmatch(found):
        raise MalformedEvent(f"SystemAlertId: found {one_line(found, 60)!r}, wanted letters, digits and _ . -")
    return found


def _status(inner: Members) -> AlertStatus:
    """An unknown word counts as active: better looked at than lost."""
    word = inner.text("Status", "State").lower().replace(" ", "").replace("_", "")
    return _STATUS.get(word, AlertStatus.ACTIVE)


def _resource(inner: Members) -> str:
    """The ARM id that the alert is about: one of a server rather than that of its subscription, and in its own case
    where it is also given in capitals."""
    found = [inner.text("AzureResourceId", "ResourceId")]
    listed = (Members(one) for one in inner.items("ResourceIdentifiers") if isinstance(one, dict))
    found += [one.text("AzureResourceId", "ResourceId") for one in listed]
    named = [one.strip() for one in found if one.strip()]
    ours = [one for one in named if "/microsoft.dbforpostgresql/" in one.lower()]
    return one_line(min(ours or named or [""], key=str.isupper), LONG)


def _facts(inner: Members) -> dict[str, str]:
    """The extended properties, and what else people want to know."""
    facts: dict[str, str] = {}
    for name, value in Members(inner.table("ExtendedProperties")).pairs():
        text = _shown(value)
        if text and len(facts) < _MOST_FACTS:
            facts[one_line(name, 80)] = text
    steps = " ".join(one_line(one, SHORT) for one in inner.items("RemediationSteps")[:5])
    techniques = ", ".join(one_line(one, 20) for one in inner.items("Techniques")[:20])
    more = {
        "Compromised entity": one_line(inner.get("CompromisedEntity")),
        "MITRE techniques": techniques,
        "Defender's advice": one_line(steps, LONG),
    }
    return facts | {name: text for name, text in more.items() if text}


def _shown(value: object) -> str:
    """Some values are links as JSON in a text: what is shown of them is enough."""
    found = parsed(value)
    if isinstance(found, dict):
        shown = Members(found).get("displayValue")
        return one_line(found if shown is None else shown, 1000)
    return one_line(found, 1000)


def _link(address: str) -> str:
    """The address of the alert in one of Microsoft's portals, whole, or nothing."""
    address = address.strip()
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").lower()
    except ValueError:
        return ""
    known = any(host == one or host.endswith(f".{one}") for one in _PORTALS)
    plain = address.isascii() and address.isprintable() and " " not in address and len(address) <= _LONGEST_LINK
    return address if parts.scheme == "https" and known and plain and "@" not in parts.netloc else ""


def _place(outer: Members, inner: Members) -> dict[str, str]:
    """Where Defender keeps the alert: said by its id, or by the path in its link to the portal."""
    kept = _words(outer.text("id") if outer is not inner else "")
    linked = _words(inner.text("AlertUri", "AlertLink").partition("#")[2])
    same = {"subscriptions": "subscriptionid", "resourcegroups": "resourcegroup", "locations": "location"}
    found = kept if kept.get("locations") else {name: linked.get(alias, "") for name, alias in same.items()}
    rules = {"subscriptions": _GUID, "resourcegroups": _GROUP, "locations": _LOCATION}
    good = {name: found.get(name, "") for name, rule in rules.items() if rule.fullmatch(found.get(name, "").lower())}
    return {name: value.lower() for name, value in good.items()}


def _words(path: str) -> dict[str, str]:
    words = path[:_LONGEST_LINK].strip("/").split("/")
    return {word.lower(): following for word, following in pairwise(words)}


def _moment(value: Any) -> datetime | None:
    """A moment, UTC; None for what is none: when it happened is good to know and decides nothing."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
        if found is None:
            return None
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _is_sample(title: str, description: str) -> bool:
    return title.lower().startswith("[sample alert]") or description.lower().startswith("this is a sample alert")


def _incident_of(inner: Members) -> str:
    """The incident that an alert says it is part of, or the key that it shares with related alerts (correlationKey,
    "Alerts with the same correlation key considered to be related")."""
    extended = Members(inner.table("ExtendedProperties"))
    return one_line(extended.get("IncidentId", "SystemIncidentId")).lower() or one_line(inner.get("CorrelationKey"))
