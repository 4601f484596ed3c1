"""What happened in ARM, and the event that Azure publishes about it.

Shapes are those of Microsoft's samples for Microsoft.Resources.Subscriptions (2018) and ResourceNotifications (2023).
"""

import uuid
from dataclasses import dataclass, field
from datetime import datetime

from emulator.access import Caller, Grant
from emulator.arm.call import Call
from emulator.body import Body
from emulator.clock import long_stamp
from emulator.ids import subscription_of

_CLAIM = "http://schemas.microsoft.com/identity/claims/"
_SOAP = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
_OLD = "http://schemas.microsoft.com/claims/"
_COMMON = ("aud", "iss", "iat", "nbf", "exp", "appid", "appidacr", "uti", "ver")
_WORDS = {"write": "Write", "delete": "Delete", "action": "Action"}


@dataclass(frozen=True, slots=True)
class Happening:
    """A write, delete or action that has ended, well or not."""

    call: Call
    grant: Grant
    action: str  # the RBAC action, which is also the event's operationName
    verb: str
    resource_id: str  # as the caller wrote it: the casing of events is not stable
    failed: bool
    created: bool  # Azure leaves httpRequest out when something new was made


@dataclass(frozen=True, slots=True)
class GridEvent:
    """An event before it takes one of the two schemas."""

    topic: str
    subject: str
    event_type: str
    time: datetime
    data: Body
    data_version: str
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def as_event_grid(self) -> Body:
        """Return it in the Event Grid schema."""
        return {
            "subject": self.subject,
            "eventType": self.event_type,
            "eventTime": long_stamp(self.time),
            "id": self.id,
            "data": self.data,
            "dataVersion": self.data_version,
            "metadataVersion": "1",
            "topic": self.topic,
        }

    def as_cloud_event(self) -> Body:
        """Return it in the CloudEvents 1.0 schema."""
        return {
            "specversion": "1.0",
            "id": self.id,
            "source": self.topic,
            "subject": self.subject,
            "type": self.event_type,
            "time": long_stamp(self.time),
            "data": self.data,
        }


def resource_event(happening: Happening, now: datetime, tenant_id: str) -> GridEvent:
    """Return the Microsoft.Resources event of a happening."""
    ending = "Failure" if happening.failed else "Success"
    return GridEvent(
        topic=f"/subscriptions/{subscription_of(happening.resource_id)}",
        subject=happening.resource_id,
        event_type=f"Microsoft.Resources.Resource{_WORDS[happening.verb]}{ending}",
        time=now,
        data=_data(happening, tenant_id),
        data_version="2",
    )


def _data(happening: Happening, tenant_id: str) -> Body:
    call, caller = happening.call, happening.call.caller
    data: Body = {
        "authorization": {
            "scope": happening.resource_id,
            "action": happening.action,
            "evidence": _evidence(happening.grant, caller),
        },
        "claims": claims_of(call.claims, caller),
        "correlationId": call.correlation_id,
        "resourceProvider": happening.action.partition("/")[0],
        "resourceUri": happening.resource_id,
        "operationName": happening.action,
        "status": "Failed" if happening.failed else "Succeeded",
        "subscriptionId": subscription_of(happening.resource_id),
        "tenantId": tenant_id,
    }
    if not happening.created:
        data["httpRequest"] = _http_request(call, caller)
    return data


def _evidence(grant: Grant, caller: Caller) -> Body:
    return {
        "role": grant.role.name,
        "roleAssignmentScope": grant.scope,
        "roleAssignmentId": grant.assignment_id.replace("-", ""),
        "roleDefinitionId": grant.role_id.replace("-", ""),
        "principalId": caller.principal.object_id.replace("-", ""),
        "principalType": "User" if caller.principal.kind == "User" else "ServicePrincipal",
    }


def _http_request(call: Call, caller: Caller) -> Body:
    return {
        "clientRequestId": call.headers.get("x-ms-client-request-id", call.request_id),
        "clientIpAddress": caller.principal.ip,
        "method": call.method,
        "url": f"https://management.azure.com{call.raw_path}",
    }


def claims_of(token: Body, caller: Caller) -> Body:
    """Return the claims of a token as events and the activity log show them: all of them texts."""
    common: Body = {
        name: str(token[name]) for name in ("aud", "iss", "iat", "nbf", "exp", "appid", "appidacr", "uti", "ver")
    }
    common |= {
        "aio": "42BgYBD6fake",
        f"{_CLAIM}objectidentifier": token["oid"],
        f"{_CLAIM}tenantid": token["tid"],
        f"{_SOAP}nameidentifier": token["sub"],
    }
    if caller.principal.kind == "User":
        return common | _person(token)
    app = {f"{_CLAIM}identityprovider": token["iss"], "idtyp": "app"}
    if caller.principal.kind == "ManagedIdentity":
        app["xms_mirid"] = token["xms_mirid"]
    return common | app


def _person(token: Body) -> Body:
    given, _, family = token["name"].partition(" ")
    return {
        f"{_OLD}authnclassreference": "1",
        f"{_OLD}authnmethodsreferences": ",".join(token["amr"]),
        "ipaddr": token["ipaddr"],
        "name": token["name"],
        "puid": token["puid"],
        f"{_CLAIM}scope": token["scp"],
        f"{_SOAP}givenname": given,
        f"{_SOAP}surname": family,
        f"{_SOAP}name": token["upn"],
        f"{_SOAP}upn": token["upn"],
    }


def notification_event(row: Body, now: datetime) -> GridEvent:
    """Return the ResourceNotifications event of a resource, from its Resource Graph row; booleans become 1 and 0."""
    shown = ("id", "name", "type", "location", "tags", "properties")
    info = {name: _as_numbers(row[name]) for name in shown if row.get(name) is not None}
    when = {"resourceEventTime": long_stamp(now)}
    return GridEvent(
        topic=f"/subscriptions/{row['subscriptionId']}",
        subject=row["id"],
        event_type="Microsoft.ResourceNotifications.Resources.CreatedOrUpdated",
        time=now,
        data={
            "resourceInfo": info,
            "apiVersion": "2025-08-01",
            "operationalInfo": when,
        },
        data_version="1",
    )


def _as_numbers(value: object) -> object:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, dict):
        return {key: _as_numbers(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_as_numbers(one) for one in value]
    return value
