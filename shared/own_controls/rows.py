"""Rows of the owner's as remediators: a parameter, or a property of the server, that must meet a condition.

What is written, and with which permission, is decided here as it is for a control that ships; a row only says what.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from shared.condition import Between, Condition, Has, OneOf, Text
from shared.control import (
    Control,
    Disposition,
    Drift,
    Finding,
    Needs,
    NotApplicable,
    Parameters,
    Remediator,
    Revert,
    Severity,
)
from shared.held import drifts_of
from shared.own_controls.sheet import RowSheet
from shared.state import COORDINATOR, PROPERTIES, SERVER, WORKERS, Server, Setting, SettingKind, State, parameter
from shared.target import Kind

KINDS = {"flexible": Kind.FLEXIBLE, "single": Kind.SINGLE, "citus": Kind.CITUS}
_SERVER_WRITE = frozenset({"write"})
_NOTHING: frozenset[str] = frozenset()
# What a copy has from its source; Azure refuses to write it there.
_OF_THE_SOURCE = frozenset({"backup.retentionDays", "highAvailability.mode"})
_SOURCES = ("", "none", "primary", "master")


@dataclass(frozen=True, slots=True)
class Row:
    """A row that was checked: it is about a property, or about a parameter. Where `person` is set, nothing is
    written."""

    id: str
    condition: Condition
    why: str
    property: str
    parameter: str
    person: str
    told: str


def writable(sheet: RowSheet) -> bool:
    """Whether a write can mend what the row is about."""
    return sheet.parameter is not None or sheet.property in PROPERTIES


def condition_of(sheet: RowSheet) -> Condition:
    """The condition with the value that is written: the one that the row names, else the first, or the lowest."""
    given = sheet.condition
    wanted = None if sheet.wanted is None else str(sheet.wanted)
    if given.one_of:
        # The wanted one comes first.
        return OneOf(tuple(sorted(given.one_of, key=lambda one: wanted is not None and one.lower() != wanted.lower())))
    if given.between:
        low, high = given.between.low, given.between.high
        number = int(wanted) if wanted is not None and wanted.lstrip("-").isdecimal() else low
        return Between(low, high, wanted=number)
    if given.has:
        return Has(given.has)
    return Text(given.text or (), wanted or " ".join(given.text or ()))


def remediator_of(sheet: RowSheet) -> Remediator:
    """The row as a remediator. The row was checked before."""
    told = bool(sheet.person)
    kinds = frozenset(KINDS[word] for word in sheet.kinds)
    needs = {kind: _needs(sheet, kind) for kind in kinds}
    first = needs.get(Kind.FLEXIBLE) or next(iter(needs.values()))
    fresh, first_sight = (Disposition.NOTIFY, Disposition.NOTIFY) if told else (Disposition.AUTO, Disposition.APPROVAL)
    control = Control(
        id=sheet.id,
        title=sheet.title,
        domain=sheet.domain,
        severity=Severity[sheet.severity.upper()],
        facets=first.facets,
        operations=first.operations,
        permissions=first.permissions,
        fresh=sheet.fresh or fresh,
        first_sight=sheet.first_sight or first_sight,
        revert=Revert.PERSON if told else Revert.IN_PLACE,
        kinds=kinds,
        frameworks=sheet.frameworks,
        variants=needs,
        optional=True,
    )
    return Remediator(control, partial(_detect, _row(sheet)))


def _row(sheet: RowSheet) -> Row:
    condition = condition_of(sheet)
    told = str(condition) if sheet.wanted is None else str(sheet.wanted)
    return Row(sheet.id, condition, sheet.why, sheet.property or "", sheet.parameter or "", sheet.person, told)


def _names(name: str, kind: Kind) -> Sequence[str]:
    """A Citus cluster has each parameter twice."""
    return [f"{role}/{name}" for role in (COORDINATOR, WORKERS)] if kind is Kind.CITUS else [name]


def _needs(sheet: RowSheet, kind: Kind) -> Needs:
    if sheet.parameter is None:
        return Needs((SERVER,), _SERVER_WRITE, _NOTHING if sheet.person else _SERVER_WRITE)
    facets = tuple(map(parameter, _names(sheet.parameter, kind)))
    match kind:
        case Kind.CITUS:
            written = frozenset({"coordinatorConfigurations/write", "nodeConfigurations/write"})
            operations = frozenset(map(str.lower, written))
        case Kind.SINGLE:
            written = frozenset({"configurations/write"})
            operations = written | {"updateconfigurations/action"}
        case Kind.FLEXIBLE:
            operations = written = frozenset({"configurations/write"})
    return Needs(facets, operations, _NOTHING if sheet.person else written)


# -- the judgement ----------------------------------------------------------------------------------------------------


def _detect(row: Row, state: State, _: Parameters) -> Finding:
    return _detect_parameter(row, state) if row.parameter else _detect_property(row, state)


def _detect_parameter(row: Row, state: State) -> Finding:
    names = _names(row.parameter, state.target.kind)
    held = [found for name in names if (found := state.parameters.get(name)) is not None]
    if not held:
        return NotApplicable(f"this server has no parameter {row.parameter}")
    if not row.person:
        return tuple(drift for one in held for drift in drifts_of(row.id, one, row.condition, row.why))
    wrong = [one for one in held if not row.condition.holds(one.value)]
    return tuple(_told(row, Setting(SettingKind.PARAMETER, one.name), one.value) for one in wrong)


def _detect_property(row: Row, state: State) -> Finding:
    server = state.server
    if server is None:
        return NotApplicable("the server was not read")
    if row.property in _OF_THE_SOURCE and _is_copy(server):
        return NotApplicable("a replica takes this from its source")
    found = server.facts.get(row.property)
    if found is None:
        return NotApplicable(f"Azure reports no {row.property} for this server")
    if row.condition.holds(found):
        return ()
    setting = Setting(SettingKind.PROPERTY, row.property)
    if row.person:
        return (_told(row, setting, found),)
    return (Drift(row.id, setting, found, row.condition.mended(found), row.why),)


def _told(row: Row, setting: Setting, found: str) -> Drift:
    return Drift(row.id, setting, found, row.told, row.why, person=row.person)


def _is_copy(server: Server) -> bool:
    return server.facts.get("replicationRole", "").lower() not in _SOURCES or "sourceResourceId" in server.facts
