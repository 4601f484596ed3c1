"""Playbooks on a terminal and for programs."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cli.view.policy import MODES
from cli.view.text import Pairs, said
from shared.policy import Playbook
from shared.policy.playbooks import AlertMatch, Step
from shared.responses import RESPONSES

_ANY = "every alert"


def listing(found: Sequence[Playbook]) -> RenderableType:
    """A playbook, the alerts it is for, and what it does at most."""
    if not found:
        return Text("No playbook: alerts are told and nothing is done about them.")
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("playbook", "alerts", "responses", "from"):
        table.add_column(name, overflow="fold", no_wrap=name == "playbook")
    for one in found:
        source = "Holdfast" if one.shipped else one.where
        table.add_row(said(one.name, "bold"), said(alerts(one.match)), _modes(one), said(source, "dim"))
    return table


def here(found: Sequence[Playbook]) -> Group:
    """The playbooks that would answer an alert about one server."""
    return Group(Text("\na security alert here is answered by the first that fits", "bold"), listing(found))


def sheet(one: Playbook) -> Group:
    """One of them whole."""
    source = "came with Holdfast; `default_playbooks` in the policy says what it may do" if one.shipped else one.where
    facts: list[tuple[str, Text]] = [("alerts", said(alerts(one.match))), ("from", said(source))]
    parts: list[RenderableType] = [said(one.name, "bold"), Pairs(tuple(facts))]
    for number, step in enumerate(one.steps, 1):
        parts += [Text.assemble(f"\n  {number}  ", (step.response, "bold"), "  ", _mode(step))]
        parts.append(Pairs(tuple(_facts(step)), indent=5))
    return Group(*parts)


def alerts(match: AlertMatch) -> str:
    """Which alerts, in words."""
    said_ = [
        " or ".join(match.types),
        " or ".join(match.severities),
        f"called {' or '.join(match.titles)}" if match.titles else "",
        " or ".join(f"{entity.kind} {entity.name}" for entity in match.entities),
        f"below {' or '.join(match.scopes)}" if match.scopes else "",
        ", ".join(f"{name}={value}" for name, value in match.tags.items()),
    ]
    return "; ".join(filter(None, said_)) or _ANY


def plain(one: Playbook) -> dict[str, Any]:
    """The same for programs."""
    return {
        "name": one.name,
        "shipped": one.shipped,
        "where": one.where,
        "match": one.match.model_dump(mode="json"),
        "responses": [_plain(step) for step in one.steps],
    }


def _plain(step: Step) -> dict[str, Any]:
    return {
        "response": step.response,
        "does": RESPONSES[step.response].does,
        "mode": step.mode.value,
        "asked": (step.asked or step.mode).value,
        "hours": step.hours,
        "undo": RESPONSES[step.response].undo,
        "where": step.where,
    }


def _modes(one: Playbook) -> Text:
    """How many responses there are in each mode: `3 enforce, 1 approve`."""
    counts = Counter(step.mode for step in one.steps)
    return Text(", ").join(Text(f"{count} {mode}", MODES[mode]) for mode, count in counts.items())


def _mode(step: Step) -> Text:
    asked = f" (of {step.asked})" if step.asked not in (None, step.mode) else ""
    return Text(f"{step.mode}{asked}", MODES[step.mode])


def _facts(step: Step) -> Iterator[tuple[str, Text]]:
    response = RESPONSES[step.response]
    yield "does", Text(response.does)
    if step.hours:
        yield "ends", Text(f"by itself after {step.hours:g} h")
    yield "undo", Text(response.undo)
