"""Every control as it is shown, held or not: its card, the table of the missing, and the module's own text."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from remediators import load_all, modules
from shared.control import Control, Disposition, Revert, Severity
from shared.control_ids import DOMAINS, IDS
from shared.docstring import texts_of
from shared.missing import PARTLY
from shared.standards import Provenance, frameworks, provenance
from shared.target import Kind

if TYPE_CHECKING:
    from shared.own_controls import Own


class Does(StrEnum):
    """What becomes of a drift where the policy says `enforce` and nothing else."""

    REVERTED = "put back"
    APPROVAL = "proposed"
    TOLD = "told"
    REFUSED = "refused"
    PERSON = "a person acts"
    UNSEEN = "not seen"


_DOES = {Disposition.AUTO: Does.REVERTED, Disposition.APPROVAL: Does.APPROVAL, Disposition.NOTIFY: Does.TOLD}
_MOST_FIRST = list(Does)


@dataclass(frozen=True, slots=True)
class Entry:
    """One control: its card, and what stands around the card.

    `module` is the name of the module that holds it, `texts` what the module says under each heading. Where it is a row
    of a table, `wanted` is what the row wants, and `while_not` what is wrong without it. `lacks` are kinds of server on
    which it has to hold and is not held yet, and `lacks_why` says why not. An `own` one is the owner's.
    """

    control: Control
    module: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    wanted: str = ""
    while_not: str = ""
    lacks: frozenset[Kind] = frozenset()
    lacks_why: str = ""
    own: bool = False

    @property
    def id(self) -> str:
        """The control's id."""
        return self.control.id

    @property
    def title(self) -> str:
        """The sentence that must hold."""
        return self.control.title

    @property
    def severity(self) -> Severity:
        """How bad it is while it does not hold."""
        return self.control.severity

    @property
    def kinds(self) -> frozenset[Kind]:
        """The kinds of server it is about."""
        return self.control.kinds

    @property
    def revert(self) -> Revert:
        """What it takes to mend a drift."""
        return self.control.revert

    @property
    def missing(self) -> str:
        """Why it does not count as held; empty where Holdfast sees by itself whether it holds."""
        return self.control.unobserved

    @property
    def domain(self) -> str:
        """The domain it belongs to."""
        return self.control.domain

    @property
    def held(self) -> bool:
        """Whether Holdfast sees by itself whether it holds."""
        return not self.missing

    @property
    def provenance(self) -> Provenance:
        """How well it was checked, and what is in doubt."""
        return Provenance(verified="own") if self.own else provenance(self.id)

    @property
    def frameworks(self) -> Mapping[str, tuple[str, ...]]:
        """The ids under which others ask for it."""
        return frameworks(self.control)

    @property
    def on(self) -> tuple[Kind, ...]:
        """The kinds of server it is about, the newest first."""
        return in_order(self.kinds)

    def cards(self) -> tuple[tuple[Kind, Control], ...]:
        """The card as it reads for each kind of server."""
        return tuple((kind, self.control.on(kind)) for kind in self.on)

    @property
    def fresh(self) -> Does:
        """What becomes of a drift that a write has just caused, on the kinds of server where most can be done."""
        return min(map(self.fresh_on, self.on), key=_MOST_FIRST.index)

    @property
    def first_sight(self) -> Does:
        """What becomes of a drift that was there when the server was first seen, where most can be done."""
        return min(map(self.first_sight_on, self.on), key=_MOST_FIRST.index)

    def fresh_on(self, kind: Kind) -> Does:
        """What becomes of a drift that a write has just caused, on this kind of server."""
        return _done(self.control.on(kind), kind, self.control.fresh)

    def first_sight_on(self, kind: Kind) -> Does:
        """What becomes of a drift that was there when the server was first seen."""
        return _done(self.control.on(kind), kind, self.control.first_sight)


def in_order(kinds: Iterable[Kind]) -> tuple[Kind, ...]:
    """Kinds of server, the newest first."""
    return tuple(kind for kind in (Kind.FLEXIBLE, Kind.SINGLE, Kind.CITUS) if kind in kinds)


def _done(card: Control, kind: Kind, disposition: Disposition) -> Does:
    if card.unobserved:
        return Does.UNSEEN
    if card.actions(kind) or card.rights:
        return _DOES[disposition]
    return Does.REFUSED if card.revert is Revert.CREATE_TIME else Does.PERSON


def reads(card: Control) -> tuple[str, ...]:
    """What is read for it, in words."""
    return (*map(str, card.facets), *(["what the policy names"] if card.reads else []))


@cache
def entries() -> tuple[Entry, ...]:
    """Every control, in the order in which controls are shown."""
    found = {entry.id: entry for module in modules() for entry in _written(module)}
    place = {name: number for number, name in enumerate(IDS)}
    return tuple(sorted(found.values(), key=lambda entry: place.get(entry.id, len(IDS))))


def every_entry(folder: Path | None) -> tuple[Entry, ...]:
    """The same with the owner's own controls from this folder, each in its domain. Raises BadControls."""
    if folder is None:
        return entries()
    from shared.own_controls import read_own

    found = (*entries(), *map(_owned, read_own(folder, load_all()).values()))
    place = {name: number for number, name in enumerate(DOMAINS)}
    return tuple(sorted(found, key=lambda entry: (place.get(entry.domain, len(DOMAINS)), entry.domain)))


def _owned(own: "Own") -> Entry:
    return Entry(
        control=own.remediator.control,
        module=str(own.spot),
        texts=own.texts,
        wanted=own.wanted,
        while_not=own.why,
        own=True,
    )


def _written(module: Any) -> list[Entry]:
    texts = texts_of(module.__doc__)
    rows = {row.id: row for row in getattr(module, "ROWS", ())}
    return [_entry(one.control, module.__name__, texts, rows.get(one.control.id)) for one in module.REMEDIATORS]


def _entry(control: Control, module: str, texts: Mapping[str, str], row: object) -> Entry:
    partly = next((one for one in PARTLY if one.id == control.id), None)
    return Entry(
        control=control,
        module=module,
        texts=texts,
        wanted=_wanted(row),
        while_not=str(getattr(row, "why", "")),
        lacks=partly.kinds if partly else frozenset(),
        lacks_why=partly.why if partly else "",
    )


def _wanted(row: Any) -> str:
    """What a row of a table wants, with the parameters' own defaults."""
    condition = getattr(row, "condition", "")
    if not isinstance(condition, Mapping):
        return str(condition)
    try:
        found = dict.fromkeys(str(make(row.given())) for make in condition.values())
    except ValidationError:
        return f"{row.name} as the policy says"
    return f"{row.name}: {' or '.join(found)}"
