"""respond-raise-logging: the server writes down who connects and what is read and written.

Why      What was not logged while an attacker was in cannot be found out afterwards.
Fix      Connections and disconnections are logged, and pgaudit records more classes of statements. Lists keep what is
         in them. No restart.
Refuses  What the server lacks: pgaudit records nothing before it is loaded, which takes a restart and so a person.
Undo     Each parameter as it was.
"""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from shared.condition import Condition, Has, OneOf
from shared.control import (
    Case,
    Change,
    Control,
    Drift,
    Finding,
    Needs,
    NotApplicable,
    Parameters,
    Proposal,
    Remediator,
    Severity,
    Source,
)
from shared.responses.response import DOMAIN, Brief, Response
from shared.state import COORDINATOR, Facet, Setting, SettingKind, State, parameter
from shared.target import Kind


class Logged(Parameters):
    """`audit`: the classes of statements that pgaudit records meanwhile."""

    audit: tuple[Literal["read", "write", "function", "role", "ddl", "misc", "all"], ...] = Field(
        default=("read", "write", "role", "ddl"),
        description="The classes of statements that pgaudit records meanwhile, beside those that it records anyway.",
    )


_SWITCHES = ("log_connections", "log_disconnections")
_AUDIT, _LOADED = "pgaudit.log", "shared_preload_libraries"
_OPERATIONS = frozenset({"configurations/write"})


def _facets(prefix: str = "") -> tuple[Facet, ...]:
    return tuple(parameter(f"{prefix}{name}") for name in (*_SWITCHES, _AUDIT, _LOADED))


# A Citus cluster's clients come to its coordinator; there Azure logs connections always.
_CITUS = Needs(
    _facets(f"{COORDINATOR}/"),
    frozenset({"coordinatorconfigurations/write"}),
    frozenset({"coordinatorConfigurations/write"}),
)
CONTROL = Control(
    id="respond-raise-logging",
    title="Who connects, reads and writes is logged while the server is attacked",
    domain=DOMAIN,
    severity=Severity.MEDIUM,
    facets=_facets(),
    operations=_OPERATIONS,
    permissions=_OPERATIONS,
    kinds=frozenset(Kind),
    parameters=Logged,
    variants={Kind.CITUS: _CITUS},
)


def detect(state: State, brief: Brief) -> Finding:
    """Find what is not logged."""
    drifts = tuple(_drifts(state, brief))
    held = any(state.parameters.get(f"{_prefix(state)}{name}") for name in (*_SWITCHES, _AUDIT))
    return drifts if held else NotApplicable("this server has none of the parameters that raise its logging")


def plan(case: Case) -> Proposal:
    """Log it."""
    return tuple(Change(drift.setting, drift.found, drift.wanted, Source.ALERT) for drift in case.drifts)


def notes(state: State, _: Brief) -> tuple[str, ...]:
    """What is not logged although it should be."""
    held = state.parameters.get(f"{_prefix(state)}{_AUDIT}")
    if held is None or _is_loaded(state):
        return ()
    return ("pgaudit is not loaded, so statements are not recorded: loading it takes a restart, a person decides",)


def _drifts(state: State, brief: Brief) -> Iterator[Drift]:
    for name, condition in _wanted(state, brief):
        held = state.parameters.get(name)
        if held is not None and not held.read_only and not condition.holds(held.value):
            why = f"the alert {brief.said} says that somebody may be in who should not be"
            setting = Setting(SettingKind.PARAMETER, name)
            yield Drift(CONTROL.id, setting, held.value, condition.mended(held.value), why)


def _wanted(state: State, brief: Brief) -> Iterator[tuple[str, Condition]]:
    prefix = _prefix(state)
    yield from ((f"{prefix}{name}", OneOf(("on",))) for name in _SWITCHES)
    if _is_loaded(state):
        given = brief.given if isinstance(brief.given, Logged) else Logged()
        yield f"{prefix}{_AUDIT}", Has(given.audit, everything="all")


def _is_loaded(state: State) -> bool:
    held = state.parameters.get(f"{_prefix(state)}{_LOADED}")
    return held is None or Has(("pgaudit",)).holds(held.value)


def _prefix(state: State) -> str:
    return f"{COORDINATOR}/" if state.target.kind is Kind.CITUS else ""


RESPONSE = Response(
    Remediator(CONTROL, detect, plan),
    does="log who connects, reads and writes",
    undo="each parameter as it was",
    idle="everything that was asked for is logged already",
    notes=notes,
)
