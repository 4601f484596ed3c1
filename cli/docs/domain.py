"""docs/controls/: a page for each domain, with everything about its controls."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from cli.docs.markdown import anchor, code, page, table
from cli.docs.words import KINDS, asked_by, default_mode, on
from cli.entries import Entry, in_order, reads
from cli.parameters import parameters_of
from shared.docstring import HEADINGS
from shared.web.shown import RISKS

# From so many controls of one module on a page, what the module says stands once for all of them.
_MANY = 3


def domain_page(domain: str, entries: Sequence[Entry]) -> str:
    """The page of one domain."""
    return page(domain, _parts(entries))


def _parts(entries: Sequence[Entry]) -> Iterator[str]:
    held = sum(entry.held for entry in entries)
    yield f"{held} of {len(entries)} are held. The words are those of [controls](../controls.md#what-the-words-mean)."
    tables = [name for name, times in Counter(entry.module for entry in entries).items() if name and times >= _MANY]
    for entry in entries:
        yield from _control(entry, entry.module in tables)
    for name in tables:
        yield f"## {_module_title(name)}"
        yield _texts(next(entry.texts for entry in entries if entry.module == name))


def _control(entry: Entry, in_table: bool) -> Iterator[str]:
    yield f"## {entry.id}"
    yield f"**{entry.title}.**"
    if entry.missing:
        yield f"Not seen by Holdfast itself: {entry.missing}."
    yield "\n".join(_facts(entry))
    columns = ("on", "a fresh drift is", "found at first sight", "mended", "reads", "broken by", "its fix needs")
    yield table(columns, _needs(entry))
    if in_table:
        yield f"How it is mended: [{_module_title(entry.module)}](#{anchor(_module_title(entry.module))})."
    else:
        yield _texts(entry.texts)
    yield table(("parameter", "takes", "if left out", "meaning"), _taken(entry))
    yield table(("asked for by", "as"), asked_by(entry))
    doubts = "; ".join(entry.provenance.doubts)
    checked = f"Checked: [{entry.provenance.verified}](../coverage.md#every-control)."
    yield f"{checked} In doubt: {doubts}." if doubts else checked


def _module_title(name: str) -> str:
    return name.rpartition(".")[2].replace("_", " ").capitalize()


def _facts(entry: Entry) -> Iterator[str]:
    yield f"- Severity **{entry.severity}**, on {on(entry)}"
    if entry.lacks:
        yield f"- Not yet on {', '.join(KINDS[kind] for kind in in_order(entry.lacks))}: {entry.lacks_why}"
    if entry.wanted:
        yield f"- Wanted: `{entry.wanted}`"
    if entry.while_not:
        yield f"- While it does not hold, {entry.while_not}"
    yield f"- By default **{default_mode(entry)}**"
    if entry.control.risk is not None:
        yield f"- Its fix {RISKS[entry.control.risk]}"


def _needs(entry: Entry) -> Iterator[tuple[str, ...]]:
    """What it needs; kinds of server that need the same have one row."""
    same: dict[tuple[str, ...], list[str]] = {}
    for kind, card in entry.cards():
        needs = (reads(card), sorted(card.operations), sorted(card.actions(kind) | card.rights))
        modes = (entry.fresh_on(kind).value, entry.first_sight_on(kind).value, card.revert.value)
        same.setdefault((*modes, *(code(words) or "nothing" for words in needs)), []).append(KINDS[kind])
    return ((", ".join(kinds), *needs) for needs, kinds in same.items())


def _texts(texts: Mapping[str, str]) -> str:
    return "\n".join(f"- **{word}**: {texts[word]}" for word in HEADINGS if word in texts)


def _taken(entry: Entry) -> Iterator[tuple[str, ...]]:
    for one in parameters_of(entry.control.parameters):
        yield f"`{one.name}`", one.takes, one.default or "must be given", one.meaning
