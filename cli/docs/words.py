"""The words of the pages about controls, and where each control has its place."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from cli.docs.markdown import anchor, slug
from cli.entries import Does, Entry, in_order
from shared.frameworks import FAMILIES, NAMES
from shared.target import Kind

KINDS: Mapping[Kind, str] = {Kind.FLEXIBLE: "flexible", Kind.SINGLE: "single", Kind.CITUS: "citus"}
MEANINGS: Mapping[Does, str] = {
    Does.REVERTED: "Holdfast makes the change and proves it by reading again.",
    Does.APPROVAL: "Holdfast works the change out and makes it once a person has approved exactly that.",
    Does.TOLD: "People are told; `holdfast apply` makes the change if somebody wants it.",
    Does.REFUSED: "Azure lets it be set only when a server is made. Holdfast refuses, and says what a person can do.",
    Does.PERSON: "No write to Azure mends it. Holdfast says what a person has to do.",
    Does.UNSEEN: "Holdfast cannot see it; it counts as missing. A person's word, with an end, stands in its place.",
}
VERIFIED: Mapping[str, str] = {
    "verified": "Condition and fix were read in Microsoft's documents and published definitions.",
    "partial": "A part of it was; what is in doubt stands with each control.",
    "unverified": "Neither was.",
}
_ALONE = tuple(key for key in NAMES if not any(key in keys for keys in FAMILIES.values()))


def file_of(domain: str) -> str:
    """The page of a domain, below docs/controls."""
    return f"{slug(domain.rpartition(' / ')[2])}.md"


def link(entry: Entry) -> str:
    """A link to a control's section; the page ends with `places`."""
    return f"[`{entry.id}`]"


def places(entries: Iterable[Entry]) -> str:
    """Where the links of a page in docs lead."""
    return "\n".join(f"[`{one.id}`]: controls/{file_of(one.domain)}#{anchor(one.id)}" for one in entries)


def on(entry: Entry) -> str:
    """The kinds of server it is about; those on which it is not held yet apart."""
    held = ", ".join(KINDS[kind] for kind in entry.on)
    lacks = ", ".join(KINDS[kind] for kind in in_order(entry.lacks))
    return f"{held} (not yet: {lacks})" if lacks else held


def by_domain(entries: Iterable[Entry]) -> Mapping[str, Sequence[Entry]]:
    """The entries of each domain, in the order of the entries."""
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.domain, []).append(entry)
    return found


def default_mode(entry: Entry) -> str:
    """Whether it counts while the policy does not speak of it."""
    return "off" if entry.control.optional else "on"


def asked_by(entry: Entry) -> Iterator[tuple[str, str]]:
    """Who asks for it, and under which ids; the versions of one standard together."""
    found = entry.frameworks
    for family in (*_ALONE, *FAMILIES):
        keys = [key for key in FAMILIES.get(family, (family,)) if key in found]
        if keys and family in FAMILIES:
            name = NAMES[keys[0]].rpartition(" ")[0]
            yield name, "; ".join(f"{NAMES[key].rpartition(' ')[2]}: {', '.join(found[key])}" for key in keys)
        elif keys:
            yield NAMES[family], ", ".join(found[family])
    for key in sorted(set(found) - NAMES.keys()):
        yield key, ", ".join(found[key])
