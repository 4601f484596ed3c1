"""Controls on a terminal: the list of all, one of them whole, and both for programs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.text import Text

from cli.entries import Does, Entry, in_order, reads
from cli.parameters import parameters_of
from cli.view.plan import RISKS
from cli.view.text import SEVERITIES, Pairs, Paragraph
from shared.control import Control
from shared.docstring import HEADINGS
from shared.frameworks import NAMES
from shared.target import Kind

KINDS: Mapping[Kind, str] = {Kind.FLEXIBLE: "flexible", Kind.SINGLE: "single", Kind.CITUS: "citus"}
DOES: Mapping[Does, str] = {
    Does.REVERTED: "green",
    Does.APPROVAL: "yellow",
    Does.TOLD: "cyan",
    Does.REFUSED: "blue",
    Does.PERSON: "blue",
    Does.UNSEEN: "red",
}
VERIFIED: Mapping[str, str] = {
    "verified": "condition and fix stand in Microsoft's documents and definitions; not tried on Azure itself",
    "partial": "partly in Microsoft's documents and definitions; not tried on Azure itself",
    "unverified": "not at all",
    "own": "by its author: it is your own, and Holdfast does not vouch for it",
}
# From here on there is room for titles.
_WIDE = 110
# What stands between a control's id and the last column, with the blanks around it.
_COLUMNS = 2 + 8 + 2 + 3 + 2 + 13 + 2


def kind_words(entry: Entry) -> tuple[str, ...]:
    """The kinds of server it is about, as people call them."""
    return tuple(KINDS[kind] for kind in entry.on)


# -- the list ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Listing:
    """Controls by domain, a line each, and below it what is noted about it."""

    entries: Sequence[Entry]
    notes: Mapping[str, str]

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        """The lines, without blanks at their ends; titles where there is room."""
        if not self.entries:
            return
        first = max(len(entry.id) for entry in self.entries) + 2
        yield Text("  ".join(("".ljust(first), "severity", "on ", "a fresh drift is")), "dim")
        for domain, entries in groupby(self.entries, key=lambda entry: entry.domain):
            yield Text(domain, "bold")
            for entry in entries:
                yield from self._lines(entry, first, options.max_width)
            yield Text()
        letters = ", ".join(f"{word[0].upper()} {word}" for word in KINDS.values())
        yield Text(f"on: {letters} servers; lower case: not held", "dim")

    def _lines(self, entry: Entry, first: int, width: int) -> Iterator[RenderableType]:
        cells = [Text(f"  {entry.id}".ljust(first)), _severity(entry), Text(_marks(entry)), _does(entry.fresh)]
        head = Text("  ").join(cells)
        if width >= _WIDE:
            title = Text(entry.title, "dim")
            title.truncate(width - first - _COLUMNS, overflow="ellipsis")
            head.append(" " * (first + _COLUMNS - len(head)))
            head.append_text(title)
        yield head
        if self.notes:
            yield Paragraph(Text(self.notes[entry.id], "cyan"), indent=6)


def _marks(entry: Entry) -> str:
    lacks = entry.lacks if entry.held else entry.kinds
    letters = {kind: word[0] if kind in lacks else word[0].upper() for kind, word in KINDS.items()}
    return "".join(letter if kind in entry.kinds | lacks else "·" for kind, letter in letters.items())


def listing(entries: Sequence[Entry], keys: Sequence[str]) -> Listing:
    """Controls by domain; with their ids in frameworks where some are asked for."""
    return Listing(entries, {entry.id: _ids(entry, keys) for entry in entries} if keys else {})


def missing(entries: Sequence[Entry]) -> Listing:
    """What is not held, each with the reason."""
    return Listing(entries, {entry.id: entry.missing for entry in entries})


def totals(found: Sequence[Entry], every: Sequence[Entry]) -> Text:
    """How many there are, and how many of them Holdfast holds."""
    lines = [_total(found, "shown")] if len(found) < len(every) else []
    return Text("\n").join([*lines, _total(every, "in all")])


def _total(entries: Sequence[Entry], word: str) -> Text:
    held = sum(entry.held for entry in entries)
    unseen = sum(entry.fresh is Does.UNSEEN for entry in entries)
    parts = [f"{len(entries)} {word}: {held} held"]
    parts += [f"{len(entries) - held} missing" + (f" ({unseen} of them cannot be seen)" if unseen else "")]
    return Text(", ".join(parts))


def _ids(entry: Entry, keys: Sequence[str]) -> str:
    found = entry.frameworks
    several = len(keys) > 1
    return "; ".join(
        f"{key} {', '.join(found[key])}" if several else ", ".join(found[key]) for key in keys if key in found
    )


def _severity(entry: Entry) -> Text:
    word = str(entry.severity)
    return Text(word.ljust(8), SEVERITIES[word])


def _does(word: Does) -> Text:
    return Text(word, DOES[word])


# -- one of them ------------------------------------------------------------------------------------------------------


def heading(entry: Entry) -> Group:
    """Which control it is."""
    word = str(entry.severity)
    parts: list[RenderableType] = [
        Text.assemble((entry.id, "bold"), "  ", (word, SEVERITIES[word])),
        Text(entry.title),
    ]
    if entry.missing:
        parts.append(Text(f"Holdfast cannot see it by itself: {entry.missing}", "red"))
    return Group(*parts, Text())


def sheet(entry: Entry) -> Group:
    """Everything else about it."""
    parts: list[RenderableType] = [Pairs(tuple(_facts(entry)))]
    for kind, control in entry.cards():
        parts += _section(f"on {KINDS[kind]} servers", _needs(entry, control, kind))
    parts += _section("in the policy", _taken(entry)) + _section("in its own words", _words(entry))
    parts += _section("asked for by", _asked(entry)) + _section("checked", _checked(entry))
    return Group(*parts)


def _section(title: str, rows: Iterator[tuple[str, Text]]) -> list[RenderableType]:
    found = tuple(rows)
    return [Text(f"\n  {title}", "bold"), Pairs(found)] if found else []


def _facts(entry: Entry) -> Iterator[tuple[str, Text]]:
    yield "domain", Text(entry.domain)
    yield "servers", Text(", ".join(kind_words(entry)))
    if entry.lacks:
        yield "not yet on", Text(f"{', '.join(KINDS[kind] for kind in in_order(entry.lacks))}: {entry.lacks_why}")
    if entry.wanted:
        yield "wants", Text(entry.wanted)
    if entry.own:
        yield "stands in", Text(entry.module)
    yield "counts", Text("where the policy names it" if entry.control.optional else "unasked")
    if entry.control.risk is not None:
        yield "its fix", RISKS[entry.control.risk]


def _needs(entry: Entry, control: Control, kind: Kind) -> Iterator[tuple[str, Text]]:
    yield "fresh drift", _does(entry.fresh_on(kind))
    yield "first sight", _does(entry.first_sight_on(kind))
    yield "mended", Text(control.revert)
    yield "reads", _several(reads(control))
    yield "broken by", _several(sorted(control.operations))
    yield "its fix needs", _several(sorted(control.actions(kind) | control.rights))


def _several(words: Sequence[str] | Iterator[str]) -> Text:
    return Text("\n".join(words) or "nothing")


def _taken(entry: Entry) -> Iterator[tuple[str, Text]]:
    for one in parameters_of(entry.control.parameters):
        default = f"if left out: {one.default}" if one.default else "must be given"
        yield one.name, Text.assemble(f"{one.takes}; {default}", f"\n{one.meaning}" if one.meaning else "")


def _words(entry: Entry) -> Iterator[tuple[str, Text]]:
    if entry.while_not:
        yield "While not", Text(entry.while_not)
    for word in HEADINGS:
        if word in entry.texts:
            yield word, Text(entry.texts[word])


def _asked(entry: Entry) -> Iterator[tuple[str, Text]]:
    found = entry.frameworks
    for key in (*NAMES, *(key for key in found if key not in NAMES)):
        if key in found:
            yield key, Text(", ".join(found[key]))


def _checked(entry: Entry) -> Iterator[tuple[str, Text]]:
    yield "how well", Text(VERIFIED[entry.provenance.verified])
    for doubt in entry.provenance.doubts:
        yield "in doubt", Text(doubt)


# -- for programs -----------------------------------------------------------------------------------------------------


def plain(entry: Entry) -> dict[str, Any]:
    """A control in a few members."""
    return {
        "id": entry.id,
        "title": entry.title,
        "domain": entry.domain,
        "kinds": list(kind_words(entry)),
        "missing_on": [KINDS[kind] for kind in in_order(entry.lacks if entry.held else entry.kinds)],
        "severity": str(entry.severity),
        "held": entry.held,
        "missing": entry.missing,
        "fresh": entry.fresh.value,
        "first_sight": entry.first_sight.value,
        "revert": entry.revert.value,
        "optional": entry.control.optional,
        "own": entry.own,
        "frameworks": {key: list(ids) for key, ids in entry.frameworks.items()},
    }


def whole(entry: Entry) -> dict[str, Any]:
    """A control with all that is known."""
    control = entry.control
    return {
        **plain(entry),
        "wanted": entry.wanted,
        "on": {KINDS[kind]: _plain_needs(entry, card, kind) for kind, card in entry.cards()},
        "parameters": control.parameters.model_json_schema() if control else {},
        "risk": control.risk.value if control and control.risk else "",
        "text": dict(entry.texts),
        "verified": entry.provenance.verified,
        "doubts": list(entry.provenance.doubts),
    }


def _plain_needs(entry: Entry, control: Control, kind: Kind) -> dict[str, Any]:
    return {
        "fresh": entry.fresh_on(kind).value,
        "first_sight": entry.first_sight_on(kind).value,
        "revert": control.revert.value,
        "facets": [str(facet) for facet in control.facets],
        "operations": sorted(control.operations),
        "permissions": sorted(control.actions(kind) | control.rights),
    }
