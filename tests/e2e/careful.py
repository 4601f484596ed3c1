"""A Holdfast whose policy uses what careful decisions have; several test files share it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from string import Template

from emulator.fleet import default_fleet
from tests.e2e.fleet import SMALL, Sort
from tests.e2e.world import policy

FLEET = {**SMALL, Sort.SANDBOX: 2}


def careful_policy(folder: Path) -> Path:
    """The policy file, with the ids and dates of this run."""
    text = Template(policy("careful.yaml").read_text(encoding="utf-8"))
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    path = folder / "policy.yaml"
    filled = text.substitute(pipeline=default_fleet().principals["pipeline"].object_id, tomorrow=tomorrow.isoformat())
    path.write_text(filled, encoding="utf-8")
    return path
