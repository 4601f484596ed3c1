"""How things look on a terminal: tables and panels, no logic."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich import box
from rich.console import Group
from rich.markdown import Markdown
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from shared.journal import Report
from shared.state import FirewallRule, Server, Value, rule_value, spoken
from shared.target import Kind, Target

if TYPE_CHECKING:
    from cli.receiver import Message


_KINDS = {Kind.FLEXIBLE: "", Kind.SINGLE: " single", Kind.CITUS: " Citus"}


@dataclass(frozen=True, slots=True)
class FleetRow:
    """One server as the story begins; `tls` says whether clients have to encrypt."""

    target: Target
    server: Server
    rules: tuple[FirewallRule, ...]
    tls: str


def fleet_table(rows: Sequence[FleetRow]) -> Table:
    """The fleet: what is open, to whom, and how it is encrypted."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("server", "version", "public access", "firewall", "TLS"):
        table.add_column(column, no_wrap=True)
    for row in rows:
        access = "disabled" if row.server.closed else "enabled"
        rules = [f"{rule.name}  {value_text(rule_value(rule.start, rule.end))}" for rule in row.rules]
        table.add_row(
            escape(row.target.name),
            row.server.version + _KINDS[row.target.kind],
            "virtual network" if row.server.virtual_network else access,
            escape("\n".join(rules)),
            row.tls,
        )
    return table


def timeline(report: Report, seconds: float, calls: int) -> Table:
    """What Holdfast did about one drift: found, put back, proven."""
    found = [
        (
            "[yellow]●[/] found",
            f"{escape(spoken(line.setting))}: {escape(value_text(line.found))}  [dim]{escape(line.title)}[/]",
        )
        for line in report.findings
    ]
    changed = [
        (
            "[yellow]●[/] put back",
            f"{escape(spoken(change.setting))}: {escape(value_text(change.after))}  [dim]{change.source}[/]",
        )
        for change in report.changes
    ]
    elapsed = round((report.elapsed_seconds or 0) * 1000)
    proven = (
        f"by reading again, [bold]{elapsed} ms[/] after the event; told {seconds * 1000:.0f} ms after the change"
        f"  [dim]{calls} ARM calls[/]"
    )
    return steps(*found, *changed, ("[green]●[/] [bold green]proven[/]", proven))


def steps(*lines: tuple[str, str]) -> Table:
    """Steps of the story as markup, each a word and what there is to say; long ones stay in their column."""
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True, min_width=10)
    table.add_column()
    for word, text in lines:
        table.add_row(word, text)
    return table


def message_panel(message: "Message") -> Panel:
    """What people get to read."""
    return Panel(Group(Text(message.title, style="bold"), Markdown(message.text)), box=box.ROUNDED, width=100)


def value_text(value: Value) -> str:
    """A setting's value on one line."""
    if value is None:
        return "absent"
    if isinstance(value, Mapping):
        if set(value) == {"startIpAddress", "endIpAddress"}:
            start, end = value["startIpAddress"], value["endIpAddress"]
            return start if start == end else f"{start} – {end}"
        return ", ".join(f"{name} {part}" for name, part in value.items())
    return value
