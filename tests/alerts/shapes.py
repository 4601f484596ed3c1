"""The captures of security alerts: every shape in which the same alert arrives.

They are made up. Members and their casing are those of the example GetAlertSubscriptionLocation of Microsoft.Security
2022-01-01 (rest), of export records that others have published (export, assessment), and of Microsoft's page "Alerts
schemas" (logic-app, resource-graph); the alert is one of the nine of "Alerts for open-source relational databases".
"""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

from shared.alert import Alert
from shared.alerts.reading import read_alert
from shared.alerts.unpack import records

FOLDER = Path(__file__).parents[1] / "captures" / "alerts"
CAPTURES: dict[str, Any] = {path.stem: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}
SHAPES = ("rest", "export", "logic-app", "resource-graph", "event-grid", "cloud-event")
NO_ALERTS = ("assessment", "sub-assessment", "secure-score")
ID = "2517184898549829577_cdcf9f94-ec53-47a6-ab87-76130f87218d"
SERVER = CAPTURES["rest"]["properties"]["resourceIdentifiers"][0]["azureResourceId"]


def an_export(**changes: Any) -> dict[str, Any]:
    """A record of continuous export with some members replaced."""
    return {**deepcopy(CAPTURES["export"]), **changes}


def read(document: object) -> Alert:
    """The only alert in what a door brings."""
    (record,) = records(document)
    found = read_alert(record)
    assert isinstance(found, Alert)
    return found
