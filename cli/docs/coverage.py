"""docs/coverage.md: what others ask for and who holds it, which tests are about a control, and what one costs."""

from collections.abc import Iterator, Mapping, Sequence
from statistics import median

from cli.docs.checkout import files_of, how_tested, lines_of
from cli.docs.markdown import anchor, page, table
from cli.docs.policy_names import POLICY_NAMES
from cli.docs.words import VERIFIED, link, places
from cli.entries import Entry
from shared.frameworks import NAMES

_INTRO = """
Which ids of each standard and tool a control of Holdfast stands for, and which of them are held. The ids counted are
those that speak of PostgreSQL on Azure or of what it depends on; the rest of a standard is not Holdfast's business. An
id is **covered** when at least one control that answers to it is held. A tool's check for another thing that comes
nearest to a control (an alert on network security groups, for one on servers) counts as that control's.

The ids of ISO 27001 and PCI DSS are claimed through the mappings that Prowler publishes for its checks: they are what
Prowler says of its check, not what an auditor says of a server. A control without a Prowler check claims none.
"""
_MATRIX = """
**Observed**: Holdfast reads what it needs by itself. **Detected**: a drift is found and told; *by attestation*: the
policy says who looked and until when, and it is told when that is over. **A fresh drift is** as
in [controls](controls.md#what-the-words-mean). **Tested**: *laws* are those of `tests/test_every_control.py`, which
every control is under on every kind of server it is about; *own* is a test file for its module; *end to end* are real
processes against the emulated Azure. **Checked** is how well condition and fix were verified. Nothing was tried on
Azure itself.
"""
_COST = """
Lines are the control's own row where it is one of a table, and its part of the rest of its module, with docstring and
imports. Files are those of controls, standards and their tests that name it. A control about something that Holdfast
does not read yet takes more: a facet, how it is read, and the emulator's side of it.
"""


def coverage(entries: Sequence[Entry]) -> str:
    """The page."""
    return page("Coverage", _parts(entries))


def _parts(entries: Sequence[Entry]) -> Iterator[str]:
    asked = {key: _asked(entries, key) for key in NAMES}
    yield _INTRO
    yield "## In short"
    yield table(("asked for by", "ids", "covered", "not covered"), (_summed(key, asked[key]) for key in NAMES))
    for key, name in NAMES.items():
        yield f"## {name}"
        yield table(("id", "held by", "missing"), (_row(key, one, found) for one, found in asked[key].items()))
    yield "## Every control"
    yield _MATRIX
    yield table(
        ("control", "observed", "detected", "a fresh drift is", "tested", "checked"), (_matrix(one) for one in entries)
    )
    yield table(("checked", "meaning"), VERIFIED.items())
    yield "## What a control costs"
    yield _COST
    yield _costs(entries)
    yield places(entries)


def _asked(entries: Sequence[Entry], key: str) -> Mapping[str, Sequence[Entry]]:
    """The controls that answer to each id of a framework; ids in their natural order."""
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        for one in entry.frameworks.get(key, ()):
            found.setdefault(one, []).append(entry)
    return dict(sorted(found.items(), key=lambda pair: _natural(pair[0])))


def _natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Numbers by their value: 5.2.10 comes after 5.2.9."""
    words = "".join(letter if letter.isdigit() else f" {letter} " for letter in text).split()
    return tuple((0, int(word), "") if word.isdigit() else (1, 0, word) for word in words)


def _summed(key: str, asked: Mapping[str, Sequence[Entry]]) -> tuple[str, ...]:
    covered = sum(any(entry.held for entry in found) for found in asked.values())
    return (f"[{NAMES[key]}](#{anchor(NAMES[key])})", str(len(asked)), str(covered), str(len(asked) - covered or ""))


def _row(key: str, one: str, found: Sequence[Entry]) -> tuple[str, str, str]:
    name = f"`{one}`" if key != "azure-policy" else f"{POLICY_NAMES.get(one, '')}<br>`{one}`"
    held = ", ".join(link(entry) for entry in found if entry.held)
    return name, held, ", ".join(link(entry) for entry in found if not entry.held)


def _matrix(entry: Entry) -> tuple[str, ...]:
    found = how_tested(entry)
    tests = ["laws", *(["own"] if found.own else []), *(["end to end"] if found.end_to_end else [])]
    attested = "by attestation" if entry.control.parameters.model_fields else ""
    seen, detected = ("yes", "yes") if entry.held else ("", attested)
    return (link(entry), seen, detected, entry.fresh.value, ", ".join(tests), entry.provenance.verified)


def _costs(entries: Sequence[Entry]) -> str:
    figures: Mapping[str, Sequence[float]] = {
        "lines of code": [lines_of(entry) for entry in entries],
        "files": [files_of(entry) for entry in entries],
    }
    rows = [(name, f"{median(held):.0f}", f"{min(held):.0f}", f"{max(held):.0f}") for name, held in figures.items()]
    return table(("of each control that is written", "median", "least", "most"), rows)
