"""docs/failover.md and docs/permissions.md say what there is."""

import re
from pathlib import Path

from shared.arm.metrics import PERMISSION
from shared.arm.servers import needed_permission, read_permissions
from shared.failover import checks_access, checks_orders, checks_state
from shared.failover.roles import REPLICATION
from shared.failover.survey import FACETS
from shared.state import Facet, FacetKind
from shared.target import PROVIDER, Kind
from tests.builders import a_target

_ROOT = Path(__file__).parents[2]
_DOCS = _ROOT / "docs"


def test_the_role_that_the_page_gives_is_what_a_failover_asks_for() -> None:
    page = (_DOCS / "permissions.md").read_text().partition("## Failover")[2].partition("\n## ")[0]
    listed = {name.replace("…", PROVIDER) for name in re.findall(r"`((?:…|Microsoft\.)[\w./]+)`", page)}
    asked = {PERMISSION, f"{PROVIDER}/locations/azureAsyncOperation/read"}
    for kind in Kind:
        asked |= read_permissions(a_target(kind=kind), FACETS[kind] | {Facet(FacetKind.REPLICAS)})
        asked.add(needed_permission(kind, REPLICATION, False))
    assert listed == asked


def test_the_page_names_every_check() -> None:
    table = (_DOCS / "failover.md").read_text().partition("## What is checked")[2].partition("## Who says yes")[0]
    named = {name for row in table.splitlines() if row.startswith("| `") for name in re.findall(r"`([\w-]+)`", row)}
    modules = (checks_state, checks_access, checks_orders)
    sources = [Path(str(module.__file__)).read_text(encoding="utf-8") for module in modules]
    made = {name for source in sources for name in re.findall(r'Check\(\s*"([\w-]+)"', source)}
    assert made <= named
