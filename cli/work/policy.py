"""Reading policies, and answering questions about them."""

import json
from datetime import datetime
from pathlib import Path

from rich.console import Console

from cli.catalogue import every_control
from cli.options import Format
from cli.view import policy as view
from cli.view.written import written
from shared.errors import Refused
from shared.journal import now
from shared.policy_diff import compare
from shared.policy_file import (
    bad_policy,
    check_moment,
    folder_of,
    load_policy_file,
    read_policy,
)
from shared.policy_file.remarks import remarks
from shared.policy_file.schema import policy_schema
from shared.policy_file.sheet_exemptions import instant
from shared.policy_servers import read_fleet


def moment(text: str) -> datetime:
    """The moment that `--at` names, else now. Raises Refused."""
    try:
        return instant(text) if text else now()
    except (ValueError, OverflowError) as error:
        raise Refused(f"--at: found {text!r}; right is a moment with offset: 2026-03-01T12:00Z") from error


def check(path: Path, fleet: Path | None, at: str, out: Console) -> int:
    """Show the errors of a new policy, or its remarks and modes."""
    catalogue, when = every_control(), moment(at)
    reading = read_policy(path, catalogue)
    problems = check_moment(reading.policy, when)
    if problems:
        raise bad_policy(problems, folder_of(path))
    places = read_fleet(fleet).places if fleet else None
    found = remarks(reading, catalogue, when, places)
    out.print(view.usable(path, reading.policy), soft_wrap=True)
    out.print(view.modes(reading.policy, catalogue))
    out.print(view.remarks(found, folder_of(path)), soft_wrap=True)
    return 0


def schema(out: Console) -> int:
    """Print the schema."""
    out.file.write(json.dumps(policy_schema(every_control()), indent=2) + "\n")
    return 0


def diff(old: Path, new: Path, fleet: Path, at: str, format_: Format, out: Console) -> int:
    """Compare two policies over a fleet."""
    catalogue = every_control()
    before, after = (load_policy_file(path, catalogue) for path in (old, new))
    servers = read_fleet(fleet)
    comparison = compare(before, after, catalogue, servers, moment(at))
    if format_ is not Format.TABLE:
        written(out, format_, view.comparison_json(comparison))
    else:
        out.print(view.comparison(comparison, len(servers.servers)), soft_wrap=True)
    return int(bool(comparison))
