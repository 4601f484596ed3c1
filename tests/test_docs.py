"""What the pages say is what the code does."""

import json
import re

from shared.settings import ROOT
from tests.builders import CATALOGUE

_TYPE = "Microsoft.DBforPostgreSQL/flexibleServers"


def test_the_role_holds_what_the_controls_declare_and_nothing_more() -> None:
    page = (ROOT / "docs" / "permissions.md").read_text()
    role = json.loads(re.search(r"```json\n(.*?)```", page, re.DOTALL)[1])  # type: ignore[index]
    cards = [remediator.control for remediator in CATALOGUE.values()]
    writes = {f"{_TYPE}/{permission}" for card in cards for permission in card.permissions}
    reads = {f"{_TYPE}/{facet.kind}/read".replace("/server/", "/") for card in cards for facet in card.facets}
    operations = {"Microsoft.DBforPostgreSQL/locations/azureAsyncOperation/read"}
    assert set(role["Actions"]) == writes | reads | operations


def test_the_readme_lists_every_control_with_its_dispositions() -> None:
    words = {"auto": "put back", "approval": "proposed", "notify": "told"}
    page = (ROOT / "README.md").read_text()
    rows = {
        match[1]: (match[2], match[3].split(" (")[0], match[4])
        for match in re.finditer(r"^\| `([\w-]+)` \| (\w+) \| ([^|]+?) \| ([^|]+?) \|$", page, re.MULTILINE)
    }
    assert rows == {
        name: (str(found.control.severity), words[found.control.fresh], words[found.control.first_sight])
        for name, found in CATALOGUE.items()
    }
