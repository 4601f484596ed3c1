"""Raises an alert: its resource as the REST API shows it (Microsoft.Security 2022-01-01), and its life."""

import uuid
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from emulator.arm.store import Resource
from emulator.body import Body
from emulator.clock import long_stamp
from emulator.defender.kinds import KINDS, AlertKind
from emulator.ids import group_of, subscription_of
from emulator.world import World

TYPE = "Microsoft.Security/Locations/alerts"
_TICKS_OF_1970 = 621_355_968_000_000_000
_LAST_TICK = 3_155_378_975_999_999_999
_SAMPLE = ("[SAMPLE ALERT] ", "THIS IS A SAMPLE ALERT: ")


class Raised(BaseModel):
    """What POST /_control/alerts takes: an alert of a kind about a server, and what differs from the usual one."""

    model_config = ConfigDict(extra="forbid")

    server: str
    kind: Literal[
        "BruteForce",
        "BruteForceValidUser",
        "SuccessfulBruteForce",
        "HarmfulApplication",
        "PrincipalAnomaly",
        "DomainAnomaly",
        "DataCenterAnomaly",
        "CloudProviderAnomaly",
        "GeoAnomaly",
        "SuspiciousIpAnomaly",
    ] = "SuspiciousIpAnomaly"
    status: Literal["Active", "InProgress", "Resolved", "Dismissed"] = "Active"
    severity: Literal["", "Informational", "Low", "Medium", "High"] = ""
    address: str = "203.0.113.66"
    account: str = "app_reports"
    application: str = "psql"
    sample: bool = False
    incident: bool = False
    correlation_key: str = ""
    entities: list[Body] = []
    facts: dict[str, str] = {}
    export: bool = True
    location: str = Field(default="", description="where Defender keeps it; the server's region if not given")


def raise_alert(world: World, given: Raised) -> Resource:
    """Put the alert there. The server need not exist any more: Defender is not always the first to know."""
    now = world.clock.now()
    name = new_name(now)
    server = world.store.get(given.server)
    location = given.location or (server.body["location"].replace(" ", "").lower() if server else "westeurope")
    kind = KINDS[given.kind]
    scope = f"/subscriptions/{subscription_of(given.server)}/resourceGroups/{group_of(given.server)}"
    resource_id = f"{scope}/providers/Microsoft.Security/locations/{location}/alerts/{name}"
    about = server.id if server else given.server
    one = Resource(resource_id, TYPE, {"properties": _properties(given, kind, about, resource_id, now)})
    world.store.put(one)
    return one


def new_name(now: datetime) -> str:
    """A SystemAlertId: a clock that counts down, and a GUID."""
    ticks = _LAST_TICK - (_TICKS_OF_1970 + int(now.timestamp() * 10_000_000))
    return f"{ticks}_{uuid.uuid4()}"


def link_to(resource_id: str) -> str:
    """The alert's address in the portal."""
    words = resource_id.split("/")
    name, location = words[-1], words[-3]
    return (
        "https://portal.azure.com/#blade/Microsoft_Azure_Security_AzureDefenderForData/AlertBlade"
        f"/alertId/{name}/subscriptionId/{subscription_of(resource_id)}/resourceGroup/{group_of(resource_id)}"
        f"/referencedFrom/alertDeepLink/location/{location}"
    )


def _properties(given: Raised, kind: AlertKind, about: str, resource_id: str, now: datetime) -> Body:
    title, description = _SAMPLE if given.sample else ("", "")
    body: Body = {
        "version": "2022-01-01",
        "alertType": kind.type,
        "systemAlertId": resource_id.rpartition("/")[2],
        "productComponentName": "Databases",
        "alertDisplayName": title + kind.title,
        "description": description + kind.description,
        "severity": given.severity or kind.severity,
        "intent": kind.intent,
        "startTimeUtc": long_stamp(now),
        "endTimeUtc": long_stamp(now),
        "resourceIdentifiers": [{"azureResourceId": about, "type": "AzureResource"}],
        "remediationSteps": ["Go to the firewall settings in order to lock down the firewall as tightly as possible."],
        "vendorName": "Microsoft",
        "status": given.status,
        "extendedLinks": [],
        "alertUri": link_to(resource_id),
        "timeGeneratedUtc": long_stamp(now),
        "productName": "Microsoft Defender for Cloud",
        "processingEndTimeUtc": long_stamp(now),
        "entities": [*_entities(given, about), *given.entities],
        "isIncident": given.incident,
        "extendedProperties": _facts(given) | given.facts,
        "compromisedEntity": about.rpartition("/")[2],
    }
    return body | ({"correlationKey": given.correlation_key} if given.correlation_key else {})


def _entities(given: Raised, about: str) -> list[Body]:
    place = {"countryCode": "us", "state": "virginia", "city": "washington", "longitude": -78.17, "latitude": 38.73}
    found: list[Body] = [{"resourceId": about, "type": "azure-resource"}]
    if given.address:
        found.append({"address": given.address, "location": place | {"asn": 64500}, "type": "ip"})
    if given.account:
        found.append({"name": given.account, "type": "account"})
    return found


def _facts(given: Raised) -> dict[str, str]:
    named = {
        "Client IP address": given.address,
        "Client IP location": "Washington, United States" if given.address else "",
        "Client principal name": given.account,
        "Client application": given.application,
        "Potential causes": "Unauthorized access that exploits an opening in the firewall; a legitimate user.",
        "resourceType": "Azure Database for PostgreSQL",
    }
    return {name: value for name, value in named.items() if value}
