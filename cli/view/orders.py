"""Standing orders: holds and exemptions."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from rich.console import Group
from rich.text import Text

from cli.view.text import Pairs, Paragraph, lasting, moment, said, short, where
from shared.journal import encode
from shared.notify.wording import tame
from shared.orders import Exemption, Hold


def held(order: Hold) -> Group:
    """A hold that was just placed."""
    return Group(
        Text.assemble(("■ held: ", "red"), _place(order.scope, order.control)),
        Paragraph(Text(f"Nothing is written there until `holdfast release {short(order.id)}`.", "dim"), 2),
    )


def released(order: Hold) -> Text:
    """A hold that was just lifted."""
    return Text.assemble(("▶ released: ", "green"), _place(order.scope, order.control), f", held by {tame(order.by)}")


def holds(found: Sequence[Hold]) -> Pairs:
    """The holds in force."""
    return Pairs(tuple(row for order in found for row in _hold(order)), indent=0)


def exempted(exemption: Exemption, at: datetime) -> Group:
    """An exemption that was just given."""
    lasts = f"{moment(exemption.expires_at)}, {lasting(exemption.expires_at - at)} from now"
    return Group(
        Paragraph(Text.assemble(("✓ exempt: ", "green"), _place(exemption.scope), " from ", _controls(exemption))),
        Paragraph(Text(f"until {lasts}; `holdfast exemptions end {short(exemption.id)}` ends it before", "dim"), 2),
    )


def ended(exemption: Exemption) -> Text:
    """An exemption that was just ended."""
    return Text.assemble(
        ("▶ ended: ", "green"), _place(exemption.scope), " is no longer exempt from ", _controls(exemption)
    )


def exemptions(found: Sequence[Exemption], at: datetime, warn_days: float) -> Pairs:
    """Exemptions, with how long each still lasts."""
    soon = at + timedelta(days=warn_days)
    return Pairs(tuple(row for one in found for row in _exemption(one, at, soon)), indent=0)


def plain_hold(order: Hold) -> dict[str, Any]:
    """A hold for programs."""
    found: dict[str, Any] = json.loads(encode(order))
    return found


def plain_exemption(exemption: Exemption, at: datetime) -> dict[str, Any]:
    """An exemption for programs."""
    found: dict[str, Any] = json.loads(encode(exemption))
    return {**found, "in_force": at < exemption.expires_at}


def _place(scope: str, control: str = "") -> Text:
    place = Text.assemble((where(scope), "bold"))
    return Text.assemble(place, " for ", said(control)) if control else place


def _controls(exemption: Exemption) -> Text:
    return said(", ".join(exemption.controls) or "every control")


def _hold(order: Hold) -> Iterator[tuple[str, Text]]:
    mark = (" automatic", "yellow") if order.automatic else ("", "")
    yield short(order.id), Text.assemble(_place(order.scope, order.control), mark)
    yield "", Text.assemble(said(order.reason), (f"  {tame(order.by)}, {moment(order.at)}", "dim"))


def _exemption(one: Exemption, at: datetime, soon: datetime) -> Iterator[tuple[str, Text]]:
    tags = "".join(f" where {tame(name)}={tame(text)}" for name, text in one.tags.items())
    # What stands in a file has a name of its own, which is short.
    name = short(one.id) if one.created_at else tame(one.id)
    yield name, Text.assemble(_place(one.scope), tags, " from ", _controls(one))
    yield "", Text.assemble(*_lasts(one, at, soon), (f"  until {moment(one.expires_at)}", "dim"))
    ticket = f", {tame(one.ticket)}" if one.ticket else ""
    yield "", Text.assemble(said(one.reason), (f"  {tame(one.owner)}{ticket}, {tame(one.source)}", "dim"))


def _lasts(one: Exemption, at: datetime, soon: datetime) -> list[tuple[str, str]]:
    if one.expires_at <= at:
        return [("expired: no longer in force", "red")]
    left = f"{lasting(one.expires_at - at)} left"
    return [(f"{left}, expires soon", "yellow")] if one.expires_at <= soon else [(left, "green")]
