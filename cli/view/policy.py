"""A policy for people: what it is made of, which line decided, what another one changes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cli.view.text import Pairs, full_id, said, where
from shared.control import Catalogue
from shared.policy import Mode, Policy, Scope
from shared.policy.explain import Explanation
from shared.policy.spot import Problem
from shared.policy_diff import Comparison, Step
from shared.scope import Place

MODES: Mapping[str, str] = {
    Mode.OFF: "dim",
    Mode.AUDIT: "blue",
    Mode.NOTIFY: "cyan",
    Mode.APPROVE: "yellow",
    Mode.ENFORCE: "green",
}
_WORDS = {"first_sight": "first sight"}
# Room for a mode with what held it back, and for two networks.
_VALUES = 24


def usable(path: Path, policy: Policy) -> Text:
    """That the policy is right, and what is in it."""
    parts = {"exemption": policy.exemptions, "trusted identity": policy.trusted, "route": policy.routes}
    counts = ", ".join(_count(len(held), word) for word, held in parts.items() if held)
    return Text.assemble(("✓ ", "green"), said(str(path)), " is a usable policy", f": {counts}" if counts else "")


def modes(policy: Policy, catalogue: Catalogue) -> Group:
    """What the policy says about each control, and which scopes say otherwise."""
    table = _table("control", "mode", "first sight", "scopes with a line of their own")
    for name, remediator in catalogue.items():
        rule = policy.general_rule(remediator.control)
        own = [scope.name for scope in policy.scopes if name in scope.controls]
        table.add_row(name, _mode(rule.fresh), _mode(rule.first_sight), said(", ".join(own)))
    return Group(Text(), table, *([_scopes(policy)] if policy.scopes else []))


def _scopes(policy: Policy) -> Table:
    table = _table("scope", "for", "mode", "first sight")
    for scope in policy.scopes:
        tags = "; ".join(f"{name} = {' or '.join(sorted(values))}" for name, values in scope.tags.items())
        table.add_row(said(scope.name), said(where(scope.scope) if scope.scope else tags), *_modes(scope))
    return table


def _modes(scope: Scope) -> tuple[Text, Text]:
    return _mode(scope.mode or "–"), _mode(scope.first_sight or "–")


def remarks(problems: Sequence[Problem], folder: str) -> Text:
    """What is worth a look, each with its place."""
    lines = [Text.assemble(("! ", "yellow"), said(f"{folder}{problem}")) for problem in problems]
    return Text("\n").join(lines) if lines else Text("nothing to remark", "dim")


def place_heading(policy: Policy, place: Place) -> Group:
    """Which server this is about, as it was described, and the scopes that hold there."""
    parts: list[RenderableType] = [Text(place.target.name, "bold"), full_id(place.target)]
    described = [f"{name}={value}" for name, value in place.tags.items()]
    described += [f"management group {name}" for name in place.management_groups]
    if described:
        parts.append(said(", ".join(described)))
    scopes = policy.scopes_at(place)
    if scopes:
        names = (Text.assemble(said(scope.name, "bold"), " ", _dim(scope.where("name"))) for scope in scopes)
        parts.append(Text.assemble("scopes, the more specific one wins: ", Text(" < ").join(names)))
    return Group(*parts)


def explanation(found: Sequence[Explanation]) -> Group:
    """Every key of every control: its value, the line that decided, and those it overrides."""
    keys = max((len(row[0]) for one in found for row in _rows(one)), default=0)
    return Group(*(part for one in found for part in _explained(one, keys)))


def _explained(one: Explanation, keys: int) -> Iterator[RenderableType]:
    yield Text()
    yield Text.assemble(said(one.control, "bold"), "  ", _dim(one.title))
    table = Table.grid(padding=(0, 2, 0, 0))
    for width, wrapped in ((1, False), (keys, False), (_VALUES, True), (None, False), (None, True)):
        table.add_column(width=width, no_wrap=not wrapped)
    for row in _rows(one):
        table.add_row("", *row)
    yield table
    for exemption in one.exemptions:
        answers = ", ".join(filter(None, (exemption.owner, exemption.ticket)))
        until = Text(f"   exempt until {exemption.expires_at:%Y-%m-%d %H:%M} UTC", "magenta")
        yield Text.assemble(until, " ", _dim(exemption.source), ": ", said(f"{exemption.reason} ({answers})"))


def _rows(one: Explanation) -> Iterator[tuple[Text, Text, Text, Text]]:
    for line in one.lines:
        yield _key(line.key), _valued(line.key, line.value), _dim(line.where), _dim(line.note)
        for value, where_ in line.overridden:
            yield Text(), _dim(value), _dim(where_), _dim("overridden")


def explanation_json(policy: Policy, place: Place, found: Iterable[Explanation]) -> Mapping[str, Any]:
    """The same for programs."""
    return {
        "target": place.target.id,
        "tags": dict(place.tags),
        "management_groups": list(place.management_groups),
        "scopes": [{"name": scope.name, "where": scope.where("name")} for scope in policy.scopes_at(place)],
        "controls": [one.as_json() for one in found],
    }


def comparison(found: Comparison, servers: int) -> Group:
    """What another policy changes, for all and for each server."""
    if not found:
        return Group(Text.assemble(("✓ ", "green"), f"nothing changes for {_count(servers, 'server')}"))
    parts: list[RenderableType] = []
    if found.everywhere:
        parts += [Text("everywhere", "bold"), *_changes(found.everywhere), Text()]
    for target, steps in found.servers.items():
        parts += [Text(target.name, "bold"), full_id(target), *_changes(steps), Text()]
    parts.append(Text(f"{len(found.servers)} of {_count(servers, 'server')} would be treated otherwise"))
    return Group(*parts)


def comparison_json(found: Comparison) -> Mapping[str, Any]:
    """The same for programs."""
    return {
        "everywhere": [_step(step) for step in found.everywhere],
        "servers": {target.id: [_step(step) for step in steps] for target, steps in found.servers.items()},
    }


def _changes(steps: Iterable[Step]) -> Iterator[RenderableType]:
    for control, some in groupby(steps, key=lambda step: step.control):
        yield Text.assemble("  ", said(control or "policy"))
        rows = ((step.key.removeprefix("parameters."), _way(step)) for step in some)
        yield Pairs(tuple((_WORDS.get(key, key), way) for key, way in rows), indent=4)


def _way(step: Step) -> Text:
    return Text.assemble(said(step.before, "red"), " → ", said(step.after, "green"))


def _step(step: Step) -> Mapping[str, str]:
    return {"control": step.control, "key": step.key, "before": step.before, "after": step.after}


def _key(key: str) -> Text:
    return said(_WORDS.get(key, key.removeprefix("parameters.")))


def _valued(key: str, value: str) -> Text:
    return _mode(value) if key in ("mode", "first_sight") else said(value or "''")


def _mode(mode: str) -> Text:
    return Text(str(mode), MODES.get(mode, ""))


def _dim(text: str) -> Text:
    return said(text, "dim")


def _count(number: int, word: str) -> str:
    plural = f"{word.removesuffix('y')}ies" if word.endswith("y") else f"{word}s"
    return f"{number} {word if number == 1 else plural}"


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for number, column in enumerate(columns):
        table.add_column(column, overflow="fold", no_wrap=number == 0)
    return table
