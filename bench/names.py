"""The servers and events of the benchmarks."""

import json

OPEN = {"startIpAddress": "0.0.0.0", "endIpAddress": "255.255.255.255"}  # noqa: S104 - a firewall rule
GOOD = {"startIpAddress": "203.0.113.10", "endIpAddress": "203.0.113.10"}
SUBSCRIPTION = "00000000-0000-4000-8000-000000000001"


def server_id(number: int) -> str:
    """The ARM id of a server."""
    return (
        f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-{number % 7}"
        f"/providers/Microsoft.DBforPostgreSQL/flexibleServers/pg-{number:05d}"
    )


def event(number: int, run: str) -> str:
    """The event of a firewall rule that somebody wrote, as Event Grid sends it."""
    subject = f"{server_id(number)}/firewallRules/app"
    data = {
        "resourceUri": subject,
        "operationName": "Microsoft.DBforPostgreSQL/flexibleServers/firewallRules/write",
        "correlationId": f"55555555-0000-4000-8000-{number:012d}",
        "claims": {"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn": "person@contoso.example"},
        "httpRequest": {"clientIpAddress": "198.51.100.7"},
        "status": "Succeeded",
    }
    return json.dumps(
        {
            "id": f"event-{run}-{number}",
            "topic": f"/subscriptions/{SUBSCRIPTION}",
            "subject": subject,
            "eventType": "Microsoft.Resources.ResourceWriteSuccess",
            "eventTime": "2026-01-01T00:00:00Z",
            "data": data,
            "dataVersion": "2",
            "metadataVersion": "1",
        }
    )
