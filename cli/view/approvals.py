"""Plans that wait for a person."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from rich.console import Group
from rich.text import Text

from cli.view.text import SEVERITIES, Pairs, lasting, moment, said, short, way
from shared.approvals import Found
from shared.control import Risk
from shared.state import spoken
from shared.web.shown import RISKS, who


def listing(found: Sequence[Found], at: datetime) -> Pairs:
    """Two lines for each: where and until when; then what would be changed."""
    return Pairs(tuple(row for one in found for row in _listed(one, at)), indent=0)


def circumstances(found: Found, at: datetime) -> Group:
    """Who caused it, since when and until when it waits."""
    approval = found.approval
    left = f"{moment(approval.expires_at)}, {lasting(approval.expires_at - at)} left"
    rows = [
        ("approval", Text(approval.id)),
        ("caused by", said(who(approval.caused_by))),
        ("asked", Text(moment(approval.asked_at))),
        ("waits until", Text(left)),
    ]
    if approval.escalated:
        rows.append(("escalated", Text("a first deadline has passed", "red")))
    return Group(Pairs(tuple(rows)), Text())


def plain(found: Found) -> dict[str, Any]:
    """A plan that waits, in a few members."""
    approval = found.approval
    return {
        "approval": approval.id,
        "target": found.target.id,
        "severity": approval.report.severity,
        "controls": list(approval.controls),
        "settings": [str(change.setting) for change in approval.changes],
        "digest": approval.digest,
        "caused_by": approval.caused_by.name if approval.caused_by else "",
        "asked_at": approval.asked_at.isoformat(),
        "expires_at": approval.expires_at.isoformat(),
        "escalated": approval.escalated,
    }


def _listed(one: Found, at: datetime) -> Iterator[tuple[str, Text]]:
    approval = one.approval
    severity = Text(approval.report.severity, SEVERITIES.get(approval.report.severity, ""))
    left = f"{lasting(approval.expires_at - at)} left"
    raised = Text("  escalated", "red") if approval.escalated else Text()
    name = Text(one.target.name, "bold")
    yield short(approval.id), Text.assemble(name, "  ", severity, f"  {left}", raised)
    yield "", Text(f"caused by {who(approval.caused_by)}", "dim")
    for change in approval.changes:
        risk = Text() if change.risk is Risk.SAFE else Text(f"  {RISKS[change.risk]}", "red")
        yield "", Text.assemble(said(spoken(str(change.setting))), ": ", way(change.before, change.after), risk)
