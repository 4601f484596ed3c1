"""The servers and events of the benchmarks. Plain enough for the peer's interpreter."""

import json

OPEN = {"startIpAddress": "0.0.0.0", "endIpAddress": "255.255.255.255"}  # noqa: S104 - a firewall rule
GOOD = {"startIpAddress": "203.0.113.10", "endIpAddress": "203.0.113.10"}
PROVIDER = "Microsoft.DBforPostgreSQL"
PER_SUBSCRIPTION = 20


def subscription(number: int) -> str:
    """The subscription of a server: each holds twenty."""
    return f"00000000-0000-4000-8000-{number // PER_SUBSCRIPTION + 1:012d}"


def server_id(number: int) -> str:
    """The ARM id of a server."""
    return (
        f"/subscriptions/{subscription(number)}/resourceGroups/rg-{number % 7}"
        f"/providers/{PROVIDER}/flexibleServers/pg-{number:05d}"
    )


def event(number: int, run: str, child: str = "firewallRules/app") -> str:
    """The event of a write, as Event Grid sends it: a firewall rule's, or with no `child` the server's own."""
    subject = f"{server_id(number)}/{child}".rstrip("/")
    kind = f"{PROVIDER}/flexibleServers/{child.partition('/')[0]}".rstrip("/")
    data = {
        "resourceUri": subject,
        "resourceProvider": PROVIDER,
        "subscriptionId": subscription(number),
        "operationName": f"{kind}/write",
        "correlationId": f"55555555-0000-4000-8000-{number:012d}",
        "claims": {"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn": "person@contoso.example"},
        "httpRequest": {"clientIpAddress": "198.51.100.7"},
        "status": "Succeeded",
    }
    return json.dumps(
        {
            "id": f"event-{run}-{number}",
            "topic": f"/subscriptions/{subscription(number)}",
            "subject": subject,
            "eventType": "Microsoft.Resources.ResourceWriteSuccess",
            "eventTime": "2026-01-01T00:00:00Z",
            "data": data,
            "dataVersion": "2",
            "metadataVersion": "1",
        }
    )
