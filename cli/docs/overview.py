"""docs/controls.md: every control in one place."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from cli.docs.markdown import page, plural, table
from cli.docs.words import KINDS, MEANINGS, by_domain, default_mode, file_of, link, on, places
from cli.entries import Does, Entry, in_order
from shared.arm.servers import read_permissions
from shared.control import Control
from shared.target import Kind, Target

_INTRO = """
Everything that has to hold for Azure Database for PostgreSQL in its three forms: flexible servers, single servers, and
Cosmos DB for PostgreSQL (citus). Each control is one sentence. What can break it, what Holdfast reads, what mends it
and with which permissions stands on the page of its domain. What others ask for, and how each control was tested, is
in [coverage](coverage.md). `holdfast controls` shows the same at the command line.

A control that is **off** does nothing on anybody's server until the [policy](policy.md) gives it a `mode`. One that is
**on** only observes until the policy enforces.
"""


def overview(entries: Sequence[Entry]) -> str:
    """The page."""
    return page("Controls", _parts(entries))


def _parts(entries: Sequence[Entry]) -> Iterator[str]:
    held = sum(entry.held for entry in entries)
    seen = sum(len(entry.kinds) for entry in entries if entry.held)
    everywhere = sum(len(entry.kinds | entry.lacks) for entry in entries)
    yield f"**{len(entries)} controls: {held} are held, {len(entries) - held} are missing.**"
    unseen = sum(entry.fresh is Does.UNSEEN for entry in entries)
    if unseen:
        yield f"{unseen} of these cannot be seen by Holdfast; there a person's word, with an end, stands in the policy."
    yield f"Counted on each kind of server on which they have to hold, {seen} of {everywhere} are held."
    yield _INTRO
    yield "## What the words mean"
    yield "What becomes of a drift where the policy says `enforce` and nothing else; it can be held tighter or looser."
    yield table(("word", "meaning"), ((f"**{word}**", text) for word, text in MEANINGS.items()))
    yield _MENDED
    yield "## All of them"
    for domain, found in by_domain(entries).items():
        yield f"### {domain}"
        yield f"[In detail](controls/{file_of(domain)})"
        yield table(
            ("control", "severity", "on", "a fresh drift is", "found at first sight", "by default", "can be mended"),
            (_row(entry) for entry in found),
        )
    yield "## How many"
    yield _totals(entries)
    yield from _missing(entries)
    yield "## What the fixes need"
    yield "Each ARM action, and the controls whose fix needs it."
    yield table(("action", "needed by"), _actions(entries, lambda kind, control: control.actions(kind)))
    yield "## What the looks need"
    yield "Each ARM action that reads, and the controls that look there. *Reader* holds all of them."
    yield table(("action", "needed by"), _actions(entries, _reads))
    yield places(entries)


_MENDED = """
A **fresh** drift is one that a write has just caused, on a server where the control held before. **Found at first
sight** is what was already so when Holdfast first saw the server. Whatever the words say: a restart, closing the only
way in, letting anybody in and taking the last administrator always wait for a person.
"""


def _row(entry: Entry) -> tuple[str, ...]:
    if entry.fresh is Does.UNSEEN:
        modes: tuple[str, ...] = (f"**{entry.fresh}**", "", "")
    else:
        modes = (entry.fresh.value, entry.first_sight.value, default_mode(entry))
    return (link(entry), str(entry.severity), on(entry), *modes, entry.revert.value)


def _totals(entries: Sequence[Entry]) -> str:
    words = list(Does)
    rows = [
        (domain.replace(" / ", ": "), *_counted(found, words), str(len(found)))
        for domain, found in by_domain(entries).items()
    ]
    return table(("domain", *words, "in all"), [*rows, ("**in all**", *_counted(entries, words), str(len(entries)))])


def _counted(entries: Sequence[Entry], words: Sequence[Does]) -> list[str]:
    found = Counter(entry.fresh for entry in entries)
    return [str(found[word] or "") for word in words]


def _missing(entries: Sequence[Entry]) -> Iterator[str]:
    found = [entry for entry in entries if not entry.held]
    yield "## What is missing"
    yield f"{plural(len(found), 'control')} Holdfast does not hold, and why not." if found else "Nothing."
    yield table(
        ("control", "what has to hold", "severity", "why not"),
        ((link(entry), entry.title, str(entry.severity), entry.missing) for entry in found),
    )
    partly = [entry for entry in entries if entry.lacks]
    yield "Held, but not on every kind of server on which it has to hold:" if partly else ""
    yield table(
        ("control", "not yet on", "why not"),
        ((link(one), ", ".join(KINDS[kind] for kind in in_order(one.lacks)), one.lacks_why) for one in partly),
    )


def _reads(kind: Kind, control: Control) -> frozenset[str]:
    return read_permissions(Target(kind, "subscription", "group", "server"), control.facets)


def _actions(entries: Sequence[Entry], of: Callable[[Kind, Control], frozenset[str]]) -> Iterator[tuple[str, str]]:
    found: dict[str, dict[str, None]] = {}
    for entry in entries:
        for kind, control in entry.cards():
            for action in of(kind, control):
                found.setdefault(action, {})[link(entry)] = None
    for action in sorted(found):
        yield f"`{action}`", ", ".join(found[action])
