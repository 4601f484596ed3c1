"""server-parameter-baseline: the server parameters that the policy names have the values that it names.

Why      Whatever no other control knows is the owner's decision all the same: somebody measured, and chose.
Fix      Write the last good value, else the policy's. A list keeps what is in it and gets what is missing. On Citus
         clusters coordinator and workers get the same.
Refuses  Not applicable without values in the policy. A parameter that this version of the server lacks is passed over,
         and one that is static waits for somebody's restart.
Undo     Write the value as it was.
"""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BeforeValidator, Field

from shared.condition import Condition, Has, OneOf, listed
from shared.control import Control, Finding, Needs, NotApplicable, Parameters, Remediator, Severity
from shared.held import drifts_of
from shared.state import Facet, State, parameter, parameter_names
from shared.target import Kind

_WRITE = frozenset({"configurations/write"})
# Whoever overwrites one of these takes away what others have put there.
_LISTS = ("azure.extensions", "pgaudit.log", "shared_preload_libraries")
_WHY = "the policy names another value"


def _text(value: object) -> object:
    """The value as PostgreSQL writes it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value) if isinstance(value, int | float) else value


Name = Annotated[str, Field(pattern=r"^[A-Za-z_][\w.]*$")]
Text = Annotated[str, BeforeValidator(_text, json_schema_input_type=str | int | float | bool)]


class Baseline(Parameters):
    """`values`: what each of these server parameters must be."""

    values: Mapping[Name, Text] = {}


def _reads(kind: Kind, baseline: Baseline) -> tuple[Facet, ...]:
    return tuple(parameter(each) for name in baseline.values for each in parameter_names(kind, name))


CONTROL = Control(
    id="server-parameter-baseline",
    title="Every modifiable server parameter equals its recorded baseline",
    domain="Logging & Monitoring / Security Monitoring & Alerting",
    severity=Severity.MEDIUM,
    facets=(),
    operations=_WRITE,
    permissions=_WRITE,
    kinds=frozenset(Kind),
    variants={
        Kind.SINGLE: Needs((), _WRITE | {"updateconfigurations/action"}, _WRITE),
        Kind.CITUS: Needs(
            (),
            frozenset({"coordinatorconfigurations/write", "nodeconfigurations/write"}),
            frozenset({"coordinatorConfigurations/write", "nodeConfigurations/write"}),
        ),
    },
    parameters=Baseline,
    optional=True,
    reads=_reads,
)


def detect(state: State, baseline: Baseline) -> Finding:
    """Find parameters with another value than the policy's."""
    if not baseline.values:
        return NotApplicable("the policy names no values of parameters")
    held = [
        (found, _condition(name, value))
        for name, value in baseline.values.items()
        for each in parameter_names(state.target.kind, name)
        if (found := state.parameters.get(each)) is not None
    ]
    if not held:
        return NotApplicable(f"this server has no parameter {' or '.join(baseline.values)}")
    return tuple(drift for found, condition in held for drift in drifts_of(CONTROL.id, found, condition, _WHY))


def _condition(name: str, value: str) -> Condition:
    return Has(tuple(listed(value))) if name.lower() in _LISTS else OneOf((value,))


REMEDIATORS = (Remediator(CONTROL, detect),)
