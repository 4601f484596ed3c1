"""The policy about one control at one place: the lines of all levels that hold there, put together.

For each key the most specific level that says something wins, and within a level the control's own line wins over the
level's default. A line that names the control decides alone. A default is held back by the catalogue: where the
catalogue asks for a person, a default of `enforce` asks for a person too.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from shared.control import Control, Disposition, Parameters
from shared.policy.layer import ControlPolicy, Delay, Layer
from shared.policy.mode import Mode, capped

type Levels = Sequence[Sequence[Layer]]
"""From general to specific; the layers of a level have equal rank and never contradict each other."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one line says. `rank` is the number of its level, and whether the line names the control."""

    value: Any
    rank: tuple[int, bool]
    where: str = ""


@dataclass(frozen=True, slots=True)
class Trace:
    """How a key came to its value: the line that decided, the lines it overrode, and what held the value back."""

    value: Any
    said: Said | None = None
    overridden: tuple[Said, ...] = ()
    note: str = ""

    @property
    def where(self) -> str:
        """`file:line` of the line that decided, or nothing for a built-in default."""
        return self.said.where if self.said else ""

    @property
    def rank(self) -> tuple[int, bool]:
        """That of the line that decided; a built-in default is the most general."""
        return self.said.rank if self.said else (-1, False)


@dataclass(frozen=True, slots=True)
class Rule:
    """The policy about one control: modes for a fresh drift and for a drift found at first sight.

    `where` is the line that decided `fresh`; `traces` tells the same of every key (`mode`, `first_sight`, `delay`,
    `parameters.NAME`). `said` is who asks for it, where that is no line about a control but a playbook.
    """

    fresh: Mode
    first_sight: Mode
    parameters: Parameters
    named: bool
    delay: Delay | None = None
    where: str = ""
    traces: Mapping[str, Trace] = field(default_factory=dict, compare=False)
    said: str = ""


def make_rule(control: Control, levels: Levels) -> Rule:
    """Put the levels together."""
    mode = _mode(control, levels)
    first_sight = _first_sight(control, levels, mode)
    delay = _latest(_named(control, levels, "delay"))
    parameters, traces = _parameters(control, levels)
    return Rule(
        fresh=mode.value,
        first_sight=first_sight.value,
        parameters=parameters,
        named=mode.rank[1],
        delay=delay.value if delay.value and delay.value.hours else None,
        where=mode.where,
        traces={"mode": mode, "first_sight": first_sight, "delay": delay, **traces},
    )


def _mode(control: Control, levels: Levels) -> Trace:
    trace = _latest(_defaults(levels, "mode") + _named(control, levels, "mode"))
    return trace if trace.rank[1] else _held_back(trace, control.fresh, control.optional)


def _first_sight(control: Control, levels: Levels, mode: Trace) -> Trace:
    trace = _latest(_defaults(levels, "first_sight") + _named(control, levels, "first_sight"))
    if trace.said is None:
        trace = _latest(_defaults(levels, "mode"))
    if not trace.rank[1]:
        trace = _held_back(trace, control.first_sight, control.optional and not mode.rank[1])
    if mode.rank <= trace.rank:
        return trace
    overridden = (trace.said, *trace.overridden) if trace.said else ()
    if mode.value.rank < trace.value.rank:
        # A mode from a more specific line also narrows what is done at first sight; it never widens it.
        return Trace(mode.value, mode.said, overridden, "not more than the mode")
    if mode.rank[1] and not (control.permissions or control.rights):
        return Trace(mode.value, mode.said, overridden, "the mode: nothing is ever written for this control")
    return trace


def _held_back(trace: Trace, disposition: Disposition, optional: bool) -> Trace:
    if optional:
        return replace(trace, value=Mode.OFF, note="optional, off until a line names it")
    mode = trace.value or Mode.AUDIT
    held = capped(mode, disposition)
    return replace(trace, value=held, note="" if held is mode else f"{mode}, held back by the catalogue")


def _parameters(control: Control, levels: Levels) -> tuple[Parameters, dict[str, Trace]]:
    given: dict[str, list[Said]] = {}
    for number, layer, line in _lines(control, levels):
        for name in line.parameters.model_fields_set if line.parameters else ():
            where = layer.where("controls", control.id, "parameters", name)
            given.setdefault(name, []).append(Said(getattr(line.parameters, name), (number, True), where))
    values = {name: _latest(said).value for name, said in given.items()}
    parameters = control.parameters().model_copy(update=values)
    names = type(parameters).model_fields
    return parameters, {
        f"parameters.{name}": _latest(given[name]) if name in given else Trace(getattr(parameters, name))
        for name in names
    }


def _defaults(levels: Levels, key: str) -> list[Said]:
    return [
        Said(value, (number, False), layer.where(key))
        for number, level in enumerate(levels)
        for layer in level
        if (value := getattr(layer, key)) is not None
    ]


def _named(control: Control, levels: Levels, key: str) -> list[Said]:
    return [
        Said(value, (number, True), layer.where("controls", control.id, key))
        for number, layer, line in _lines(control, levels)
        if (value := getattr(line, key)) is not None
    ]


def _lines(control: Control, levels: Levels) -> Iterator[tuple[int, Layer, ControlPolicy]]:
    for number, level in enumerate(levels):
        for layer in level:
            if control.id in layer.controls:
                yield number, layer, layer.controls[control.id]


def _latest(said: list[Said]) -> Trace:
    """The most specific of the lines, and what it overrides."""
    if not said:
        return Trace(None)
    *overridden, decided = sorted(said, key=lambda line: line.rank)
    return Trace(decided.value, decided, tuple(reversed(overridden)))
